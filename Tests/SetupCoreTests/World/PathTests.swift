import TestSupport
import Testing

@testable import SetupCore

@Suite("Paths")
struct PathTests {
  @Test(
    "Home, absolute and relative paths become absolute",
    arguments: [
      ("/etc/x", nil, "/etc/x"), ("~", nil, "/home/admin"), ("~/x", nil, "/home/admin/x"),
      ("~other/x", nil, "/home/admin/work/~other/x"), ("x", nil, "/home/admin/work/x"),
      ("./x", nil, "/home/admin/work/x"), ("../x", nil, "/home/admin/work/../x"), (".", nil, "/home/admin/work"),
      ("", nil, "/home/admin/work"), ("x", "/answers", "/answers/x"), ("x", "", "/home/admin/work/x"),
      ("x", "sub", "/home/admin/work/sub/x"), ("x", "~", "/home/admin/x"), ("/x", "/answers", "/x"),
    ] as [(String, String?, String)])
  func absolute(_ path: String, _ base: String?, _ expected: String) {
    #expect(World.fake().absolutePath(path, relativeTo: base) == expected)
  }

  @Test(
    "A context's name is one component of the state folder's path, whatever is in it",
    arguments: [
      ("prod", "prod"), ("kind-a.b_c@d", "kind-a.b_c@d"),
      ("arn:aws:eks:us-east-1:123456789012:cluster/prod", "arn_aws_eks_us-east-1_123456789012_cluster_prod-"),
      ("..", "..-"), (".", ".-"), ("", "-"), ("../../etc", ".._.._etc-"), ("a b\n", "a_b_-"), ("größe", "gr__e-"),
      (String(repeating: "x", count: 300), String(repeating: "x", count: 100) + "-"),
    ])
  func stateFolder(_ context: String, _ component: String) {
    let folder = StateFolder(context: context, namespace: "ns", world: .fake())
    // A name that could not stand as it is ends with a fingerprint of eight digits.
    let start = "/home/admin/.local/state/mlops-setup/\(component)"
    let isChanged = component.hasSuffix("-")
    #expect(folder.path.hasPrefix(start))
    #expect(folder.path.utf8.count == start.utf8.count + (isChanged ? 8 : 0) + "/ns".utf8.count)
    #expect(folder.journal == folder.path + "/journal.jsonl")
    #expect(folder.file("values.yaml") == folder.path + "/values.yaml")
  }

  @Test("Two contexts whose names look alike as files have two folders")
  func distinct() {
    let paths = ["a/b", "a:b", "a_b"].map { StateFolder(context: $0, namespace: "n", world: .fake()).path }
    #expect(Set(paths).count == 3)
  }

  @Test("XDG_STATE_HOME counts where it is absolute, as its specification says")
  func xdg() {
    func path(_ home: String) -> String {
      StateFolder(context: "c", namespace: "n", world: .fake(environment: ["XDG_STATE_HOME": home])).path
    }
    #expect(path("/var/state") == "/var/state/mlops-setup/c/n")
    #expect(path("relative") == "/home/admin/.local/state/mlops-setup/c/n")
    #expect(path("") == "/home/admin/.local/state/mlops-setup/c/n")
  }

  @Test("Without a context the folder is the cluster's that we run in")
  func inCluster() throws {
    let setup = try Samples.setup(Samples.answers(["cluster.context": .text("")]))
    #expect(try setup.stateFolder().path == "/home/admin/.local/state/mlops-setup/in-cluster/datarobot-mlops")
    let without = try Samples.setup(Samples.answers(["cluster.namespace": .text("")]))
    let error = #expect(throws: SetupError.self) { try without.stateFolder() }
    #expect(error?.message == "cluster.namespace is missing")
  }
}
