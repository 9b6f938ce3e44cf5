import Kubernetes

/// An ingress class with the controllers that serve it, and how they were recognised.
public struct IngressController: Sendable, Equatable {
  /// The IngressClass.
  public var className: String
  /// The class' `spec.controller`.
  public var controller: String
  /// The chart's version, where a label of the class says it.
  public var chartVersion: String?
  /// The controller's version, where a label of the class says it.
  public var controllerVersion: String?
  /// Where the versions were read: `labels of IngressClass mlops`.
  public var source: String
  /// Whether the class is one of ingress-nginx.
  public var isIngressNginx: Bool
  /// What runs and serves it.
  public var workloads: Observed<[IngressWorkload]>
  /// Helm's record, where nothing tells a version.
  public var release: String?

  /// A controller from its parts.
  public init(
    className: String, controller: String, chartVersion: String?, controllerVersion: String?, source: String,
    isIngressNginx: Bool, workloads: Observed<[IngressWorkload]> = .notAsked
  ) {
    self.className = className
    self.controller = controller
    self.chartVersion = chartVersion
    self.controllerVersion = controllerVersion
    self.source = source
    self.isIngressNginx = isIngressNginx
    self.workloads = workloads
  }
}

extension IngressController {
  /// Whether the class' labels tell chart 4.0.0 or newer, which is controller 1.0.0-beta.1 or newer; nil: they do not.
  public var meetsMinimum: Bool? { Self.meetsMinimum(chart: chartVersion, controller: controllerVersion) }

  /// Chart 4.0.0 ships controller 1.0.0-beta.1 (kubernetes/ingress-nginx, Chart.yaml at tag helm-chart-4.0.0).
  static func meetsMinimum(chart: String?, controller: String?) -> Bool? {
    if let version = chart.flatMap({ SemanticVersion($0) }) { return version >= SemanticVersion(4, 0, 0) }
    if let version = controller.flatMap({ SemanticVersion($0) }) {
      return version >= SemanticVersion(1, 0, 0, prerelease: "beta.1")
    }
    return nil
  }

  func isServed(_ workload: IngressWorkload) -> Bool { workload.serves(className, controller) }

  /// Takes those of all workloads that serve this class.
  mutating func take(_ all: Observed<[IngressWorkload]>) {
    switch all {
    case .seen(let all):
      let serving = all.filter(isServed)
      workloads = .seen(serving)
      if serving.contains(where: { $0.product == .ingressNginx }) { isIngressNginx = true }
    case .failed(let failure): workloads = .failed(failure)
    case .notAsked: workloads = .notAsked
    }
  }

  private static let products: [(prefix: String, product: String)] = [
    ("nginx.org/", "the F5 NGINX Ingress Controller, which reads annotations of nginx.org/ only"),
    ("openshift.io/", "OpenShift's router"), ("haproxy.org/", "the HAProxy Ingress Controller"),
    ("haproxy-ingress.github.io/", "HAProxy Ingress"), ("ingress.k8s.aws/", "the AWS Load Balancer Controller"),
    ("eks.amazonaws.com/", "EKS Auto Mode's load balancer controller"), ("azure/", "Azure's Application Gateway"),
    ("azure-", "Azure's Application Gateway"), ("projectcontour.io/", "Contour"), ("istio.io/", "Istio"),
    ("cilium.io/", "Cilium"), ("ingress-controllers.konghq.com/", "Kong"), ("konghq.com/", "Kong"),
    ("networking.gke.io/", "Google's load balancer"), ("getambassador.io/", "Emissary"),
  ]

  /// The product behind a `spec.controller` that cannot be ingress-nginx' nor Traefik's; nil: it could.
  static func foreign(_ controller: String) -> String? {
    products.first { controller.hasPrefix($0.prefix) }?.product
  }
}
