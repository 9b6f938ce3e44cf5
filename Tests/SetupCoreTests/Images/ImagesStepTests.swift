import HTTP
import Simulator
import TestSupport
import Testing

@testable import SetupCore

@Suite("The step that brings images", .timeLimit(.minutes(2)))
struct ImagesStepTests {
  @Test("All images that neither the registry nor an archive has are told at once")
  func orphans() async throws {
    try await withPackageStage { stage in
      let registry = RegistryServer(RegistryConfiguration())
      let host = "127.0.0.1:\(try await registry.start())"
      let archive = try await ImageArchive("datarobot/mlops-tracking-agent:11.2.62").write(
        in: stage.scratch.path, name: "tracking.tar")
      var world = stage.world
      world.http = HTTPClient(configuration: .init(environment: [:]))
      world.environment.merge(Samples.environment) { $1 }
      func inspect(_ changes: [QuestionID: AnswerValue]) async throws -> StepState {
        let own: [QuestionID: AnswerValue] = [
          "registry.server": .text(host), "registry.scheme": .text("http"), "images.archives": .list([archive]),
          "images.managementAgent": .text("\(host)/mlops-management-agent:11.2.62"),
          "images.trackingAgent": .text("\(host)/mlops-tracking-agent:11.2.62"),
          "images.predictionServer": .text("\(host)/server:11.2.0"), "images.generated": .text("\(host)/models"),
        ]
        let answers = Samples.answers(own.merging(changes) { $1 })
        return try await ImagesStep(answers).inspect(
          Setup(world: world, answers: answers, requirements: Samples.requirements))
      }
      #expect(
        try await inspect([:])
          == .blocked(
            "the registry has no \(host)/mlops-management-agent:11.2.62 and no \(host)/server:11.2.0, and neither an archive "
              + "of images.archives nor the agent package has them; push them, or name their archives"))
      registry.addImage("server", tag: "11.2.0", architectures: ["amd64"])
      #expect(
        try await inspect([:])
          == .blocked(
            "the registry has no \(host)/mlops-management-agent:11.2.62, and neither an archive of images.archives nor the "
              + "agent package has it; push it, or name its archive"))
      await registry.stop()
    }
  }
}
