/// What we ask of URLs in answers.
enum URLRules {
  /// What is wrong with an http or https URL.
  static func webProblem(_ url: String) -> String? {
    let rest: Substring
    if url.hasPrefix("https://") {
      rest = url.dropFirst(8)
    } else if url.hasPrefix("http://") {
      rest = url.dropFirst(7)
    } else {
      return "must begin with https:// or http://"
    }
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    if authority.isEmpty { return "names no host" }
    if authority.contains("@") { return "must not hold a user or password" }
    return url.contains(where: \.isWhitespace) ? "must not hold blanks" : nil
  }

  /// What is wrong with the outfacing URL. The agent takes a host that begins with a digit, a dot or a colon for an
  /// address and drops the ingress rule's host (datarobot-bosun, config.py).
  static func outfacingProblem(_ url: String) -> String? {
    if let problem = webProblem(url) { return problem }
    let host = url.drop { $0 != "/" }.drop { $0 == "/" }.prefix { $0 != "/" && $0 != ":" }
    let isAddress = host.allSatisfy { $0.isNumber || $0 == "." }
    if let first = host.first, first.isNumber || first == ".", !isAddress {
      return
        "has a host that begins with '\(first)': the agent takes it for an address and serves every host; use another name"
    }
    return nil
  }
}
