import Kubernetes
import Text

extension CloudProgram {
  /// The Google Cloud CLI.
  static let gcloud = CloudProgram(
    name: "gcloud", home: "https://cloud.google.com/sdk/docs/install",
    environment: [
      "CLOUDSDK_CORE_DISABLE_PROMPTS": "1", "CLOUDSDK_CORE_DISABLE_COLOR": "1",
      "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1", "CLOUDSDK_SURVEY_DISABLE_PROMPTS": "1",
    ],
    meanings: [
      Meaning(
        .notLoggedIn,
        [
          "refreshing your current auth tokens", "Reauthentication failed", "Reauthentication required",
          "cannot prompt during non-interactive", "invalid_grant", "Token has been expired or revoked",
        ], next: "The login has expired. Log in again: gcloud auth login"),
      Meaning(
        .notLoggedIn,
        [
          "do not currently have an active account", "does not have any valid credentials", "UNAUTHENTICATED",
          "code=401",
        ], next: "Log in first: gcloud auth login; then see: gcloud auth list"),
      Meaning(
        .denied, GCloud.disabledMarks,
        next: "Enable that API with gcloud services enable, and wait a few minutes."),
      Meaning(
        .denied, ["PERMISSION_DENIED", "code=403", "does not have permission to access"],
        next:
          "See that the project's ID is right, and log in as somebody who may, or have an owner of the project do it."
      ),
      Meaning(
        .notFound, ["NOT_FOUND", "code=404", "HTTPError 404"], next: "See that project, location and name are right."),
      Meaning(
        .alreadyExists, ["ALREADY_EXISTS", "already exists", "code=409"],
        next: "Somebody made it in the meantime; run again."),
      Meaning(
        .timedOut,
        ["Could not reach", "gcloud crashed (ConnectionError)", "Connection aborted", "Max retries exceeded"],
        next: "See that the network reaches Google Cloud, by HTTPS_PROXY where there is a proxy."),
    ])
}

/// Calls of gcloud for one project.
struct GCloud: Sendable {
  /// What gcloud says where an API is not enabled.
  static let disabledMarks = ["has not been used in project", "SERVICE_DISABLED", "API is not enabled"]
  /// How what is ours is marked: labels may hold neither dots nor slashes.
  static let label = (key: "managed-by", value: ManagedObject.owner)
  /// The mark of what has a description and no labels.
  static let description = "managed-by=\(ManagedObject.owner)"

  let world: World
  let project: String

  /// The words of a call, in a project and without questions.
  static func words(_ words: [String], _ project: String) -> [String] { words + ["--project=\(project)", "--quiet"] }

  /// The line that a person types for it.
  static func line(_ words: [String], _ project: String) -> String {
    Shell.line(["gcloud"] + self.words(words, project))
  }

  /// What a call answers.
  func call(_ words: [String], deadline: Duration = .seconds(60)) async throws -> JSONValue {
    try await CloudProgram.gcloud.json(
      Self.words(words, project) + ["--format=json"], world, deadline: deadline)
  }

  /// A call whose answer does not matter.
  func perform(_ words: [String], deadline: Duration = .seconds(120)) async throws {
    _ = try await CloudProgram.gcloud.text(Self.words(words, project), world, deadline: deadline)
  }

  /// What a call answers; nil: there is no such thing, which is so as well where its API is not enabled yet.
  func find(_ words: [String]) async throws -> JSONValue? {
    do {
      return try await call(words)
    } catch let error as CloudError where error.kind == .notFound || Self.saysDisabled(error.message) {
      return nil
    }
  }

  static func saysDisabled(_ message: String) -> Bool {
    let lower = message.lowercased()
    return disabledMarks.contains { lower.contains($0.lowercased()) }
  }
}

/// Policies as IAM gives them.
enum GooglePolicy {
  /// Whether a member has a role without a condition.
  static func binds(_ policy: JSONValue?, _ member: String, _ roles: Set<String>) -> Bool {
    (policy?["bindings"]?.array ?? []).contains { binding in
      guard let role = binding["role"]?.string, roles.contains(role), binding["condition"] == nil else { return false }
      return binding["members"]?.array?.contains { $0.string == member } ?? false
    }
  }
}
