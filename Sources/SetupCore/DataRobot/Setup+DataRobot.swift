import Kubernetes
import Registry
import Synchronization
import Text

extension Answers {
  /// The name of the prediction environment that the plan makes where there is none; nil: the answers name one by its id.
  var newEnvironmentName: String? { self[.environmentChoice] == "create" ? self[.environmentName] : nil }
}

extension PredictionEnvironment {
  /// What stands in values for the id of one that is yet to be made.
  static let unmadeID = String(repeating: "0", count: 24)
}

extension Setup {
  /// A client of the DataRobot of the answers.
  func dataRobot() throws -> DataRobotClient {
    guard let endpoint = answers[.endpoint], let reference = answers[.apiToken] else {
      throw ObservationFailure(.absent, "no endpoint or token was given", remedy: Remedy("Set datarobot.apiToken."))
    }
    if case .existing(let name) = reference {
      throw ObservationFailure(
        .absent, "the API token is in the Secret \(name), which is not read",
        remedy: Remedy("Name the prediction environment by its id."))
    }
    return try DataRobotClient(
      transport: world.http, endpoint: DataRobotEndpoint(endpoint), token: secret(reference).reveal())
  }

  /// The prediction environment that the answers want made, where it is there by now. It is asked for until it is.
  func madeEnvironment() async throws -> PredictionEnvironment? {
    guard let name = answers.newEnvironmentName else { return nil }
    if let known = environments.environment(named: name) { return known }
    let all = try await dataRobot().predictionEnvironments()
    guard let found = all.first(where: { $0.name == name && $0.isDeleted != true }) else { return nil }
    environments.keep(found)
    return found
  }

  /// These answers with the id of the prediction environment that was made, or what stands for it until then.
  func answersWithEnvironment() async throws -> Answers {
    guard answers.newEnvironmentName != nil else { return answers }
    var answers = answers
    let id = try await madeEnvironment()?.id ?? PredictionEnvironment.unmadeID
    answers[AnswerKey<String>.predictionEnvironment.id] = Answer(.text(id), origin: .suggested)
    return answers
  }
}

/// The prediction environments that were made or found, by name.
final class EnvironmentMemory: Sendable {
  private let environments = Mutex<[String: PredictionEnvironment]>([:])

  func environment(named name: String) -> PredictionEnvironment? { environments.withLock { $0[name] } }
  func keep(_ environment: PredictionEnvironment) {
    guard let name = environment.name else { return }
    environments.withLock { $0[name] = environment }
  }
}
