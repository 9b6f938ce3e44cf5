/// The parts of the reference grammar (distribution, reference/regexp.go), each as a check that says what is wrong.
enum ImageGrammar {
  /// The longest `host/repository`, in bytes.
  static let maximumNameLength = 255
  static let digestExample =
    "registry.example.com/mlops/prediction-server@sha256:" + String(repeating: "0123456789abcdef", count: 4)

  static func hostProblem(_ host: String) -> String? {
    var name = Substring(host)
    if host.hasPrefix("[") {
      guard let close = host.firstIndex(of: "]") else { return "the host's \"[\" has no \"]\"" }
      let address = host[host.index(after: host.startIndex)..<close]
      if address.isEmpty || !address.utf8.allSatisfy({ isHex($0) || $0 == UInt8(ascii: ":") }) {
        return "\"\(address)\" is not an IPv6 address"
      }
      let rest = host[host.index(after: close)...]
      if rest.isEmpty { return nil }
      return rest.hasPrefix(":") ? portProblem(rest.dropFirst()) : "after \"]\" only a port may follow"
    }
    if let colon = host.firstIndex(of: ":") {
      if let problem = portProblem(host[host.index(after: colon)...]) { return problem }
      name = host[..<colon]
    }
    if name.isEmpty { return "the host before the port is missing" }
    for label in name.split(separator: ".", omittingEmptySubsequences: false) {
      if label.isEmpty { return "the host \"\(name)\" has an empty part between its dots" }
      if !label.utf8.allSatisfy({ isAlphanumeric($0) || $0 == UInt8(ascii: "-") }) {
        return "the host \"\(name)\" may only have letters, digits, dots and hyphens"
      }
      if label.hasPrefix("-") || label.hasSuffix("-") {
        return "a part of the host \"\(name)\" begins or ends with a hyphen"
      }
    }
    return nil
  }

  private static func portProblem(_ port: Substring) -> String? {
    guard !port.isEmpty, port.utf8.allSatisfy(isDigit), let number = Int(port), (1...65535).contains(number) else {
      return "the port \"\(port)\" is not a number from 1 to 65535"
    }
    return nil
  }

  static func repositoryProblem(_ path: String) -> String? {
    if path.isEmpty { return "the repository is missing" }
    if path.hasSuffix("/") { return "it ends with a slash" }
    for component in path.split(separator: "/", omittingEmptySubsequences: false) {
      if component.isEmpty { return "it has an empty part between its slashes" }
      if let problem = componentProblem(component) { return problem }
    }
    return nil
  }

  private static func componentProblem(_ component: Substring) -> String? {
    let bytes = Array(component.utf8)
    if bytes.contains(where: isUppercase) {
      return "the repository's \"\(component)\" has capital letters; a repository has lower-case letters only"
    }
    if !bytes.allSatisfy({ isRepositoryLetter($0) || isSeparator($0) }) {
      return "the repository's \"\(component)\" may only have lower-case letters, digits and . _ -"
    }
    if isSeparator(bytes[0]) || isSeparator(bytes[bytes.count - 1]) {
      return "the repository's \"\(component)\" must begin and end with a letter or digit"
    }
    // Between letters stand one dot, one or two underscores, or any number of hyphens.
    for run in bytes.split(whereSeparator: isRepositoryLetter) where run.count > 1 {
      let isHyphens = run.allSatisfy { $0 == UInt8(ascii: "-") }
      let isTwoUnderscores = run.count == 2 && run.allSatisfy { $0 == UInt8(ascii: "_") }
      if !isHyphens && !isTwoUnderscores {
        return "the repository's \"\(component)\" has \"\(String(decoding: run, as: UTF8.self))\", which is not allowed"
      }
    }
    return nil
  }

  static func tagProblem(_ tag: String) -> String? {
    let bytes = Array(tag.utf8)
    guard let first = bytes.first else { return "the tag after \":\" is missing" }
    if bytes.count > 128 { return "the tag is longer than 128 characters" }
    let allowed = { (byte: UInt8) in isAlphanumeric(byte) || isSeparator(byte) }
    if !bytes.allSatisfy(allowed) { return "the tag \"\(tag)\" may only have letters, digits and . _ -" }
    if !isAlphanumeric(first) && first != UInt8(ascii: "_") {
      return "the tag \"\(tag)\" must begin with a letter, a digit or _"
    }
    return nil
  }

  static func digestProblem(_ digest: String) -> String? {
    guard let colon = digest.firstIndex(of: ":") else { return "the digest after \"@\" has no algorithm" }
    let lengths = ["sha256": 64, "sha384": 96, "sha512": 128]
    guard let length = lengths[String(digest[..<colon])] else {
      return "the digest's algorithm \"\(digest[..<colon])\" is not sha256"
    }
    let value = digest[digest.index(after: colon)...]
    if value.utf8.count != length || !isLowercaseHex(String(value)) {
      return "a \(digest[..<colon]) digest has \(length) lower-case hexadecimal digits"
    }
    return nil
  }

  static func isLowercaseHex(_ text: String) -> Bool { text.utf8.allSatisfy { isHex($0) && !isUppercase($0) } }

  private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0") <= byte && byte <= UInt8(ascii: "9") }
  private static func isUppercase(_ byte: UInt8) -> Bool { UInt8(ascii: "A") <= byte && byte <= UInt8(ascii: "Z") }
  private static func isLowercase(_ byte: UInt8) -> Bool { UInt8(ascii: "a") <= byte && byte <= UInt8(ascii: "z") }
  private static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isUppercase(byte) || isLowercase(byte) }
  private static func isRepositoryLetter(_ byte: UInt8) -> Bool { isDigit(byte) || isLowercase(byte) }
  private static func isSeparator(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
  }
  private static func isHex(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
  }
}
