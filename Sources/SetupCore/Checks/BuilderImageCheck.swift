import Kubernetes

extension Check {
  /// The image builder starts on these nodes. Advisory: what a node's cgroups are is read off its system's name.
  static let builderImage = Check(
    "builder.image", title: "Image builder", required: "kaniko 1.9.0 or newer, or --force, on nodes with cgroup v2",
    why: "kaniko before 1.9.0 takes a container on cgroup v2 for a machine of its own, refuses to run, and no model is "
      + "ever built.",
    isBlocking: false, needs: [.values, .nodes], after: ["cluster.credentials"],
    exemption: { answers, _ in answers[.chartPath] == nil ? "No chart was named." : nil }
  ) { survey, _, _ in
    .judging(survey.values) { values in
      let builder = ImageBuilder(values)
      let observed = builder.image + (builder.imageKey == nil ? ", the plugin's default" : "")
      if let version = builder.version, version >= BuilderStart.enough {
        return Finding(
          .pass, observed: observed, message: "The image builder is kaniko \(version), which knows cgroup v2.")
      }
      if builder.isForced {
        return Finding(
          .pass, observed: observed + " with --force", message: "The image builder runs with --force.")
      }
      return .judging(survey.nodes) { nodes in judge(builder, nodes, observed) }
    }
  }

  private static func judge(_ builder: ImageBuilder, _ nodes: [Node], _ observed: String) -> Finding {
    let linux = nodes.filter { $0.status.nodeInfo.operatingSystem != "windows" }
    let judged = linux.map { (node: $0, cgroups: Cgroups.guess($0)) }
    let second = judged.filter { $0.cgroups == .second }
    let lines = judged.prefix(10).map { node, cgroups in
      "\(node.metadata.name): \(node.status.nodeInfo.osImage ?? "system unknown"), kubelet "
        + "\(node.status.nodeInfo.kubeletVersion): \(cgroups.rawValue)"
    }
    let remedy = Remedy(
      "Set imageBuilder.cgroupV2: force, which starts it all the same; or newer, with imageBuilder.image: "
        + "\(BuilderStart.newest), upstream's last, or ghcr.io/osscontainertools/kaniko, a maintained fork; upstream is "
        + "archived since June 2025. What a file of chart.values sets wins over both.",
      url: "https://github.com/osscontainertools/kaniko")
    guard let version = builder.version else {
      return Finding(
        .warn, observed: observed,
        message: "The name of the image builder \(builder.image) does not tell whether it is kaniko 1.9.0 or newer.",
        remedy: remedy, details: lines)
    }
    if !second.isEmpty {
      return Finding(
        .warn, observed: "\(observed); \(second.count) of \(linux.count) nodes with cgroup v2",
        message: "kaniko \(version) refuses to start on nodes with cgroup v2, such as \(second[0].node.metadata.name).",
        remedy: remedy, details: lines)
    }
    if judged.isEmpty || judged.contains(where: { $0.cgroups == .unknown }) {
      return Finding(
        .unknown, observed: "\(observed); nodes of unknown cgroups",
        message: "Whether the nodes use cgroup v2, on which kaniko \(version) refuses to start, could not be told.",
        remedy: remedy, details: lines)
    }
    return Finding(
      .pass, observed: "\(observed); cgroup v1", message: "The nodes use cgroup v1, on which kaniko \(version) runs.",
      details: lines)
  }
}

/// Which control groups a node's kernel presents.
enum Cgroups: String, Sendable {
  case first = "cgroup v1"
  case second = "cgroup v2"
  case unknown = "cgroups unknown"

  /// The first version with cgroup v2 by default, and whether older ones are known to have v1.
  private static let systems: [(name: String, since: SemanticVersion)] = [
    ("Ubuntu", SemanticVersion(21, 10)), ("Debian GNU/Linux", SemanticVersion(11, 0)),
    ("Red Hat Enterprise Linux", SemanticVersion(9, 0)), ("Rocky Linux", SemanticVersion(9, 0)),
    ("AlmaLinux", SemanticVersion(9, 0)), ("Oracle Linux Server", SemanticVersion(9, 0)),
    ("CentOS Stream", SemanticVersion(9, 0)), ("Fedora", SemanticVersion(31, 0)),
    ("Amazon Linux 2023", SemanticVersion(0, 0)), ("Bottlerocket OS", SemanticVersion(1, 13)),
    ("Container-Optimized OS from Google", SemanticVersion(0, 0)), ("Flatcar", SemanticVersion(2969, 0)),
    ("Talos", SemanticVersion(0, 0)), ("Azure Linux", SemanticVersion(0, 0)),
    ("CBL-Mariner/Linux", SemanticVersion(0, 0)),
    ("Microsoft Azure Linux", SemanticVersion(0, 0)), ("Common Base Linux Mariner", SemanticVersion(0, 0)),
  ]

  /// What is known of a node from its kubelet and its system's name.
  static func guess(_ node: Node) -> Cgroups {
    let info = node.status.nodeInfo
    // Kubelets refuse cgroup v1 from 1.35 on (failCgroupV1).
    if let version = SemanticVersion(String(info.kubeletVersion.drop { $0 == "v" })), version >= SemanticVersion(1, 35)
    {
      return .second
    }
    guard let image = info.osImage else { return .unknown }
    // OpenShift 4.14 made v2 the default of new clusters; upgraded ones keep what they had.
    if image.contains("CoreOS") { return image.hasPrefix("Fedora CoreOS") ? .second : .unknown }
    // GKE keeps v1 on nodes made before 1.26.
    if image.hasPrefix("Container-Optimized OS") {
      let minor = SemanticVersion(String(info.kubeletVersion.drop { $0 == "v" }))?.minor ?? 0
      return minor >= 26 ? .second : .unknown
    }
    if image.hasPrefix("Amazon Linux 2"), !image.hasPrefix("Amazon Linux 2023") { return .first }
    guard let system = systems.first(where: { image.hasPrefix($0.name) }) else { return .unknown }
    if system.since == SemanticVersion(0, 0) { return .second }
    let rest = image.dropFirst(system.name.count).drop { !$0.isNumber }
    let numbers = rest.prefix { $0.isNumber || $0 == "." }.split(separator: ".").compactMap { Int($0) }
    guard let major = numbers.first else { return .unknown }
    return SemanticVersion(major, numbers.count > 1 ? numbers[1] : 0) >= system.since ? .second : .first
  }
}
