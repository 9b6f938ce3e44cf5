import FoundationEssentials
import HTTP
import Text

extension Check {
  /// The registry's certificate is one that this machine, and as far as can be told the nodes, will trust.
  static let registryTLS = Check(
    "registry.tls", title: "Registry certificate",
    required: "a certificate for the registry's name, signed by a CA that is trusted, for at least 14 more days",
    why:
      "The image builder and every node verify it. What this machine trusts, the nodes' container runtime need not trust.",
    needs: [.registryTLS],
    exemption: { noRegistry($0) ?? noWay($1.registryTLS) }
  ) { survey, answers, _ in
    .judging(survey.registryTLS) { tls in
      let image = answers[.managementAgent].flatMap { $0.hasPrefix(tls.host + "/") ? $0 : nil }
      return RegistryTLSVerdict(tls: tls, image: image ?? "\(tls.host)/REPOSITORY:TAG").finding
    }
  }
}

/// What a chain means.
struct RegistryTLSVerdict {
  let tls: RegistryTLS
  /// An image to try on a node.
  let image: String

  private var chain: [PresentedCertificate] { tls.chain.value ?? [] }

  var finding: Finding {
    switch tls.trust {
    case .plain:
      Finding(
        .warn, observed: "http",
        message:
          "\(tls.host) speaks http: there is no certificate to look at, and the password crosses the network in the clear.",
        remedy: Remedy(
          "Give the registry a certificate, or allow it as insecure on every node: containerd takes a hosts.toml with "
            + "an http server under /etc/containerd/certs.d/\(tls.host)/."))
    case .untrusted(let said): untrusted(said)
    case .expired(let said):
      Finding(
        .fail, observed: chain.first.map { "ended \($0.notAfter)" } ?? "expired", message: sentence(said),
        remedy: Remedy(
          "Have the registry's certificate renewed; where its dates are good, set this machine's clock.",
          command: showCommand), details: lines)
    case .nameMismatch(let said):
      Finding(
        .fail, observed: "a certificate for \(names)", message: sentence(said),
        remedy: Remedy(
          "Name the registry by a name in its certificate, or have one issued for \(hostName).", command: showCommand),
        details: lines)
    case .trusted: trusted
    }
  }

  /// Who is to be trusted and is not: the signer of the last certificate that was sent.
  private func untrusted(_ said: String) -> Finding {
    guard let last = chain.last else {
      return Finding(
        .fail, observed: "not trusted", message: sentence(said),
        remedy: Remedy("See who signed it, and give that CA.", command: showCommand), details: unseen)
    }
    let missing = OutsideText.clean(last.issuer)
    let how =
      chain.count == 1 && last.isSelfSigned
      ? "is signed by itself (\(missing))" : "leads to the CA \(missing)"
    let known = tls.authority.map { "the CA file \($0) does not hold" } ?? "this machine does not know"
    return Finding(
      .fail, observed: "signed by \(missing)",
      message: "The certificate of \(tls.host) \(how), which \(known).",
      remedy: Remedy(
        "Get that CA's certificate as PEM from who runs the registry and give it as registry.certificateAuthority. "
          + nodes, command: showCommand), details: lines)
  }

  private var trusted: Finding {
    let ends = chain.compactMap(\.end)
    guard let leaf = chain.first, let end = ends.min(), ends.count == chain.count else {
      return Finding(
        .warn, observed: "trusted, dates not seen",
        message: "This machine trusts the certificate of \(tls.host), but when it ends could not be seen.",
        remedy: Remedy("See for yourself.", command: showCommand), details: unseen)
    }
    let days = Int((end.timeIntervalSince(tls.seenAt) / 86_400).rounded(.down))
    let observed = "signed by \(OutsideText.clean(leaf.issuer)), \(days) days left"
    if days < 14 {
      let short = chain.first { $0.end == end } ?? leaf
      return Finding(
        .warn, observed: observed,
        message:
          "The certificate \(OutsideText.clean(short.subject)) of \(tls.host) ends in \(days) days (\(short.notAfter)).",
        remedy: Remedy("Have it renewed before that: from then on no image is pushed or pulled."), details: lines)
    }
    if let inside = tls.inside {
      return Finding(
        .pass, observed: observed,
        message: "This machine trusts \(tls.host) by \(tls.authority ?? "its CA bundle"); the cluster reaches the "
          + "registry as \(inside).", details: lines)
    }
    if let authority = tls.authority {
      return Finding(
        .warn, observed: observed,
        message:
          "This machine trusts \(tls.host) by \(authority); whether the nodes' container runtime does cannot be seen from here.",
        remedy: Remedy(
          nodes + " Try one on a node.", command: "crictl pull \(Shell.quote(image))"), details: lines)
    }
    return Finding(
      .pass, observed: observed, message: "This machine's CA bundle vouches for \(tls.host).", details: lines)
  }

  private var nodes: String {
    if tls.inside != nil { return "The nodes need nothing: they reach the registry by another name." }
    return "Put the CA on every node too: containerd reads /etc/containerd/certs.d/\(tls.host)/ca.crt, CRI-O "
      + "/etc/containers/certs.d/\(tls.host)/ca.crt, OpenShift additionalTrustedCA of image.config.openshift.io/cluster."
  }

  private var lines: [String] {
    chain.enumerated().map { index, certificate in
      "\(index + 1). \(OutsideText.clean(certificate.subject)), signed by \(OutsideText.clean(certificate.issuer)), "
        + "until \(OutsideText.clean(certificate.notAfter))"
        + (certificate.names.isEmpty
          ? "" : ", for \(certificate.names.map { OutsideText.clean($0) }.joined(separator: ", "))")
    } + unseen
  }

  private var unseen: [String] {
    if case .failed(let failure) = tls.chain { [failure.message] } else { [] }
  }

  private var names: String {
    let names = chain.first?.names ?? []
    return names.isEmpty ? "other names" : names.map { OutsideText.clean($0) }.joined(separator: ", ")
  }

  private var hostName: String {
    tls.host.hasPrefix("[") ? tls.host : String(tls.host.prefix { $0 != ":" })
  }

  private var showCommand: String {
    let address = tls.host.contains(":") && !tls.host.hasSuffix("]") ? tls.host : tls.host + ":443"
    return
      "openssl s_client -connect \(Shell.quote(address)) -servername \(Shell.quote(hostName)) -showcerts </dev/null"
  }

  private func sentence(_ said: String) -> String { said.hasSuffix(".") ? said : said + "." }
}
