extension Check {
  /// Helm 3 or 4 is on PATH.
  static let helmVersion = Check(
    "helm.version", title: "helm", required: "helm 3 or 4 on PATH", why: "The chart is installed by it.",
    needs: [.helm]
  ) { survey, _, _ in
    switch survey.helm {
    case .seen(let helm) where helm.major == 3 || helm.major == 4:
      Finding(.pass, observed: "\(helm.version) at \(helm.path)", message: "helm \(helm.version) is on PATH.")
    case .seen(let helm):
      Finding(
        .fail, observed: "\(helm.version) at \(helm.path)", message: "helm \(helm.version) is neither 3 nor 4.",
        remedy: Remedy("Install helm 4.", url: "https://helm.sh/docs/intro/install/"))
    case .failed(let failure): failure.kind == .absent ? .failed(failure) : .unknown(failure)
    case .notAsked: .notAsked
    }
  }
}
