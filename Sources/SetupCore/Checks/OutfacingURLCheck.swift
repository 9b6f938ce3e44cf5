import Text

extension Check {
  /// Clients will reach deployed models under the outfacing URL. What the agent does with it: datarobot-bosun, config.py.
  static let outfacingURL = Check(
    "urls.outfacing", title: "Outfacing URL",
    required: "an http or https URL of a host name that no other Ingress serves",
    why: "The agent writes its host and path into the Ingress of every model.", needs: [.ingressHosts],
    exemption: { answers, _ in answers[.outfacingURL] == nil ? "No outfacing URL was given." : nil }
  ) { survey, answers, _ in
    if case .notAsked = survey.ingressHosts { return .notAsked }
    return OutfacingVerdict(answers[.outfacingURL] ?? "", survey, answers).finding
  }
}

private struct OutfacingVerdict {
  private let url: String
  private let host: String
  private let path: Substring
  private let hosts: Observed<IngressHosts>
  private let namespace: String
  private let ingressClass: String

  init(_ url: String, _ survey: Survey, _ answers: Answers) {
    self.url = url
    let rest = url.drop { $0 != "/" }.drop { $0 == "/" }
    host = String(rest.prefix { !"/:?#".contains($0) })
    path = rest.drop { $0 != "/" }
    hosts = survey.ingressHosts
    namespace = answers[.namespace] ?? ""
    ingressClass = answers[.ingressClass] ?? ""
  }

  private var isHTTPS: Bool { url.hasPrefix("https://") }
  private var isAddress: Bool { host.allSatisfy { $0.isNumber || $0 == "." } }

  var finding: Finding {
    if let problem = problem {
      return Finding(
        .fail, observed: url, message: "The outfacing URL \(problem).",
        remedy: Remedy("Correct ingress.outfacingUrl, for example https://models.example.com/deployments/."))
    }
    let doubts = [addressDoubt, caseDoubt, pathDoubt, conflict, certificateDoubt].compactMap { $0 }
    let observed = "\(isHTTPS ? "https" : "http"), host \(isAddress ? "any" : host), path \(path.isEmpty ? "/" : path)"
    guard let first = doubts.first else {
      return Finding(
        .pass, observed: observed, message: "Models will be reached under \(url).", details: details)
    }
    return Finding(
      .warn, observed: observed, message: doubts.map(\.0).joined(separator: " "),
      remedy: Remedy(doubts.map(\.1).joined(separator: " "), command: first.2), details: details)
  }

  private typealias Doubt = (String, String, String?)

  private var problem: String? {
    if let problem = URLRules.outfacingProblem(url) { return problem }
    if url.contains("?") || url.contains("#") { return "has a query or a fragment, which no path prefix can have" }
    if isAddress { return nil }
    return KubernetesNames.subdomainProblem(host.lowercased()).map { "has the host '\(host)', which \($0)" }
  }

  private var addressDoubt: Doubt? {
    guard isAddress else { return nil }
    return (
      "The outfacing URL has an address and no host name, so the Ingress of every model answers for every host.",
      "Give the address a name, and use that.", nil
    )
  }

  private var caseDoubt: Doubt? {
    guard host != host.lowercased() else { return nil }
    return (
      "The host \(host) has capital letters, which Kubernetes refuses in an Ingress.", "Write \(host.lowercased()).",
      nil
    )
  }

  /// The path becomes part of a regular expression of nginx.
  private var pathDoubt: Doubt? {
    let isPlain = path.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "."), UInt8(ascii: "~"):
        true
      default: false
      }
    }
    guard !isPlain || path.contains("//") else { return nil }
    return (
      "The path \(path) has characters that mean something else in the Ingress' regular expression.",
      "Use letters, digits, '-' and '_' in the path.", nil
    )
  }

  private var conflict: Doubt? {
    if isAddress { return nil }
    switch hosts {
    case .notAsked: return nil
    case .failed(let failure):
      let message = failure.message.hasSuffix(".") ? failure.message : failure.message + "."
      return (
        failure.isOutOfReach
          ? "Whether another Ingress serves \(host) could not be seen, because the cluster was not reached."
          : "Whether another Ingress serves \(host) could not be seen: \(message)",
        failure.kind == .denied
          ? "Let someone who may list all Ingresses look." : "Look again once the API server answers.",
        "kubectl get ingress --all-namespaces"
      )
    case .seen(let seen):
      let others = seen.claims.filter { claim in
        claim.host == host.lowercased()
          && (claim.namespace != namespace || claim.ingressClass.map { $0 != ingressClass } ?? false)
      }
      guard let other = others.first else { return nil }
      let served = other.ingressClass.map { "class \($0)" } ?? "no class"
      return (
        "The host \(host) is served by the Ingress \(other.namespace)/\(other.name) (\(served))"
          + (others.count > 1 ? " and \(others.count - 1) more" : "")
          + ": the rewrite of the models' paths makes all paths of that host regular expressions.",
        "Give the models a host of their own.", "kubectl get ingress --all-namespaces"
      )
    }
  }

  /// The agent writes no `tls` section, so nginx shows its default certificate.
  private var certificateDoubt: Doubt? {
    guard isHTTPS, defaultCertificate == nil else { return nil }
    return (
      "The agent writes no TLS section into its Ingresses and redirects http to https: unless TLS ends before it, the "
        + "controller shows its own certificate for \(host), which no client trusts.",
      "Put a certificate for \(host) into a TLS Secret and start the controller with --default-ssl-certificate="
        + "NAMESPACE/SECRET, or let the load balancer end TLS.",
      nil
    )
  }

  private var details: [String] {
    guard isHTTPS, let defaultCertificate else { return [] }
    return ["the controller's default certificate is the Secret \(OutsideText.clean(defaultCertificate))"]
  }

  /// nil: there is none, or it could not be seen.
  private var defaultCertificate: String? {
    if case .seen(let certificate)? = hosts.value?.defaultCertificate { certificate } else { nil }
  }
}
