import Kubernetes

/// What the charts of ingress-nginx and Traefik make of the values that matter to the agent.
struct IngressChart: StandInRelease {
  enum Product: String, CaseIterable {
    case nginx = "ingress-nginx"
    case traefik
  }

  let product: Product
  /// The user's values alone.
  let values: JSONValue
  let release: String
  let namespace: String

  /// Nil: the chart is none of these; `chart` is its name, or its folder or archive.
  init?(_ chart: String, values: JSONValue, release: String, namespace: String) {
    let name = chart.split(separator: "/").last.map(String.init) ?? ""
    guard let product = Product.allCases.first(where: { name.hasPrefix($0.rawValue) }) else { return nil }
    self.product = product
    self.values = values
    self.release = release
    self.namespace = namespace
  }

  var chart: ChartIdentity {
    switch product {
    case .nginx: ChartIdentity(name: product.rawValue, version: "4.15.1", appVersion: "1.15.1")
    case .traefik: ChartIdentity(name: product.rawValue, version: "41.3.0", appVersion: "v3.7.11")
    }
  }

  var deploymentName: String {
    switch product {
    case .nginx: "\(release)-ingress-nginx-controller"
    case .traefik: release
    }
  }

  var objects: [JSONValue] { controller.objects.filter { $0["kind"] != "Namespace" }.map(owned) }

  private var controller: SimulatedIngressController {
    func text(_ path: String...) -> String? { values.value(at: path)?.string }
    switch product {
    case .nginx:
      return .nginx(
        class: text("controller", "ingressClassResource", "name") ?? "nginx",
        controller: text("controller", "ingressClassResource", "controllerValue") ?? "k8s.io/ingress-nginx",
        release: release, namespace: namespace, version: chart.appVersion, chart: chart.version,
        replicas: values.value(at: ["controller", "autoscaling", "minReplicas"])?.integer ?? 1,
        configuration: values.value(at: ["controller", "config"])?.texts ?? [:])
    case .traefik:
      return .traefik(
        controller: text("providers", "kubernetesIngressNGINX", "controllerClass") ?? "k8s.io/ingress-nginx",
        release: release, namespace: namespace, version: chart.appVersion, chart: chart.version,
        replicas: values.value(at: ["deployment", "replicas"])?.integer ?? 1)
    }
  }

  /// Helm marks what it made.
  private func owned(_ object: JSONValue) -> JSONValue {
    var object = object
    object.set(.string(release), at: "metadata", "annotations", "meta.helm.sh/release-name")
    object.set(.string(namespace), at: "metadata", "annotations", "meta.helm.sh/release-namespace")
    return object
  }
}
