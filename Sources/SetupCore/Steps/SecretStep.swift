import FoundationEssentials
import Kubernetes
import Text

/// A Secret that is made from an answer: DataRobot's token, the registry's credentials.
struct SecretStep: Step {
  let id: StepID
  let title: String
  /// The answer that holds the secret.
  let question: QuestionID
  let type: String
  /// The bytes of each key.
  let data: @Sendable (Setup) async throws -> [String: [UInt8]]
  /// Whether what is there means the same as what should be.
  let isSame: @Sendable (_ live: [UInt8], _ wanted: [UInt8]) -> Bool
  private let object: ManagedObject
  private let command: EquivalentCommand

  init(
    id: StepID, title: String, name: String, answers: Answers, question: QuestionID, type: String = "Opaque",
    command: EquivalentCommand, isSame: @escaping @Sendable ([UInt8], [UInt8]) -> Bool = { $0 == $1 },
    data: @escaping @Sendable (Setup) async throws -> [String: [UInt8]]
  ) {
    self.id = id
    self.title = title
    self.command = command
    self.question = question
    self.type = type
    self.data = data
    self.isSame = isSame
    object = ManagedObject(resource: .secrets, kind: "Secret", name: name, namespace: answers[.namespace])
  }

  var objects: [Resource] { [.secrets] }

  func commands(_ setup: Setup) -> [EquivalentCommand] { [command] }

  func access(namespaceExists: Bool) -> [AccessRequest] { object.access }

  func inspect(_ setup: Setup) async throws -> StepState {
    guard
      let live = try await setup.kubernetes().find(
        Secret.self, .secrets, name: object.name, namespace: object.namespace)?.value
    else { return .needed(["create \(object.title) with \(try await keys(setup))"]) }
    let wanted = try await data(setup)
    let changed = wanted.filter { key, bytes in
      !(live.data[key]?.reveal()).map { isSame($0, bytes) }.orFalse
    }.keys.sorted()
    if live.type == type, changed.isEmpty { return .done("\(object.title) is as it should be") }
    guard ManagedObject.isOurs(live.metadata) else { return object.foreign(live.metadata, keepBy: question.path) }
    if live.type != type {
      return .blocked(
        "\(object.title) has the type \(live.type), which Kubernetes lets nobody change to \(type). Delete it first: "
          + Shell.line(["kubectl", "delete", "secret", object.name, "--namespace", object.namespace ?? ""]))
    }
    return .needed(["change \(changed.joined(separator: ", ")) of \(object.title)"])
  }

  private func keys(_ setup: Setup) async throws -> String {
    try await data(setup).keys.sorted().map { "the key \($0)" }.joined(separator: ", ")
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    var members: JSONValue = ["type": .string(type), "data": [:]]
    var encoded: JSONValue = [:]
    for (key, bytes) in try await data(setup) { encoded[key] = .string(Data(bytes).base64EncodedString()) }
    members["data"] = encoded
    try await object.apply(members, setup.kubernetes())
  }

  func traces(_ setup: Setup) async throws -> [Trace] { [try await object.trace(setup.kubernetes())] }
}

extension Bool? {
  fileprivate var orFalse: Bool { self ?? false }
}

extension SecretStep {
  /// The Secret `mlops-api-key`, which the chart mounts; its key is `secret`.
  static func apiToken(_ answers: Answers) -> SecretStep {
    let name = answers.apiSecretName
    let variable = answers.variable(.apiToken, default: "DATAROBOT_API_TOKEN")
    return SecretStep(
      id: "api-token", title: "DataRobot token", name: name, answers: answers, question: AnswerKey.apiToken.id,
      command: Kubectl(answers).apply(
        created: ["secret", "generic", name, "--type=Opaque", "--from-file=secret=/dev/stdin"],
        reading: "printf %s \"\(variable)\"")
    ) { setup in
      guard let reference = setup.answers[.apiToken] else {
        throw SetupError(.usage, "datarobot.apiToken is missing", next: "Set it in the answers.")
      }
      return ["secret": Array(try setup.secret(reference).reveal().utf8)]
    }
  }
}

extension Answers {
  /// A secret as a shell reads it in an equivalent command: `$NAME`, or a file's content.
  func variable(_ key: AnswerKey<SecretReference>, default name: String) -> String {
    switch self[key] {
    case .environment(let name)?: "$\(name)"
    case .file(let path)?: "$(cat \(shellPath(path)))"
    case .dataRobotConfiguration(let path)?:
      "$(sed -n 's/^token:[[:space:]]*//p' \(shellPath(path)) | tr -d \"'\\\"\")"
    case .existing?, .prompted?, nil: "$\(name)"
    }
  }
}
