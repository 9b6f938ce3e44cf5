import Kubernetes
import Registry

extension Check {
  /// The images run on the nodes that can take them. What could not be looked at is told by `registry.images`; here only
  /// what was seen is judged.
  static let registryArchitecture = Check(
    "registry.architecture", title: "Images run on the nodes",
    required: "the images are built for the architecture of every Linux node that pods can land on",
    why: "An image for another architecture ends with 'exec format error' on the node it lands on.",
    needs: [.registryImages, .nodes], after: ["cluster.credentials"], exemption: noImages
  ) { survey, _, _ in
    .judging(survey.registryImages) { images in
      .judging(survey.nodes) { nodes in ArchitectureVerdict(nodes, images.filter { $0.use != .generated }).finding }
    }
  }
}

/// Images against nodes.
private struct ArchitectureVerdict {
  /// How many nodes there are of each architecture.
  private let nodes: [String: Int]
  private let images: [ImageObservation]

  init(_ nodes: [Node], _ images: [ImageObservation]) {
    var counts: [String: Int] = [:]
    for node in nodes where Self.isCandidate(node) {
      counts[Self.architecture(node), default: 0] += 1
    }
    self.nodes = counts
    self.images = images
  }

  /// Linux, and nothing keeps pods off that tolerate nothing.
  private static func isCandidate(_ node: Node) -> Bool {
    let system = node.status.nodeInfo.operatingSystem
    return (system.isEmpty || system == "linux") && node.isReady && !node.spec.unschedulable
      && !node.spec.taints.contains { $0.effect == "NoSchedule" || $0.effect == "NoExecute" }
  }

  private static func architecture(_ node: Node) -> String {
    let reported = node.status.nodeInfo.architecture
    return reported.isEmpty ? node.metadata.labels["kubernetes.io/arch"] ?? "unknown" : reported
  }

  var finding: Finding {
    let seen = images.compactMap { image in image.platforms.value.map { (image, architectures($0)) } }
    guard !seen.isEmpty else {
      if images.allSatisfy(\.isBrought) {
        return Finding(
          .warn, observed: "not built yet",
          message: "The plan builds the images on this machine; docker builds for its own architecture.",
          remedy: Remedy("See that the nodes have the same.", command: Self.command), details: lines)
      }
      return Finding(
        .skipped, observed: "", message: "No image could be looked into; registry.images says why.", details: lines)
    }
    let known = nodes.keys.filter { $0 != "unknown" }.sorted()
    guard !known.isEmpty else {
      return nodes.isEmpty
        ? .left(to: "nodes.fit", "No node can take pods; nodes.fit says why.")
        : Finding(
          .unknown, observed: "the nodes do not say", message: "The nodes do not report their architecture.",
          remedy: Remedy("See for yourself.", command: Self.command))
    }
    let observed = "nodes: " + known.map { "\(nodes[$0] ?? 0) \($0)" }.joined(separator: ", ")
    let useless = seen.filter { !$0.1.isEmpty && $0.1.isDisjoint(with: known) }
    if !useless.isEmpty {
      return Finding(
        .fail, observed: observed,
        message: "Only \(known.joined(separator: " and ")) nodes take pods, and "
          + Self.grouped(useless).map { names, has in
            "\(names.joined(separator: ", ")) \(names.count == 1 ? "is" : "are") built for "
              + has.joined(separator: ", ")
          }.joined(separator: "; ") + ".",
        remedy: Remedy(
          "Push images for \(known.joined(separator: ", ")), or add a node for these.", command: Self.command),
        details: lines)
    }
    let partial = seen.filter { !$0.1.isEmpty && !$0.1.isSuperset(of: known) }
    if !partial.isEmpty {
      let common = partial.reduce(Set(known)) { $0.intersection($1.1) }.sorted()
      let selector = common.first.map { "Set nodeSelector kubernetes.io/arch: \($0)" } ?? "Set nodeSelectors"
      return Finding(
        .warn, observed: observed,
        message:
          "The nodes are of several architectures (\(known.joined(separator: ", "))), and "
          + Self.grouped(partial).map { names, has in
            "\(names.joined(separator: ", ")) \(names.count == 1 ? "runs" : "run") on "
              + "\(has.joined(separator: ", ")) only"
          }.joined(separator: "; ") + ".",
        remedy: Remedy(
          "\(selector) for the agent, the image builder and the prediction servers in a values file of chart.values, or "
            + "taint the other nodes.", command: Self.command), details: lines)
    }
    let silent = seen.filter(\.1.isEmpty)
    if !silent.isEmpty {
      return Finding(
        .warn, observed: observed,
        message: silent.map(\.0.reference).joined(separator: ", ")
          + (silent.count == 1 ? " does not say what it is built for." : " do not say what they are built for."),
        remedy: Remedy("See for yourself that it is built for \(known.joined(separator: ", "))."), details: lines)
    }
    return Finding(
      .pass, observed: observed,
      message: seen.count == images.count
        ? "The images run on every node that takes pods."
        : "The \(seen.count) of \(images.count) images that could be looked into run on every node that takes pods.",
      details: lines)
  }

  /// The images with the same architectures together, in the order of the first of each.
  private static func grouped(
    _ images: [(ImageObservation, Set<String>)]
  ) -> [(names: [String], architectures: [String])] {
    var groups: [(names: [String], architectures: [String])] = []
    for (image, has) in images {
      if let index = groups.firstIndex(where: { $0.architectures == has.sorted() }) {
        groups[index].names.append(image.reference)
      } else {
        groups.append(([image.reference], has.sorted()))
      }
    }
    return groups
  }

  private func architectures(_ platforms: [ImagePlatform]) -> Set<String> {
    Set(platforms.filter { $0.operatingSystem == "linux" }.map(\.architecture))
  }

  private var lines: [String] {
    images.map { image in
      let state =
        switch image.platforms {
        case .seen(let platforms):
          platforms.isEmpty ? "names no architecture" : platforms.map(\.description).joined(separator: ", ")
        case .failed(let failure): failure.message
        case .notAsked: image.presence.failure?.message ?? "not looked at"
        }
      return "\(image.use.rawValue) \(image.reference): \(state)"
    }
  }

  private static let command = "kubectl get nodes -L kubernetes.io/arch"
}
