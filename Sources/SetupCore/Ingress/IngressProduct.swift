import Kubernetes

/// An ingress controller that can be put in place for the models: each reads the annotations that the agent writes.
enum IngressProduct: String, CaseIterable {
  case traefik
  case nginx = "ingress-nginx"

  /// For people.
  var title: String {
    switch self {
    case .traefik: "Traefik"
    case .nginx: "ingress-nginx"
    }
  }

  /// For a list to choose from.
  var label: String {
    switch self {
    case .traefik: "maintained; reads the same annotations"
    case .nginx: "retired: no fixes since March 2026"
    }
  }

  /// What is to be known before it is installed; nil: nothing.
  var notice: String? {
    switch self {
    case .traefik: nil
    case .nginx:
      "ingress-nginx is retired: it gets no fixes since March 2026, not for security either; its charts and images stay"
    }
  }

  /// The chart's name.
  var chart: String { rawValue }

  /// The project's own repository of charts.
  var repository: String {
    switch self {
    case .traefik: "https://traefik.github.io/charts"
    case .nginx: "https://kubernetes.github.io/ingress-nginx"
    }
  }

  /// The chart's version that these values were written for: Traefik 3.7.11, and the last of ingress-nginx (1.15.1).
  var chartVersion: String {
    switch self {
    case .traefik: "41.3.0"
    case .nginx: "4.15.1"
    }
  }

  /// Why another chart of this name will not do; nil: it will.
  func problem(_ chart: Chart, _ platform: PlatformRequirements) -> String? {
    if chart.name != self.chart { return "it is the chart \(chart.name), not \(self.chart)" }
    switch self {
    case .traefik:
      guard let version = chart.appVersion.flatMap({ SemanticVersion($0) }), version >= platform.traefikMinimum else {
        return "it brings Traefik \(chart.appVersion ?? "of an unknown version"), which does not read rewrite-target; "
          + "\(platform.traefikMinimum) does"
      }
      return nil
    case .nginx:
      guard let version = SemanticVersion(chart.version), version >= platform.chartMinimum else {
        return "it is version \(chart.version); the agent needs \(platform.chartMinimum) or newer"
      }
      return nil
    }
  }
}

/// The ingress controller that the answers want in place, for their class. A class has a release and a controller value of
/// its own, so that a second one in the cluster leaves the first alone.
struct IngressTarget: Sendable {
  let product: IngressProduct
  let className: String

  /// Nil: nothing is to be installed.
  init?(_ answers: Answers) {
    guard Self.mayBeAsked(answers), let product = answers[.ingressInstall].flatMap(IngressProduct.init) else {
      return nil
    }
    self.product = product
    className = answers[.ingressClass] ?? ""
  }

  /// OpenShift has its own router.
  static func mayBeAsked(_ answers: Answers) -> Bool { RegistryProviders.chosen(answers)?.home != .openShift }

  /// The documented namespace, which holds nothing of the agent.
  static let namespace = "ingress-mlops"

  /// The Helm release; for the documented class as it is documented.
  var release: String {
    let name =
      switch product {
      case .traefik: "traefik"
      case .nginx: "nginx-ingress"
      }
    return className == "mlops" ? name : "\(name)-\(className)"
  }

  /// The `spec.controller` of the class.
  var controller: String { "k8s.io/ingress-nginx-\(className)" }
}
