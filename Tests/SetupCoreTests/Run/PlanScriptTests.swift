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
}
