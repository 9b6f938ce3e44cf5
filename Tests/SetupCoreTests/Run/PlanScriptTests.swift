import FoundationEssentials
import TestSupport
import Testing

@testable import SetupCore

@Suite("The script of a plan")
struct PlanScriptTests {
  @Test(
    "The programs it needs are those that its commands call, not those that its texts name",
    arguments: [
      ("kubectl get pods", ["kubectl"]), ("printf %s x |\njq .a", ["jq"]),
      ("id=$(aws sts get-caller-identity)", ["aws"]), ("if az account show; then helm list; fi", ["helm", "az"]),
      ("skopeo inspect docker://x ||\n{\n  skopeo copy a b\n}", ["skopeo"]), ("echo 'then; docker push x'", []),
      ("printf '%s' 'it'\\''s; make'", []), ("cat >f <<'END'\nmake all\nEND\nhelm list", ["helm"]),
      ("# the account's own\nhelm list\n# it's", ["helm"]), ("x --namespace docker", []), ("! curl --fail x", ["curl"]),
    ])
  func programs(_ command: String, _ expected: [String]) {
    #expect(PlanScript.programs([command]) == expected)
  }

  @Test(
    "A relative kubeconfig is that of the folder where the script is started, though its steps run in another",
    arguments: [
      ("kube/config", "/here/kube/config"), ("a:/b:c d", "/here/a:/b:/here/c d"), ("/a", "/a"),
      ("a::b", "/here/a::/here/b"),
    ])
  func kubeconfig(_ given: String, _ wanted: String) async throws {
    let script = PlanScript.text(PlanDocument(target: "", steps: []), Answers())
    let head = try #require(script.components(separatedBy: "folder=$(mktemp").first)
    try await withScratchDirectory { folder in
      try folder.write(head + "printf %s \"$KUBECONFIG\"", to: "head.sh")
      let ran = try await Processes.live(environment: ["PATH": "/usr/bin:/bin", "KUBECONFIG": given]).run(
        ProcessCommand("sh", ["head.sh"], workingDirectory: folder.path, deadline: .seconds(20)))
      #expect(ran.output.replacing(folder.path, with: "/here") == wanted, "\(ran.errors)")
    }
  }
}
