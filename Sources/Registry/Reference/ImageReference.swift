/// A container image reference: `[host[:port]/]repository[:tag][@digest]`.
///
/// The grammar is the distribution project's (reference/regexp.go). Docker Hub's short names are completed as docker does
/// it: `busybox` is `docker.io/library/busybox`.
public struct ImageReference: Sendable, Hashable, CustomStringConvertible {
  /// The registry's host and optional port as they were written; `docker.io` for short names.
  public let host: String
  /// The path below the host, without a leading slash: `mlops/frozen-models`.
  public let repository: String
  /// The tag, or nil.
  public let tag: String?
  /// The digest, `sha256:` and 64 hexadecimal digits, or nil.
  public let digest: String?

  /// Docker Hub's name in references.
  static let dockerHub = "docker.io"

  /// Parses a reference; the error says what is wrong with it and shows the right form.
  public init(_ text: String) throws(ImageReferenceError) {
    func invalid(_ problem: String, like example: String = ImageReferenceError.example) -> ImageReferenceError {
      ImageReferenceError(text: text, problem: problem, example: example)
    }
    if text.isEmpty { throw invalid("it is empty") }
    if text.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7f }) {
      throw invalid("it contains a blank or a control character")
    }
    if let scheme = text.firstRange(of: "://") {
      let rest = String(text[scheme.upperBound...])
      throw invalid("a reference has no scheme, leave \"\(text[..<scheme.upperBound])\" out", like: rest)
    }

    var rest = Substring(text)
    var digest: String?
    if let at = rest.firstIndex(of: "@") {
      let written = String(rest[rest.index(after: at)...])
      if let problem = ImageGrammar.digestProblem(written) { throw invalid(problem, like: ImageGrammar.digestExample) }
      digest = written
      rest = rest[..<at]
      if rest.isEmpty { throw invalid("the repository before \"@\" is missing") }
    }

    var tag: String?
    let lastSlash = rest.lastIndex(of: "/") ?? rest.startIndex
    if let colon = rest[lastSlash...].lastIndex(of: ":"), !rest[lastSlash...].contains("]") {
      let written = String(rest[rest.index(after: colon)...])
      if let problem = ImageGrammar.tagProblem(written) { throw invalid(problem) }
      tag = written
      rest = rest[..<colon]
    }

    let (host, path) = Self.split(rest)
    if let host, let problem = ImageGrammar.hostProblem(host) { throw invalid(problem) }
    if let problem = ImageGrammar.repositoryProblem(path) { throw invalid(problem) }
    let (name, repository) = Self.complete(host: host, path: path)
    if host == nil, ImageGrammar.isLowercaseHex(path), path.utf8.count == 64 {
      throw invalid("64 hexadecimal digits are an image's id and no repository")
    }
    if name.utf8.count + 1 + repository.utf8.count > ImageGrammar.maximumNameLength {
      throw invalid("host and repository together are longer than \(ImageGrammar.maximumNameLength) characters")
    }
    self.host = name
    self.repository = repository
    self.tag = tag
    self.digest = digest
  }

  /// The first component is a host where it has a dot, a colon or a capital letter, or is `localhost`.
  private static func split(_ name: Substring) -> (host: String?, path: String) {
    guard let slash = name.firstIndex(of: "/") else { return (nil, String(name)) }
    let first = name[..<slash]
    let isHost =
      first.contains(".") || first.contains(":") || first == "localhost"
      || first.utf8.contains { UInt8(ascii: "A") <= $0 && $0 <= UInt8(ascii: "Z") }
    return isHost ? (String(first), String(name[name.index(after: slash)...])) : (nil, String(name))
  }

  private static func complete(host: String?, path: String) -> (host: String, repository: String) {
    let host = host ?? dockerHub
    guard host == dockerHub || host == "index.docker.io" else { return (host, path) }
    return (dockerHub, path.contains("/") ? path : "library/\(path)")
  }

  /// `host/repository` without tag and digest.
  public var name: String { "\(host)/\(repository)" }

  /// What a manifest is asked for by: the digest, else the tag, else `latest`.
  public var manifestReference: String { digest ?? tag ?? "latest" }

  /// The host that answers the registry API: Docker Hub's is `registry-1.docker.io`.
  public var apiHost: String { host == Self.dockerHub ? "registry-1.docker.io" : host }

  /// The key of this registry's entry in a docker config file: Docker Hub's is `https://index.docker.io/v1/`.
  public var dockerConfigKey: String { DockerConfigKey.key(forHost: host) }

  /// The complete reference: `docker.io/library/busybox:1.36`.
  public var description: String {
    name + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
  }
}

/// Why a text is no image reference.
public struct ImageReferenceError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What was written.
  public var text: String
  /// What is wrong with it, a clause without a full stop.
  public var problem: String
  /// A right one.
  public var example: String

  static let example = "registry.example.com/mlops/prediction-server:11.2.0"

  /// One sentence for a person: what was written, what is wrong, and the right form.
  public var description: String {
    "\"\(text)\" is not an image reference: \(problem). The right form is, for example, \(example)"
  }
}
