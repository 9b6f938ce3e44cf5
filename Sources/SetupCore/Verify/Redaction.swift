import FoundationEssentials
import Text

/// Takes secrets out of text that others wrote: those of the answers wherever they stand, and what stands where secrets
/// usually do.
struct Redaction: Sendable {
  static let mark = "<secret>"

  private let secrets: [String]

  /// Knows these secrets, and each pair of a user and a secret in the base64 that HTTP sends.
  init(_ secrets: [String], user: String? = nil) {
    let pairs = secrets.map { Data("\(user ?? ""):\($0)".utf8).base64EncodedString() }
    let plain = secrets.map { Data($0.utf8).base64EncodedString() }
    // The longest first, so that no part of one is left over.
    self.secrets = (secrets + pairs + plain).filter { $0.utf8.count >= 4 }.sorted { $0.utf8.count > $1.utf8.count }
  }

  /// Knows the secrets that the answers refer to, as far as this machine can read them.
  init(_ setup: Setup) {
    let references = Questionnaire.standard.questions.compactMap { question -> SecretReference? in
      if case .secret(let reference)? = setup.answers[question.id]?.value { reference } else { nil }
    }
    let secrets = references.compactMap { reference in
      // A secret that this machine cannot read is not known to it: nothing of it could be found.
      (try? setup.secret(reference))?.reveal()
    }
    self.init(secrets, user: setup.answers[.username])
  }

  /// The text without them.
  func callAsFunction(_ text: String) -> String {
    var text = text
    for secret in secrets { text = text.replacing(secret, by: Self.mark) }
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { Self.line($0) }.joined(separator: "\n")
  }

  /// Words after which secrets come.
  private static let heralds: Set<String> = [
    "bearer", "basic", "token", "password", "passwd", "secret", "authorization", "apikey", "api_key", "api-key",
    "api_token", "apitoken", "access_token", "refresh_token", "mlops_api_token", "auth", "x-api-key",
  ]

  private static let separators: Set<Character> = [
    " ", "\t", "\"", "'", ":", "=", ",", ";", "(", ")", "[", "]", "{", "}", "<", ">", "?", "&",
  ]

  /// A line in which long words behind a herald are hidden: from 16 characters on, or from 8 behind a colon or `=`.
  private static func line(_ line: Substring) -> String {
    var result = ""
    var word = ""
    var herald = false
    var isAssigned = false
    func shown() -> String {
      let limit = isAssigned ? 8 : 16
      return herald && word.count >= limit ? mark : word
    }
    func end() {
      if word.isEmpty { return }
      result += shown()
      herald = heralds.contains(word.lowercased())
      isAssigned = false
      word = ""
    }
    for character in line {
      guard separators.contains(character) else {
        word.append(character)
        continue
      }
      end()
      if herald, character == ":" || character == "=" { isAssigned = true }
      result.append(character)
    }
    end()
    return result
  }
}

extension String {
  /// The text with every occurrence of a part replaced.
  fileprivate func replacing(_ part: String, by replacement: String) -> String {
    let bytes = Array(utf8)
    let wanted = Array(part.utf8)
    guard !wanted.isEmpty, bytes.count >= wanted.count else { return self }
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == wanted[0], bytes.count - index >= wanted.count,
        bytes[index..<(index + wanted.count)].elementsEqual(wanted)
      {
        result += replacement.utf8
        index += wanted.count
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
