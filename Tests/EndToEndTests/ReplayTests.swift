import FoundationEssentials
import HTTP
import SetupCore
import TestSupport
import Testing
import Text

@testable import Commands

@Suite("Answers that the wizard took, replayed")
struct ReplayTests {
  @Test("The written answers file gives the identical plan, typed secrets by reference")
  func identicalPlan() async throws {
    try await Stage.with { stage in
      var answers = Answers(baseDirectory: stage.folder.path)
      let typed: [(QuestionID, String)] = [
        ("registry.server", stage.registry.host), ("registry.certificateAuthority", "ca.pem"),
        ("registry.username", "push"), ("datarobot.endpoint", "http://127.0.0.1:9"),
        ("datarobot.predictionEnvironment", "65f0a1b2c3d4e5f60718293a"),
        ("ingress.outfacingUrl", "https://models.example.com/deployments"), ("chart.path", stage.chart),
      ]
      for (question, text) in typed { answers[question] = Answer(.text(text)) }
      let secrets = SecretStore()
      for (question, secret) in [("registry.password", Stage.password), ("datarobot.apiToken", Stage.token)] {
        answers[QuestionID(question)] = Answer(.secret(.prompted(QuestionID(question))))
        secrets.keep(SecretText(secret), for: QuestionID(question))
      }
      let world = stage.world(environment: ["REGISTRY_PASSWORD": String?.none, "DATAROBOT_API_TOKEN": String?.none])
      let setup = Setup(world: world, answers: answers, secrets: secrets, requirements: try .documented())
      let actions = WizardActions.live(
        setup, answersPath: stage.folder.file("written.yaml"), draft: AnswersDraft(world: world))
      let completed = Questionnaire.standard.completed(answers, await actions.surveyLocally(answers, Survey()))
      let planned = PlanDocument(try await actions.plan(completed))
      _ = try actions.save(completed)

      let replay = try await stage.run("plan", "--answers", "written.yaml", "--format", "json")
      #expect(replay.code == 0, "\(replay.progress)")
      let replayed = try JSONDecoder().decode(PlanDocument.self, from: Data(replay.out.utf8))
      #expect(replayed == planned)
      #expect(planned.steps.count == 8)
      #expect(!replay.out.contains("canary"))
    }
  }
}
