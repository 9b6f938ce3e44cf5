import FoundationEssentials
import Kubernetes
import OrderedCollections
import Text

extension CloudProgram {
  /// The AWS CLI, version 1 or 2.
  static let aws = CloudProgram(
    name: "aws", home: "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
    environment: ["AWS_PAGER": "", "AWS_CLI_AUTO_PROMPT": "off"], meanings: refusals)

  /// What creates EKS clusters and roles for their service accounts.
  static let eksctl = CloudProgram(
    name: "eksctl", home: "https://docs.aws.amazon.com/eks/latest/eksctl/installation.html",
    environment: [:], meanings: refusals)

  private static let refusals = [
    Meaning(
      .notLoggedIn,
      [
        "ExpiredToken", "token included in the request is expired", "Token has expired",
        "session associated with this profile",
        "Error loading SSO Token", "SSO session", "token is expired", "RequestExpired",
      ],
      next: "The login has expired. Log in again: aws sso login, or get new keys from where you got the old ones."),
    Meaning(
      .notLoggedIn,
      [
        "Unable to locate credentials", "NoCredentials", "InvalidClientTokenId", "UnrecognizedClientException",
        "SignatureDoesNotMatch", "InvalidSignatureException", "config profile", "Partial credentials",
        "AuthFailure", "failed to refresh cached credentials",
      ],
      next: "Log in first: aws configure, aws sso login, or set AWS_PROFILE; then see: aws sts get-caller-identity"),
    Meaning(
      .denied, ["AccessDenied", "UnauthorizedOperation", "is not authorized to perform"],
      next: "Log in as somebody who may, or have an administrator of the account do it."),
    Meaning(
      .notFound, ["RepositoryNotFoundException", "NoSuchEntity", "ResourceNotFoundException", "RegistryNotFound"],
      next: "See that account, region and name are right."),
    Meaning(
      .alreadyExists,
      ["RepositoryAlreadyExistsException", "EntityAlreadyExists", "ResourceInUseException", "DuplicateRequest"],
      next: "Somebody made it in the meantime; run again."),
    Meaning(
      .timedOut, ["Could not connect to the endpoint URL", "Connect timeout on endpoint", "Read timeout on endpoint"],
      next:
        "See that the region is spelled right and that the network reaches AWS, by HTTPS_PROXY where there is a proxy."),
  ]
}

/// Calls of the AWS CLI in one region.
struct AWS: Sendable {
  let world: World
  let region: String

  /// How everything of ours is marked that can be.
  static let tag = (key: ManagedObject.ownerLabel, value: ManagedObject.owner)
  /// The mark, as most commands take it.
  static let tagWords = "Key=\(tag.key),Value=\(tag.value)"

  /// What a call answers.
  func call(_ words: [String], deadline: Duration = .seconds(30)) async throws -> JSONValue {
    try await CloudProgram.aws.json(words + options + ["--output", "json"], world, deadline: deadline)
  }

  /// What a call answers; nil: there is no such thing.
  func find(_ words: [String]) async throws -> JSONValue? {
    do {
      return try await call(words)
    } catch let error as CloudError where error.kind == .notFound {
      return nil
    }
  }

  private var options: [String] { region.isEmpty ? [] : ["--region", region] }

  /// Whether a list of tags, in whichever of AWS' two spellings, holds ours.
  static func isOurs(_ tags: JSONValue?) -> Bool {
    if case .object(let members)? = tags { return members[tag.key]?.string == tag.value }
    return tags?.array?.contains { entry in
      (entry["Key"] ?? entry["key"])?.string == tag.key && (entry["Value"] ?? entry["value"])?.string == tag.value
    } ?? false
  }
}

/// Policy documents as values. IAM stores a text and gives it back in its own spelling.
enum PolicyDocument {
  /// The document as an argument or a file: members sorted, so that the same document is the same text.
  static func text(_ document: JSONValue) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(document), as: UTF8.self)
  }

  /// The document for a person, and for a file that a person edits.
  static func lines(_ document: JSONValue) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    return String(decoding: try encoder.encode(document), as: UTF8.self)
  }

  /// Whether two documents allow the same: the order of statements, actions and members does not count, nor whether a
  /// single one stands in a list.
  static func haveSameMeaning(_ one: JSONValue, _ other: JSONValue) -> Bool { canonical(one) == canonical(other) }

  private static func canonical(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let members):
      return .object(.init(uniqueKeysWithValues: members.sorted { $0.key < $1.key }.map { ($0, canonical($1)) }))
    case .array(let elements):
      let canonical = elements.map(canonical)
      if canonical.count == 1 { return canonical[0] }
      return .array(canonical.map { ("\($0)", $0) }.sorted { $0.0 < $1.0 }.map(\.1))
    default: return value
    }
  }
}
