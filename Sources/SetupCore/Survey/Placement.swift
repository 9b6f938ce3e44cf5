import Kubernetes
import YAML

/// Where the chart's pods may be scheduled, as its values say.
public struct Placement: Sendable, Equatable {
  /// What lets a pod onto a tainted node (core/v1 Toleration).
  public struct Toleration: Sendable, Equatable {
    /// The taint's key; empty with `Exists`: every taint.
    public var key = ""
    /// `Equal` or `Exists`.
    public var operation = "Equal"
    /// The taint's value, for `Equal`.
    public var value = ""
    /// The taint's effect; empty: every effect.
    public var effect = ""

    /// A toleration of every taint of a key.
    public init(key: String = "", operation: String = "Equal", value: String = "", effect: String = "") {
      self.key = key
      self.operation = operation
      self.value = value
      self.effect = effect
    }

    /// Whether it lets a pod onto a node with that taint (k8s.io/api, core/v1 ToleratesTaint).
    func tolerates(_ taint: Node.Taint) -> Bool {
      if !effect.isEmpty, effect != taint.effect { return false }
      if key.isEmpty { return operation == "Exists" }
      return key == taint.key && (operation == "Exists" || value == taint.value ?? "")
    }
  }

  /// Labels that a node must have.
  public var nodeSelector: [String: String] = [:]
  /// Taints that are tolerated.
  public var tolerations: [Toleration] = []
  /// The part of the values that says so: `imageBuilder`; nil: none does.
  public var section: String?

  /// Anywhere, without a toleration.
  public init() {}

  /// The parts of the values that can place pods, the one whose pods need the room first: images are built by the image
  /// builder. Charts that do not place it place the agent alone.
  static let sections = ["imageBuilder", "managementAgent", "bosun", ""]

  /// What values files say together, the later ones winning as in Helm.
  init(values: [YAMLNode]) {
    for section in Self.sections {
      func node(_ root: YAMLNode, _ key: String) -> YAMLNode? { (section.isEmpty ? root : root[section])?[key] }
      var selector: [String: String] = [:]
      var tolerations: [Toleration] = []
      for root in values {
        if let labels = node(root, "nodeSelector") {
          if labels.isNull { selector = [:] }
          for entry in labels.mapping ?? [] { selector[entry.key] = entry.value.isNull ? nil : entry.value.text }
        }
        if let list = node(root, "tolerations") { tolerations = (list.sequence ?? []).map(Toleration.init) }
      }
      guard !selector.isEmpty || !tolerations.isEmpty else { continue }
      self.nodeSelector = selector
      self.tolerations = tolerations
      self.section = section.isEmpty ? "the chart's top level" : section
      return
    }
  }

  /// The taints that keep these pods off a node.
  func untolerated(_ node: Node) -> [Node.Taint] { Self.repelling(node).filter { taint in !isTolerated(taint) } }

  /// The taints that only its tolerations make harmless.
  func tolerated(_ node: Node) -> [Node.Taint] { Self.repelling(node).filter(isTolerated) }

  private func isTolerated(_ taint: Node.Taint) -> Bool { tolerations.contains { $0.tolerates(taint) } }

  private static func repelling(_ node: Node) -> [Node.Taint] {
    node.spec.taints.filter { $0.effect == "NoSchedule" || $0.effect == "NoExecute" }
  }
}

extension Placement.Toleration {
  fileprivate init(_ node: YAMLNode) {
    self.init(
      key: node["key"]?.text ?? "", operation: node["operator"]?.text ?? "Equal", value: node["value"]?.text ?? "",
      effect: node["effect"]?.text ?? "")
  }
}

extension Placement {
  /// Reads the values that the chart will see. A chart that cannot be read says nothing here, its own check says that; a
  /// further file that cannot be read could say anything.
  static func read(_ setup: Setup) async throws -> Placement {
    guard let path = setup.answers[.chartPath] else { return Placement() }
    let chart = await ChartLoader(world: setup.world).load(setup.path(path)).value
    let unknown = Chart(path: path, name: "", version: "", appVersion: nil, values: nil)
    return Placement(values: try ValuesLayer.all(setup, chart ?? unknown).compactMap(\.root))
  }
}
