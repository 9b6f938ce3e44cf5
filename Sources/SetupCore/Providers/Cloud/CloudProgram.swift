import Kubernetes
import Text

/// A cloud's own program, run as a child: `aws`, `az`, `gcloud`, `eksctl`. What it refuses becomes an error that says
/// what to do. Secrets reach it by standard input or its own login, never by an argument.
struct CloudProgram: Sendable {
  /// What a text on standard error means.
  struct Meaning: Sendable {
    /// Any of these stands in the text, whatever the case.
    let marks: [String]
    let kind: CloudError.Kind
    /// What to do about it.
    let next: String

    init(_ kind: CloudError.Kind, _ marks: [String], next: String) {
      self.kind = kind
      self.marks = marks
      self.next = next
    }
  }

  /// As it is found on PATH.
  let name: String
  /// Where it is to be had.
  let home: String
  /// What keeps it from asking, paging and colouring.
  let environment: [String: String]
  /// The first that fits counts.
  let meanings: [Meaning]

  /// The JSON that it answers; no output is null.
  func json(
    _ arguments: [String], _ world: World, input: SecretText? = nil, deadline: Duration = .seconds(30),
    isSecret: Bool = false
  ) async throws -> JSONValue {
    let text = try await text(arguments, world, input: input, deadline: deadline, isSecret: isSecret)
    if text.allSatisfy(\.isWhitespace) { return .null }
    do throws(JSONSyntaxError) {
      return try JSONText.parse(Array(text.utf8))
    } catch {
      throw CloudError(
        .malformed, program: name, message: "\(line(arguments)) answered with something else than JSON",
        next: "Run it yourself; a newer \(name) may be needed: \(home)")
    }
  }

  /// What it prints, without the line end.
  ///
  /// - Parameter isSecret: What it prints is a secret, and is never told, whatever becomes of it.
  func text(
    _ arguments: [String], _ world: World, input: SecretText? = nil, deadline: Duration = .seconds(30),
    isSecret: Bool = false
  ) async throws -> String {
    guard world.processes.find(name) != nil else {
      throw CloudError(
        .notInstalled, program: name, message: "there is no program \(name) on PATH", next: "Install it: \(home)")
    }
    let result = try await world.processes.run(
      ProcessCommand(
        name, arguments, environment: environment, input: input.map { Array($0.reveal().utf8) }, deadline: deadline))
    if result.timedOut {
      throw CloudError(
        .timedOut, program: name, message: "\(line(arguments)) did not end within \(deadline)",
        next: "See whether the network reaches the cloud, and try again.")
    }
    guard result.exitCode == 0 else { throw failure(result, arguments, isSecret: isSecret) }
    var output = result.output
    while output.last?.isNewline == true { output.removeLast() }
    return output
  }

  private func line(_ arguments: [String]) -> String { Shell.line([name] + arguments) }

  private func failure(_ result: ProcessResult, _ arguments: [String], isSecret: Bool) -> CloudError {
    let said = OutsideText.clean(
      result.errors.isEmpty && !isSecret ? result.output : result.errors, keepsLines: true)
    let lower = said.lowercased()
    let meaning = meanings.first { $0.marks.contains { lower.contains($0.lowercased()) } }
    let words = said.split(whereSeparator: \.isNewline).map { $0.drop { $0.isWhitespace } }.filter { !$0.isEmpty }
      .joined(separator: " ").trimmed(to: 600)
    return CloudError(
      meaning?.kind ?? .other, program: name,
      message: words.isEmpty
        ? "\(line(arguments)) ended with \(result.exitCode) and said nothing" : "\(line(arguments)): \(words)",
      next: meaning?.next ?? "Run it yourself to see more.")
  }
}

/// Why a cloud's program did not do what was asked.
struct CloudError: Error, Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    case notInstalled
    /// Nobody is logged in, or not any more.
    case notLoggedIn
    /// The one who is logged in may not.
    case denied
    case notFound
    case alreadyExists
    case timedOut
    case malformed
    case other
  }

  var kind: Kind
  var program: String
  /// What was tried and what came back.
  var message: String
  /// What to do next.
  var next: String

  init(_ kind: Kind, program: String, message: String, next: String) {
    self.kind = kind
    self.program = program
    self.message = message
    self.next = next
  }
}

extension ObservationFailure {
  init(_ error: CloudError) {
    let kind: Kind =
      switch error.kind {
      case .notInstalled: .unsupported
      case .notLoggedIn: .unauthorized
      case .denied: .denied
      case .notFound: .absent
      case .timedOut: .timedOut
      case .malformed: .malformed
      case .alreadyExists, .other: .unreachable
      }
    self.init(kind, error.message, remedy: Remedy(error.next))
  }
}
