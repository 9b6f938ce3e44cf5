import FoundationEssentials
import Glibc
import SetupCore
import Simulator
import TestSupport
import Testing

@Suite("An upgrade shows what it changes, and goes back where it fails and that is asked for", .timeLimit(.minutes(10)))
struct UpgradeTests {
  /// As the program does it: a helm that reads no input must not end the tests.
  init() { Glibc.signal(SIGPIPE, SIG_IGN) }

  @Test("The plan tells the values, images and objects that change, and no secret", arguments: ["3", "4"])
  func difference(_ major: String) async throws {
    try await Stage.with { stage in
      let helm: [String: String?] = ["MLOPS_TEST_HELM_MAJOR": major]
      let values = "{path: \"\(stage.chart)\", release: bosun, values: [more.yaml]}"
      func write(_ more: String, _ path: String) throws {
        try stage.folder.write(more, to: "more.yaml")
        let ingress = "{className: mlops, outfacingUrl: \"https://models.example.com/\(path)/\"}"
        try stage.folder.write(stage.answers(["chart": values, "ingress": ingress]), to: "answers.yaml")
      }
      try write("managementAgent: {tag: 11.2.62}\nextra: {password: hidden-0ne}\n", "deployments")
      let first = try await stage.run(arguments: ["--answers", "answers.yaml"], environment: helm)
      #expect(first.code == 0, "\(first.out)\n\(first.progress)")
      let same = try await stage.run(arguments: ["plan", "--answers", "answers.yaml"], environment: helm)
      #expect(same.out.contains("Nothing is to be done."), "\(same.out)")

      try write("# Only a comment.\nmanagementAgent: {tag: 11.2.62}\nextra: {password: hidden-0ne}\n", "deployments")
      let comment = try await stage.run(arguments: ["--answers", "answers.yaml"], environment: helm)
      #expect(comment.out.contains("has another text; no value differs"), "\(comment.out)\n\(comment.progress)")
      let settled = try await stage.run(arguments: ["plan", "--answers", "answers.yaml"], environment: helm)
      #expect(settled.out.contains("Nothing is to be done."), "\(settled.out)")

      try write("managementAgent: {tag: 11.2.63}\nextra: {password: hidden-tw0}\nrbac: {create: false}\n", "models")
      stage.cluster.log.clear()
      let plan = try await stage.run(arguments: ["plan", "--answers", "answers.yaml"], environment: helm)
      #expect(stage.cluster.log.writes == [])
      let agent = "bosun-datarobot-management-agent"
      for line in [
        "upgrade release bosun from revision 1 to chart datarobot-management-agent-2.1.0: other values",
        "value predictionServer.outfacingUrlRoot: \"https://models.example.com/deployments/\" -> "
          + "\"https://models.example.com/models/\"",
        "value managementAgent.tag: \"11.2.62\" -> \"11.2.63\"", "value extra.password: changes (not shown)",
        "image of Deployment \(agent): \"\(stage.registry.host)/datarobot/mlops-management-agent:11.2.62\" -> "
          + "\"\(stage.registry.host)/datarobot/mlops-management-agent:11.2.63\"",
        "change ConfigMap \(agent): ",
      ] { #expect(plan.out.contains("   - \(line)"), "\(line)\n\(plan.out)\n\(plan.progress)") }
      for ending in [first, same, plan] { #expect(!(ending.out + ending.progress).contains("hidden-")) }
    }
  }

  @Test(
    "With helm.rollback a failed upgrade is taken back, and why it failed is told all the same", arguments: ["3", "4"])
  func rollback(_ major: String) async throws {
    let scenario = ClusterScenario.healthy.with {
      $0.behaviour.rules = [
        .init(image: "agent:11.2.63", outcome: .crashLoop(exitCode: 3, log: "the plugin does not know this model\n"))
      ]
    }
    try await Stage.with(scenario) { stage in
      let helm: [String: String?] = ["MLOPS_TEST_HELM_MAJOR": major]
      func write(_ tag: String) throws {
        let image = "managementAgent: \"\(stage.registry.host)/datarobot/mlops-management-agent:\(tag)\""
        let waiver = "[{check: registry.images, reason: the test has it so, until: 2099-01-01}]"
        try stage.folder.write(
          stage.answers(["images": "{\(image)}", "helm": "{timeout: 12s, rollback: yes}", "waive": waiver]),
          to: "answers.yaml")
      }
      try write("11.2.62")
      let first = try await stage.run(arguments: ["--answers", "answers.yaml"], environment: helm)
      #expect(first.code == 0, "\(first.out)\n\(first.progress)")
      #expect(first.progress.contains("ServiceAccount bosun-datarobot-management-agent: made"), "\(first.progress)")
      try write("11.2.63")
      let failed = try await stage.run(arguments: ["--answers", "answers.yaml"], environment: helm)
      #expect(failed.code == 6, "\(failed.out)\n\(failed.progress)")
      for text in [
        "It did not come up: Pod bosun-datarobot-management-agent-", "CrashLoopBackOff",
        "the plugin does not know this model",
        "helm has rolled release bosun back; it is deployed as before, as revision 3.",
      ] { #expect(failed.out.contains(text), "\(text)\n\(failed.out)\n\(failed.progress)") }
      try write("11.2.62")
      let again = try await stage.run(arguments: ["--answers", "answers.yaml"], environment: helm)
      #expect(again.code == 0, "\(again.out)\n\(again.progress)")
      let undone = try await stage.run(arguments: ["uninstall", "--answers", "answers.yaml"], environment: helm)
      #expect(undone.code == 0 && undone.out.contains("uninstalled release bosun"), "\(undone.out)\n\(undone.progress)")
    }
  }

  @Test(
    "With helm.rollback a failed first installation is taken away, and why it failed is told", arguments: ["3", "4"])
  func rollbackOfTheFirst(_ major: String) async throws {
    let message = "manifest unknown"
    let scenario = ClusterScenario.healthy.with {
      $0.behaviour.rules = [.init(image: "management-agent", outcome: .imagePullBackOff(message: message))]
    }
    try await Stage.with(scenario) { stage in
      try stage.folder.write(stage.answers(["helm": "{timeout: 8s, rollback: yes}"]), to: "answers.yaml")
      let failed = try await stage.run(
        arguments: ["--answers", "answers.yaml"], environment: ["MLOPS_TEST_HELM_MAJOR": major])
      #expect(failed.code == 6, "\(failed.out)\n\(failed.progress)")
      for text in ["It did not come up: Pod bosun-", message, "helm has taken release bosun away again."] {
        #expect(failed.out.contains(text), "\(text)\n\(failed.out)\n\(failed.progress)")
      }
      #expect(try await stage.settled { !$0.keys.contains { $0.hasPrefix("deployments.apps/datarobot-mlops") } })
    }
  }
}
