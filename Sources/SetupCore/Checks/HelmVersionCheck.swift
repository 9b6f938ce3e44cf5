import Kubernetes

extension Check {
  /// Helm 3 or 4 is on PATH, and not too old for the flags that are used.
  static let helmVersion = Check(
    "helm.version", title: "helm", required: "helm 3.8.0 or newer, or 4, on PATH", why: "The chart is installed by it.",
    needs: [.helm]
  ) { survey, _, _ in
    switch survey.helm {
    case .seen(let helm): judge(helm)
    case .failed(let failure): failure.kind == .absent ? .failed(failure) : .unknown(failure)
    case .notAsked: .notAsked
    }
  }

  private static func judge(_ helm: HelmProgram) -> Finding {
    let observed = "\(helm.version) at \(helm.path)"
    let install = "https://helm.sh/docs/intro/install/"
    guard (helm.support?.majors ?? [3, 4]).contains(helm.major) else {
      return Finding(
        .fail, observed: observed, message: "helm \(helm.version) is neither 3 nor 4.",
        remedy: Remedy("Install helm 4.", url: install))
    }
    if let minimum = helm.support?.minimum, let version = SemanticVersion(String(helm.version.drop { $0 == "v" })),
      version < minimum
    {
      return Finding(
        .fail, observed: observed, message: "helm \(helm.version) is older than \(minimum).",
        remedy: Remedy("Install helm 4.", url: install))
    }
    if let day = helm.supportEnded {
      return Finding(
        .warn, observed: observed,
        message: "helm \(helm.version) is on PATH; Helm \(helm.major) gets no security fixes since \(day).",
        remedy: Remedy("Install helm 4; the release stays as it is.", url: install))
    }
    return Finding(.pass, observed: observed, message: "helm \(helm.version) is on PATH.")
  }
}
