import Foundation
import Screen
import SetupCore
import Synchronization
import TestSupport
import Testing
import Text
import Wizard

@testable import Commands

/// A step that does nothing.
private struct IdleStep: Step {
  let id: StepID
  let title: String
  func commands(_ setup: Setup) -> [EquivalentCommand] { [] }
  func access(namespaceExists: Bool) -> [AccessRequest] { [] }
  func inspect(_ setup: Setup) async throws -> StepState { .needed(["change it"]) }
  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {}
  func traces(_ setup: Setup) async throws -> [Trace] { [] }
}

/// What the wizard did to the world.
private final class Deeds: Sendable {
  private let list = Mutex<[String]>([])
  func add(_ deed: String) { list.withLock { $0.append(deed) } }
  var all: [String] { list.withLock { $0 } }
}

@Suite struct WizardDriverTests {
  private static let check = Check(
    "cluster.reachable", title: "API server answers", required: "an answer", why: "All is asked of it.",
    needs: [.cluster], evaluate: { _, _, _ in Finding(.pass, observed: "", message: "") })

  private static let result = CheckResult(
    id: "cluster.reachable", title: "API server answers", isBlocking: true, required: "an answer",
    finding: Finding(.pass, observed: "v1.31.2", message: "It answers."), duration: .zero)

  /// All but DataRobot's token, which is typed.
  private static var answers: Answers {
    var answers = AnswerSamples.complete
    answers[AnswerKey.apiToken.id] = nil
    return answers
  }

  private func actions(_ deeds: Deeds) -> WizardActions {
    WizardActions(
      surveyLocally: { _, _ in
        var survey = Survey()
        survey.contexts = .seen([ContextSummary(name: "prod", server: "https://x", namespace: nil, isCurrent: true)])
        return survey
      },
      check: { ids, _, tell in
        deeds.add("check \(ids.map(\.name).joined(separator: " "))")
        tell(.started("cluster.reachable"))
        tell(.finished(Self.result))
      },
      plan: { completed in
        deeds.add("plan for \(completed[.namespace] ?? "")")
        return Plan(
          target: "context prod, namespace datarobot-mlops",
          entries: [
            .init(
              step: IdleStep(id: "release", title: "Release bosun"), state: .needed(["install it"]),
              commands: [EquivalentCommand("true")])
          ])
      },
      run: { plan, _, tell in
        deeds.add("run \(plan.entries.count)")
        tell(.started("release"))
        tell(.finished("release", .changed("installed")))
        return WizardRunEnd(commands: [EquivalentCommand("kubectl get pods")], logPath: "/home/ada/journal.jsonl")
      },
      save: { answers in
        deeds.add("save \(AnswersFile.text(answers).contains("65f0a1b2c3d4e5f60718293a"))")
        return "/home/ada/answers.yaml"
      },
      keepDraft: { answers in
        #expect(!AnswersFile.text(answers).contains("s3cret"))
        deeds.add("keep")
      },
      dropDraft: { deeds.add("drop") })
  }

  private func drive(
    _ screen: ScriptedScreen, _ actions: WizardActions, _ secrets: SecretStore = SecretStore(),
    answers: Answers = Self.answers
  ) async -> WizardEnding {
    let state = WizardState(
      checks: { _ in [Self.check] }, answers: answers, answersPath: "/home/ada/answers.yaml")
    // The driver blocks its thread, as it blocks the main one: not one of those that tasks run on.
    var ending = await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        var driver = WizardDriver(
          state: state, screen: screen, actions: actions, secrets: secrets, mailbox: WizardMailbox(wake: {}))
        continuation.resume(returning: driver.run())
      }
    }
    await ending.settle()
    #expect(screen.missed == nil)
    return ending
  }

  @Test("From the first page to the result: checks, a typed secret, the plan, the run, the saved answers")
  func walk() async {
    let deeds = Deeds()
    let secrets = SecretStore()
    let screen = ScriptedScreen([
      .see("prod  (default)", .function(10)), .see("1 ok", .enter), .see("registry.example.com", .function(10)),
      .see("Mgmt agent", .function(10)), .see("Endpoint", .tab),
      .see("type or paste", event: .paste("s3cret-token\n")), .see("••••", .tab),
      .see("(12 characters, kept in memory)", .function(10)),
      .see("Make the plan", .function(10)), .see("install it", .character("c"), .enter),
      .see("Install?", .character("y")),
      .see("kubectl get pods", .enter),
    ])
    let ending = await drive(screen, actions(deeds), secrets)
    #expect(ending.exitCode == 0)
    #expect(ending.savedPath == "/home/ada/answers.yaml")
    #expect(
      deeds.all.filter { $0 != "keep" } == [
        "check cluster.reachable", "plan for datarobot-mlops", "run 1", "save true", "drop",
      ])
    #expect(deeds.all.contains("keep"))
    #expect(secrets.secret(for: AnswerKey.apiToken.id)?.reveal() == "s3cret-token")
    #expect(screen.copied == ["true"])
    #expect(!screen.frames.contains { $0.textLines().joined().contains("s3cret") })
    #expect(ending.state.farewell.contains { $0.contains("kubectl get pods") })
  }

  @Test("A run that is told to stop is waited for")
  func stopped() async {
    let deeds = Deeds()
    var actions = actions(deeds)
    actions.run = { _, _, tell in
      tell(.started("release"))
      while !Task.isCancelled { await Task.yield() }
      deeds.add("stopped")
      return WizardRunEnd(error: SetupError(.interrupted, "stopped during Release bosun"))
    }
    let screen = ScriptedScreen([
      .see("prod  (default)", .function(10)), .see("1 ok", .enter), .see("registry.example.com", .function(10)),
      .see("Mgmt agent", .function(10)), .see("Endpoint", .tab), .see("type or paste", type: "env:TOKEN"),
      .see("env:TOKEN", .function(10)), .see("Make the plan", .function(10)), .see("install it", .enter),
      .see("Install?", .character("y")), .see("running", event: .interrupted),
      .see("Stop the run?", event: .interrupted),
    ])
    let ending = await drive(screen, actions)
    #expect(ending.exitCode == 130)
    // The draft may be dropped before or after: both only wait for the end of the wizard.
    #expect(deeds.all.contains("stopped"))
    #expect(!ending.state.isRunning)
    #expect(ending.state.farewell.contains { $0.contains("Stopped during Release bosun.") })
  }

  @Test("Images on their way are told to stop when the wizard is left, and are waited for")
  func images() async {
    let deeds = Deeds()
    var actions = actions(deeds)
    actions.lookForImages = { _ in .bring(["push registry.example.com:5000/a:1 from a.tar (100 MiB) by skopeo"]) }
    actions.pushImages = { _, tell in
      tell(.progress("images", StepProgress("bringing", amount: TransferAmount(done: 50 << 20, total: 100 << 20))))
      while !Task.isCancelled { await Task.yield() }
      deeds.add("images stopped")
      return SetupError(.interrupted, "stopped during Images")
    }
    var answers = Self.answers
    answers[AnswerKey<[String]>.imageArchives.id] = Answer(.list(["a.tar"]))
    let screen = ScriptedScreen([
      .see("prod  (default)", .function(10)), .see("1 ok", .enter), .see("registry.example.com", .function(10)),
      .see("Mgmt agent", .function(10)), .see("a.tar (100 MiB)", .character("y")),
      .see("50 MiB of 100 MiB", event: .interrupted), .see("Images on their way are stopped", event: .interrupted),
    ])
    let ending = await drive(screen, actions, answers: answers)
    #expect(ending.exitCode == 130)
    #expect(deeds.all.contains("images stopped"))
    #expect(!ending.state.isRunning)
  }

  @Test("Answers that cannot be saved keep their draft")
  func unsaved() async {
    let deeds = Deeds()
    var actions = actions(deeds)
    actions.save = { _ in throw SetupError(.tool, "cannot write /home/ada/answers.yaml: no space left") }
    let screen = ScriptedScreen([
      .see("kubeconfig", .control("c")), .see("Save and quit?", .character("y")),
      .see("no space left", .character("q")),
    ])
    let ending = await drive(screen, actions)
    #expect(ending.exitCode == 130)
    #expect(ending.savedPath == nil)
    #expect(!deeds.all.contains("drop"))
  }

  @Test("A plan that cannot be made is shown with its reason")
  func planFails() async {
    var actions = actions(Deeds())
    actions.plan = { _ in throw SetupError(.tool, "the API server is gone", next: "Start it.") }
    let screen = ScriptedScreen([
      .see("prod  (default)", .function(10)), .see("1 ok", .enter), .see("registry.example.com", .function(10)),
      .see("Mgmt agent", .function(10)), .see("Endpoint", .tab), .see("type or paste", type: "env:TOKEN"),
      .see("env:TOKEN", .function(10)), .see("Make the plan", .function(10)),
      .see("the API server is gone", .control("c")), .see("Save and quit?", .character("n")),
    ])
    let ending = await drive(screen, actions)
    #expect(ending.exitCode == 130)
  }
}
