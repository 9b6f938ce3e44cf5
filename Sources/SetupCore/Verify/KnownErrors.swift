import Text

/// An error that the management agent is known to write into its log, with what it means and what to do.
struct KnownError: Sendable {
  /// A few words, for a table.
  let name: String
  /// In small letters: a line of the log shows it where it has all parts of one of these.
  let signs: [[String]]
  /// What it means, in a sentence.
  let meaning: String
  let remedy: Remedy

  func isIn(_ line: String) -> Bool { signs.contains { $0.allSatisfy(line.contains) } }

  /// In the order they are looked for: what is special goes before what comes with it.
  static let all: [KnownError] = [
    KnownError(
      name: "forbidden by the cluster", signs: [["is forbidden", "cannot"], ["403", "\"reason\":\"forbidden\""]],
      meaning: "The cluster does not let the agent do what it has to.",
      remedy: Remedy(
        "Let the chart make the agent's role (managementAgent.rbac.create), or grant it; preflight's permissions.agent "
          + "lists what the agent needs.")),
    KnownError(
      name: "proxy",
      signs: [
        ["proxyerror"], ["unable to connect to proxy"], ["tunnel connection failed"], ["407 proxy authentication"],
        ["cannot connect to proxy"],
      ],
      meaning: "The agent does not get through its proxy.",
      remedy: Remedy("Correct HTTPS_PROXY and NO_PROXY of the agent's Deployment, or let the proxy pass DataRobot.")),
    KnownError(
      name: "certificate", signs: [["certificate_verify_failed"], ["certificate verify failed"], ["x509:"]],
      meaning: "The agent does not trust the certificate that it is shown.",
      remedy: Remedy(
        "Have the CA that signed it made known to the agent's image, or see whether a proxy in between opens the "
          + "connection.")),
    KnownError(
      name: "token refused",
      signs: [
        ["401 client error"], ["401", "unauthorized", "datarobot"], ["401", "unauthorized", "/api/v2"],
        ["invalid authorization"], ["invalid api token"],
      ],
      meaning: "DataRobot refuses the agent's API token.",
      remedy: Remedy(
        "Make a new token in DataRobot, put it where datarobot.apiToken says, run mlops-setup --answers FILE, and restart "
          + "the agent: it reads the token once.")),
    KnownError(
      name: "prediction environment unknown",
      signs: [
        ["404", "predictionenvironments"], ["prediction environment", "not found"],
        ["prediction environment", "does not exist"],
      ],
      meaning: "DataRobot knows no prediction environment of the id that the agent was given.",
      remedy: Remedy("Correct datarobot.predictionEnvironment, and run mlops-setup --answers FILE.")),
    KnownError(
      name: "token's owner may not", signs: [["403 client error"], ["403", "forbidden", "/api/v2"]],
      meaning: "DataRobot does not let the token's owner do what the agent asks for.",
      remedy: Remedy(
        "Use the token of a user who owns the prediction environment, or share the environment with that user.")),
    KnownError(
      name: "version of the prediction server",
      signs: [
        ["ppsimage", "invalid"], ["ppsimage", "must"], ["pps image", "invalid"], ["pps image", "must"],
        ["ppsimage", "does not match"], ["pps_image", "invalid"], ["pps_image", "must"], ["pps", "version", "must"],
      ],
      meaning: "The agent does not accept the tag of the portable prediction server's image.",
      remedy: Remedy("Give images.predictionServer a tag that is a version and nothing else, such as :11.2.0.")),
    KnownError(
      name: "image pull", signs: [["errimagepull"], ["imagepullbackoff"]],
      meaning: "The cluster could not pull an image that the agent started.",
      remedy: Remedy(
        "See that the image is there and that nodes may pull it (imagePullSecrets); agent.builder tells more.")
    ),
    KnownError(
      name: "name unknown",
      signs: [
        ["name or service not known"], ["temporary failure in name resolution"], ["failed to resolve"],
        ["nameresolutionerror"], ["no such host"], ["getaddrinfo failed"],
      ],
      meaning: "The agent's pod cannot look up the name of what it wants to reach.",
      remedy: Remedy(
        "See that the name is right (datarobot.endpoint), and that the cluster's DNS resolves names outside of it.")),
    KnownError(
      name: "not reached",
      signs: [
        ["connection refused"], ["connection timed out"], ["connecttimeout"], ["readtimeout"], ["no route to host"],
        ["network is unreachable"], ["max retries exceeded"], ["newconnectionerror"], ["i/o timeout"],
      ],
      meaning: "The agent's pod does not reach what it wants to.",
      remedy: Remedy(
        "See that a firewall or a NetworkPolicy lets the pods reach it: kubectl get networkpolicy; where only a proxy "
          + "does, set HTTPS_PROXY in the agent's Deployment.")),
  ]
}

/// A known error in a container's log.
struct LogSighting: Sendable, Equatable {
  /// What it means, in a sentence.
  var meaning: String
  var remedy: Remedy
  /// The line, without secrets.
  var line: String
  /// `pod/container`.
  var place: String
  /// How many lines came after it.
  var linesAfter: Int

  /// The last sighting of each known error in a log, the newest first.
  static func all(in text: String, of place: String) -> [LogSighting] {
    let lines = text.split(separator: "\n").map(String.init).filter { !$0.allSatisfy(\.isWhitespace) }
    var found: [LogSighting] = []
    var names: Set<String> = []
    for (index, line) in lines.enumerated().reversed() {
      let small = line.lowercased()
      guard let error = KnownError.all.first(where: { $0.isIn(small) }), names.insert(error.name).inserted else {
        continue
      }
      var sighting = LogSighting(
        meaning: error.meaning, remedy: error.remedy, line: line.trimmed(to: 400), place: place,
        linesAfter: lines.count - 1 - index)
      if let refusal = RBACRefusal(line) {
        sighting.meaning = refusal.sentence
        sighting.remedy.command = refusal.command
      }
      found.append(sighting)
    }
    // Python's own way to end: it is told where nothing known explains it.
    if let line = traceback(lines), !found.contains(where: { $0.linesAfter <= 2 }) {
      found.insert(
        LogSighting(
          meaning: "The agent ended with an error of its own.",
          remedy: Remedy(
            "Read the lines before it. What names a setting can be corrected in the answers; else give it to DataRobot's "
              + "support."), line: line.trimmed(to: 400), place: place, linesAfter: 0), at: 0)
    }
    return found
  }

  /// The last line of a traceback with which the log ends; nil: it ends otherwise.
  private static func traceback(_ lines: [String]) -> String? {
    guard let start = lines.lastIndex(where: { $0.contains("Traceback (most recent call last)") }) else { return nil }
    guard let end = lines[(start + 1)...].firstIndex(where: { $0.first?.isWhitespace == false }) else {
      return lines.last
    }
    return lines.count - 1 - end <= 2 ? lines[end] : nil
  }
}

/// What an API server writes where it forbids something: `pods is forbidden: User "…" cannot create resource "pods" in API
/// group "" in the namespace "…"`.
struct RBACRefusal: Equatable {
  var user: String
  var verb: String
  var resource: String
  var group: String
  var namespace: String?

  /// From a line, in which quotes may have a backslash before them; nil: it says nothing of the kind.
  init?(_ line: String) {
    let text = line.filter { $0 != "\\" }
    func quoted(after sign: String, in text: Substring) -> (value: String, rest: Substring)? {
      guard let start = text.range(of: sign) else { return nil }
      let value = text[start.upperBound...].prefix { $0 != "\"" }
      return (OutsideText.clean(value, limit: 120), text[value.endIndex...])
    }
    guard let user = quoted(after: "User \"", in: text[...]), let cannot = user.rest.range(of: " cannot "),
      let resource = quoted(after: " resource \"", in: user.rest[cannot.upperBound...])
    else { return nil }
    self.user = user.value
    verb = OutsideText.clean(user.rest[cannot.upperBound...].prefix { $0 != " " }, limit: 30)
    self.resource = resource.value
    group = quoted(after: "in API group \"", in: resource.rest)?.value ?? ""
    namespace = quoted(after: "in the namespace \"", in: resource.rest)?.value
  }

  /// The resource as kubectl and roles name it.
  var name: String { group.isEmpty ? resource : "\(resource).\(group)" }

  var sentence: String {
    let place = namespace.map { " in the namespace \($0)" } ?? " in the whole cluster"
    return "The cluster does not let \(user) \(verb) \(name)\(place)."
  }

  /// Asks whether it is so.
  var command: String {
    Shell.line(
      ["kubectl", "auth", "can-i", verb, name, "--as=\(user)"] + (namespace.map { ["--namespace", $0] } ?? []))
  }
}

extension Substring {
  /// Where a part occurs first.
  fileprivate func range(of part: String) -> Range<Substring.Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(part) { return start..<index(start, offsetBy: part.count) }
      start = index(after: start)
    }
    return nil
  }
}
