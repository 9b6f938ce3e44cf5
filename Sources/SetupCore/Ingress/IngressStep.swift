import Kubernetes
import Text

/// Puts an ingress controller in place, or its class, where there is none: what another hand made is left, and that is said.
struct IngressStep: Step {
  let id: StepID
  let title: String
  private let target: IngressTarget
  /// What it consists of, each of which looks first.
  private let parts: [any Step]
  private let release: ReleaseStep
  private let kubectl: Kubectl

  /// Others may be served by it by now.
  var staysUnlessNamed: Bool { true }

  /// The steps for these answers.
  static func steps(_ answers: Answers) -> [IngressStep] {
    guard let target = IngressTarget(answers) else { return [] }
    let source = IngressSource(target, answers)
    let id: StepID = "ingress-controller"
    let release = ReleaseStep(id: id, title: "Helm release", source, answers)
    let controller = IngressStep(
      id: id, title: "Ingress controller", target,
      parts: [
        NamespaceStep(answers, name: IngressTarget.namespace),
        ValuesFileStep(id: id, title: "Values file", source), release,
        RolloutStep(id: id, source, answers),
      ], release, answers)
    guard target.product == .traefik else { return [controller] }
    let ingressClass = IngressStep(
      id: "ingress-class", title: "IngressClass", target,
      parts: [ObjectStep(id: "ingress-class", title: "IngressClass", [target.ingressClass], answers)], release, answers)
    return [controller, ingressClass]
  }

  private init(
    id: StepID, title: String, _ target: IngressTarget, parts: [any Step], _ release: ReleaseStep, _ answers: Answers
  ) {
    self.id = id
    self.title = title
    self.target = target
    self.parts = parts
    self.release = release
    kubectl = Kubectl(answers)
  }

  func commands(_ setup: Setup) async throws -> [EquivalentCommand] {
    if try await left(setup) != nil { return [] }
    var commands: [EquivalentCommand] = []
    for part in parts { commands += try await part.commands(setup) }
    return commands
  }

  func access(namespaceExists: Bool) -> [AccessRequest] {
    let ingressClass = AccessRequest("get", .ingressClasses, name: target.className)
    return [ingressClass] + parts.flatMap { $0.access(namespaceExists: false) }
  }

  func inspect(_ setup: Setup) async throws -> StepState {
    if let left = try await left(setup) { return left }
    var found: [String] = []
    var changes: [String] = []
    for part in parts {
      switch try await part.inspect(setup) {
      case .blocked(let reason): return .blocked(reason)
      case .done(let text): found.append(text)
      case .needed(let lines): changes += lines
      }
    }
    if changes.isEmpty { return .done(found.joined(separator: "; ")) }
    let notice = parts.count > 1 ? target.product.notice : nil
    return .needed([notice].compactMap { $0 } + changes)
  }

  /// What is there already and not ours, so that nothing is done; nil: nothing is.
  private func left(_ setup: Setup) async throws -> StepState? {
    let client = try setup.kubernetes()
    if try await client.apiGroups().value.serves("route.openshift.io") {
      return .done("OpenShift's own router serves the models: no ingress controller is installed")
    }
    let name = target.className
    let live = try await client.find(IngressClass.self, .ingressClasses, name: name)?.value
    let isForeign = try await release.isForeign(setup)
    if let live, isForeign || !isOurs(live.metadata) {
      return .done(
        "IngressClass \(name) (\(OutsideText.clean(live.spec.controller))) is there already, made by "
          + "\(maker(live.metadata)): it is used as it is, and nothing is installed")
    }
    if isForeign {
      return .blocked(
        "release \(target.release) in the namespace \(IngressTarget.namespace) was made by another hand and is left as it "
          + "is, but there is no IngressClass \(name). Set ingress.className to the class that it serves, and "
          + "ingress.install: none; or remove it.")
    }
    return nil
  }

  private func isOurs(_ metadata: ObjectMeta) -> Bool {
    ManagedObject.isOurs(metadata) || helmRelease(metadata) == "\(IngressTarget.namespace)/\(target.release)"
  }

  private func helmRelease(_ metadata: ObjectMeta) -> String? {
    guard let name = metadata.annotations["meta.helm.sh/release-name"] else { return nil }
    return "\(metadata.annotations["meta.helm.sh/release-namespace"] ?? "")/\(name)"
  }

  private func maker(_ metadata: ObjectMeta) -> String {
    OutsideText.clean(
      helmRelease(metadata).map { "the Helm release \($0)" } ?? ManagedObject.owners(metadata), limit: 120)
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    for part in parts {
      if part is ReleaseStep { try await release.claim(setup) }
      switch try await part.inspect(setup) {
      case .blocked(let reason): throw SetupError(.installFailed, reason)
      case .done: break
      case .needed: try await part.perform(setup, progress: progress)
      }
    }
  }

  func traces(_ setup: Setup) async throws -> [Trace] {
    switch try await left(setup) {
    case .done(let reason)?, .blocked(let reason)?: return [.stays("stays: \(reason)")]
    case .needed?, nil: break
    }
    var traces: [Trace] = []
    for part in parts.reversed() {
      if part.staysUnlessNamed {
        let delete = kubectl.anywhere(["delete", "namespace", IngressTarget.namespace])
        traces.append(
          .stays("Namespace \(IngressTarget.namespace) stays, with whatever else is in it; to remove it: \(delete)"))
      } else {
        traces += try await part.traces(setup)
      }
    }
    return traces
  }
}

extension IngressTarget {
  /// The class, for a chart that makes none with this controller value.
  fileprivate var ingressClass: WantedObject {
    WantedObject(
      .ingressClasses, "IngressClass", className, namespace: nil, ["spec": ["controller": .string(controller)]])
  }
}
