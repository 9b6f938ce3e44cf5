import Text

/// What kaniko's log says about how it ended (GoogleContainerTools/kaniko and osscontainertools/kaniko,
/// cmd/executor/cmd/root.go and pkg/executor/push.go; google/go-containerregistry, pkg/v1/remote/check.go).
enum KanikoEnding: Sendable, Equatable {
  /// It came to the Dockerfile's last line: it started, and the registry would have taken a push.
  case proved
  /// It takes the node for a machine of its own.
  case notContained
  /// It is not root, or may write nowhere.
  case notRoot(String)
  /// It does not know one of its arguments.
  case unknownArgument(String)
  /// The program is of another architecture than the node.
  case wrongArchitecture
  /// The login's file cannot be read.
  case brokenLogin(String)
  case push(PushProblem, String)
  /// Nothing of it is known.
  case other(String)

  /// Why the registry did not agree.
  enum PushProblem: Sendable, Equatable {
    case unauthorized, denied, repositoryMissing, certificate, plainHTTP, nameUnknown, unreachable, busy, other
  }

  /// Reads a log.
  init(log: String, marker: String = BuilderTrialObjects.marker) {
    let lines = log.split(separator: "\n").map(String.init).filter { !$0.allSatisfy(\.isWhitespace) }
    func line(_ signs: String...) -> String? {
      lines.last { line in
        let small = line.lowercased()
        return signs.allSatisfy(small.contains)
      }
    }
    if line("unknown instruction", marker.lowercased()) != nil {
      self = .proved
    } else if line("should only be run inside of a container") != nil {
      self = .notContained
    } else if line("exec format error") != nil {
      self = .wrongArchitecture
    } else if let line = line("unknown flag") ?? line("unknown shorthand flag") ?? line("invalid argument") {
      self = .unknownArgument(line)
    } else if let line = line("checking push permission") ?? line("push check transport") {
      let words = Self.words(line)
      self = words.lowercased().contains("invalid character") ? .brokenLogin(words) : .push(Self.problem(words), words)
    } else if let line = line("permission denied") ?? line("operation not permitted") {
      self = .notRoot(line)
    } else {
      self = .other(lines.last ?? "")
    }
  }

  /// What comes after kaniko's own explanations: the registry's words.
  private static func words(_ line: String) -> String {
    var rest = line[...]
    for sign in ["checking push permission for \"", "checking push permission: "] {
      guard let start = rest.lowercased().firstOffset(of: sign) else { continue }
      rest = rest.dropFirst(start + sign.count)
      if sign.hasSuffix("\"") { rest = rest.drop { $0 != "\"" }.dropFirst().drop { $0 == ":" || $0 == " " } }
    }
    return String(rest).trimmed(to: 600)
  }

  private static func problem(_ words: String) -> PushProblem {
    let small = words.lowercased()
    func has(_ signs: String...) -> Bool { signs.contains(where: small.contains) }
    if has("x509", "certificate", "tls: failed") { return .certificate }
    if has("http response to https client") { return .plainHTTP }
    if has("no such host", "server misbehaving", "name resolution") { return .nameUnknown }
    if has("connection refused", "no route to host", "i/o timeout", "deadline exceeded", "network is unreachable") {
      return .unreachable
    }
    if has(
      "name_unknown", "name unknown", "repository_not_found", "repository not found", "does not exist in the registry")
    {
      return .repositoryMissing
    }
    if has("toomanyrequests", "too many requests", "429") { return .busy }
    // Registries that give out tokens answer a login that may not push with 401 and DENIED.
    if has("denied", "403 forbidden", "insufficient_scope", "not authorized to perform") { return .denied }
    if has("unauthorized", "authentication required", "401", "no basic auth credentials") { return .unauthorized }
    return .other
  }
}

extension String {
  /// How many characters come before a part; nil: it does not occur.
  fileprivate func firstOffset(of part: String) -> Int? {
    var rest = self[...]
    var offset = 0
    while !rest.isEmpty {
      if rest.hasPrefix(part) { return offset }
      rest.removeFirst()
      offset += 1
    }
    return nil
  }
}
