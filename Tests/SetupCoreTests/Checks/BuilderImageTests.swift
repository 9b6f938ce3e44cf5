import Kubernetes
import Testing
import YAML

@testable import SetupCore

@Suite("The check of the image builder")
struct BuilderImageTests {
  private static func node(_ image: String?, kubelet: String = "v1.31.0") -> String {
    let system = image.map { #","osImage":"\#($0)""# } ?? ""
    return
      #"{"metadata":{"name":"n1"},"status":{"nodeInfo":{"operatingSystem":"linux","kubeletVersion":"\#(kubelet)"\#(system)}}}"#
  }

  private static func values(_ text: String) throws -> EffectiveValues {
    var values = EffectiveValues()
    values.lay(try YAML.parse(text, source: "values.yaml"))
    return values
  }

  private static func verdict(_ text: String, _ nodes: [String]) throws -> Finding {
    try finding(.builderImage) { survey in
      survey.values = .seen(try values(text))
      survey.nodes = .seen(try nodes.map { try object(Node.self, $0) })
    }
  }

  @Test(
    "A node's control groups are read off its kubelet and its system",
    arguments: [
      ("Ubuntu 20.04.6 LTS", "v1.31.0", Cgroups.first), ("Ubuntu 22.04.5 LTS", "v1.31.0", .second),
      ("Ubuntu 21.10", "v1.24.0", .second), ("Debian GNU/Linux 10 (buster)", "v1.24.0", .first),
      ("Debian GNU/Linux 12 (bookworm)", "v1.31.0", .second),
      ("Red Hat Enterprise Linux 8.9 (Ootpa)", "v1.29.0", .first),
      ("Red Hat Enterprise Linux 9.4 (Plow)", "v1.29.0", .second),
      ("Red Hat Enterprise Linux CoreOS 416.94.202410 (Plow)", "v1.29.0", .unknown),
      ("Amazon Linux 2", "v1.29.0", .first), ("Amazon Linux 2023.6.20241031", "v1.29.0", .second),
      ("Bottlerocket OS 1.20.0 (aws-k8s-1.29)", "v1.29.0", .second),
      ("Container-Optimized OS from Google", "v1.25.0", .unknown),
      ("Container-Optimized OS from Google", "v1.30.5-gke.1", .second),
      ("Flatcar Container Linux by Kinvolk 3815.2.0 (Oklo)", "v1.29.0", .second),
      ("Linux", "v1.31.0", .unknown), (nil, "v1.31.0", .unknown),
      // From 1.35 on kubelets refuse the older ones.
      ("Ubuntu 20.04.6 LTS", "v1.35.0", .second), (nil, "v1.36.1-eks-abc", .second),
    ] as [(String?, String, Cgroups)])
  func cgroups(_ image: String?, _ kubelet: String, _ expected: Cgroups) throws {
    #expect(Cgroups.guess(try object(Node.self, Self.node(image, kubelet: kubelet))) == expected)
  }

  @Test(
    "Charts name the builder in many ways",
    arguments: [
      ("imageBuilder: {}", "gcr.io/kaniko-project/executor:v1.8.1", nil),
      ("imageBuilder: {image: r.example.com/kaniko:v1.23.2}", "r.example.com/kaniko:v1.23.2", "imageBuilder.image"),
      (
        "imageBuilder: {image: r.example.com:5000/kaniko, tag: 1.24.0}", "r.example.com:5000/kaniko:1.24.0",
        "imageBuilder.image"
      ),
      (
        "imageBuilder: {image: {registry: r.example.com, repository: kaniko, tag: v1.9.1}}",
        "r.example.com/kaniko:v1.9.1", "imageBuilder.image"
      ),
      (
        "imageBuilder: {repository: r.example.com/kaniko, tag: v1.8.1, ppsImage: x:1.2.3}",
        "r.example.com/kaniko:v1.8.1", "imageBuilder.repository"
      ),
      (
        "imageBuilder: {kaniko: {image: {repository: r.example.com/kaniko, tag: v1.20.0}}}",
        "r.example.com/kaniko:v1.20.0", "imageBuilder.kaniko"
      ),
      (
        "imageBuilder: {image: '', generatedImageRepository: r.example.com/models}",
        "gcr.io/kaniko-project/executor:v1.8.1", nil
      ),
    ] as [(String, String, String?)])
  func names(_ text: String, _ image: String, _ key: String?) throws {
    let builder = ImageBuilder(try Self.values(text))
    #expect(builder.image == image)
    #expect(builder.imageKey == key)
  }

  @Test(
    "An old kaniko warns on cgroup v2 and passes on v1; --force and newer ones pass anywhere; else nobody knows",
    arguments: [
      (
        "{}", node("Ubuntu 22.04.5 LTS"), FindingStatus.warn,
        "kaniko 1.8.1 refuses to start on nodes with cgroup v2, such as n1."
      ),
      ("{}", node("Ubuntu 20.04.6 LTS"), .pass, "The nodes use cgroup v1, on which kaniko 1.8.1 runs."),
      (
        "{}", node("Linux"), .unknown,
        "Whether the nodes use cgroup v2, on which kaniko 1.8.1 refuses to start, could not be told."
      ),
      (
        "{imageBuilder: {extraArguments: [--force]}}", node("Ubuntu 22.04.5 LTS"), .pass,
        "The image builder runs with --force."
      ),
      (
        "{imageBuilder: {image: 'ghcr.io/osscontainertools/kaniko:v1.28.3'}}", node(nil), .pass,
        "The image builder is kaniko 1.28.3, which knows cgroup v2."
      ),
      (
        "{imageBuilder: {image: 'gcr.io/kaniko-project/executor:v1.9.0-debug'}}", node(nil), .pass,
        "The image builder is kaniko 1.9.0, which knows cgroup v2."
      ),
      (
        "{imageBuilder: {image: 'r.example.com/kaniko:latest'}}", node("Ubuntu 20.04.6 LTS"), .warn,
        "The name of the image builder r.example.com/kaniko:latest does not tell whether it is kaniko 1.9.0 or newer."
      ),
      (
        "{imageBuilder: {image: 'r.example.com/builder:9.9.9'}}", node("Ubuntu 20.04.6 LTS"), .warn,
        "The name of the image builder r.example.com/builder:9.9.9 does not tell whether it is kaniko 1.9.0 or newer."
      ),
    ])
  func verdicts(_ text: String, _ node: String, _ status: FindingStatus, _ message: String) throws {
    let found = try Self.verdict(text, [node])
    #expect(found.status == status)
    #expect(found.message == message)
    #expect((found.remedy == nil) == (status == .pass))
  }

  @Test("Nodes that may not be listed, or none, are unknown")
  func nodes() throws {
    #expect(try Self.verdict("{}", []).status == .unknown)
    let found = try finding(.builderImage) { survey in
      survey.values = .seen(try Self.values("{}"))
      survey.nodes = .failed(ObservationFailure(.denied, "nodes: 403"))
    }
    #expect(found == Finding(.unknown, observed: "nodes: 403", message: "nodes: 403"))
  }
}
