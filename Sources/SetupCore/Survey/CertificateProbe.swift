public import FoundationEssentials
public import Kubernetes

extension Probe {
  /// The client certificate that the cluster is shown.
  public static let certificate = Probe("certificate", \.certificate, page: .cluster, after: [.kubeconfig]) {
    setup, _ in
    do {
      let shown = try await setup.kubernetes().shownCertificate()
      return CertificateSummary(shown: shown, localDate: setup.world.now())
    } catch let error as CredentialError {
      let isUnreadable = error.code == .clientCertificateInvalid
      throw ObservationFailure(
        isUnreadable ? .absent : .noCredential, error.message, remedy: Remedy(error.nextStep + "."))
    }
  }
}

extension Survey {
  /// The client certificate that the cluster is shown.
  public var certificate: Observed<CertificateSummary> {
    get { self["cluster/certificate"] }
    set { self["cluster/certificate"] = newValue }
  }
}

/// The client certificate that the cluster is shown.
public struct CertificateSummary: Sendable, Equatable {
  /// The certificate; nil: we show none.
  public var shown: ShownCertificate?
  /// Our clock at that moment.
  public var localDate: Date

  /// A summary from its parts.
  public init(shown: ShownCertificate?, localDate: Date) {
    self.shown = shown
    self.localDate = localDate
  }
}
