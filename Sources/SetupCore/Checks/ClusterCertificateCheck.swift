import FoundationEssentials
import Kubernetes
import Text

extension Check {
  /// The client certificate that the cluster is shown does not end soon.
  static let clusterCertificate = Check(
    "cluster.certificate", title: "Client certificate", required: "a client certificate that holds 14 days or longer",
    why: "The API server answers an expired certificate with a bare 401, and an installation cannot be mended then.",
    needs: [.certificate],
    exemption: { _, survey in
      guard case .seen(let summary) = survey.certificate, summary.shown == nil else { return nil }
      return "The context's user shows no client certificate."
    }
  ) { survey, _, _ in
    switch survey.certificate {
    case .seen(let summary): verdict(summary)
    // What the kubeconfig names is known to be missing or no certificate.
    case .failed(let failure): failure.kind == .absent ? .failed(failure) : .unknown(failure)
    case .notAsked: .notAsked
    }
  }

  private static func verdict(_ summary: CertificateSummary) -> Finding {
    guard let shown = summary.shown else { return .notAsked }
    let certificate = shown.certificate
    let now = summary.localDate
    let name = certificate.commonName.map { " of \(OutsideText.clean($0))" } ?? ""
    let observed = "\(shown.source): from \(certificate.begins.utcDay) to \(certificate.expires.utcDay)"
    let details = [
      "subject: \(OutsideText.clean(certificate.commonName ?? "no common name"))"
        + (certificate.organizations.isEmpty
          ? "" : ", groups \(certificate.organizations.map { OutsideText.clean($0) }.joined(separator: ", "))"),
      "from \(shown.source)",
      "holds from \(certificate.begins.ISO8601Format()) to \(certificate.expires.ISO8601Format()); now \(now.ISO8601Format())",
    ]
    let remedy = Remedy(
      "Get a new kubeconfig from whoever runs the cluster; on a kubeadm control plane renew it.",
      command: "kubeadm certs renew admin.conf")
    if now < certificate.begins {
      return Finding(
        .fail, observed: observed,
        message: "The client certificate\(name) holds only from \(certificate.begins.utcDay) on.",
        remedy: Remedy("Set this machine's clock, or get a new kubeconfig.", command: "date -u"), details: details)
    }
    let left = certificate.expires.timeIntervalSince(now)
    if left < 0 {
      return Finding(
        .fail, observed: observed,
        message: "The client certificate\(name) expired on \(certificate.expires.utcDay), \(interval(-left)) ago.",
        remedy: remedy, details: details)
    }
    // What a plugin issues is short-lived by design: the plugin gets the next one.
    if left < 14 * 86_400, !shown.isRenewed {
      return Finding(
        .warn, observed: observed,
        message: "The client certificate\(name) expires in \(interval(left)), on \(certificate.expires.utcDay).",
        remedy: remedy, details: details)
    }
    return Finding(
      .pass, observed: observed,
      message: "The client certificate\(name) holds until \(certificate.expires.utcDay)"
        + (shown.isRenewed ? "; its plugin renews it." : ", \(interval(left)) from now."))
  }
}
