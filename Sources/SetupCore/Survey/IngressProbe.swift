public import Kubernetes

extension Probe {
  /// Ingress classes and the controllers behind them.
  public static let ingress = Probe(
    "ingress", page: .cluster, after: [.cluster],
    failed: { failure in
      { survey in
        survey.ingressClasses = .failed(failure)
        survey.ingressControllers = .failed(failure)
      }
    }, look: { setup, _ in try await IngressProbe.look(setup) })
}

/// Looks for ingress classes and recognises the controllers behind them.
enum IngressProbe {
  /// The controller names under which ingress-nginx serves a class: its own, and those of chart values that keep the
  /// prefix, as its documentation on several controllers advises; AKS' add-on runs ingress-nginx under its own name.
  static func isIngressNginx(_ controller: String) -> Bool {
    controller == "k8s.io/ingress-nginx" || controller.hasPrefix("k8s.io/ingress-nginx-")
      || controller == "k8s.io/internal-ingress-nginx"
      || controller.hasPrefix("webapprouting.kubernetes.azure.com/nginx")
  }

  static func look(_ setup: Setup) async throws -> SurveyUpdate {
    let client = try setup.kubernetes()
    let classes = try await client.list(IngressClass.self, .ingressClasses).value.items
    var controllers = classes.map(controller)
    if controllers.contains(where: { $0.isIngressNginx && $0.meetsMinimum == nil }) {
      let pods = try await pods(client)
      for index in controllers.indices where controllers[index].isIngressNginx {
        controllers[index].addVersion(from: pods)
      }
    }
    return { [controllers] survey in
      survey.ingressClasses = .seen(classes)
      survey.ingressControllers = .seen(controllers)
    }
  }

  /// The controller's pods: where static manifests leave the class without a version, they carry it in labels or image
  /// tags. Where we may not look the class is still known, and the check says that its version is not.
  private static func pods(_ client: KubernetesClient) async throws -> [Pod] {
    do throws(KubernetesError) {
      let selector = "app.kubernetes.io/name in (ingress-nginx,rke2-ingress-nginx)"
      return try await client.list(Pod.self, .pods, labelSelector: selector).value.items
    } catch {
      guard error.code == .forbidden else { throw error }
      return []
    }
  }

  /// What a class' own labels tell.
  static func controller(_ ingressClass: IngressClass) -> IngressController {
    let labels = ingressClass.metadata.labels
    let chart = labels["helm.sh/chart"]
    let isLabelled = labels["app.kubernetes.io/name"]?.hasSuffix("ingress-nginx") == true
    let prefix = ["ingress-nginx-", "rke2-ingress-nginx-"].first { chart?.hasPrefix($0) == true }
    let chartVersion = prefix.flatMap { prefix in chart.map { String($0.dropFirst(prefix.count)) } }
    let controllerVersion = isLabelled ? labels["app.kubernetes.io/version"] : nil
    return IngressController(
      className: ingressClass.metadata.name, controller: ingressClass.spec.controller, chartVersion: chartVersion,
      controllerVersion: controllerVersion,
      source: chartVersion ?? controllerVersion == nil ? "" : "labels of IngressClass \(ingressClass.metadata.name)",
      isIngressNginx: isIngressNginx(ingressClass.spec.controller) || isLabelled)
  }
}

extension IngressController {
  /// Takes the version from the labels or image of a pod that serves this class, or any where the pods do not say.
  fileprivate mutating func addVersion(from pods: [Pod]) {
    guard meetsMinimum == nil else { return }
    let argument = "--controller-class=\(controller)"
    let serving = pods.filter { $0.spec.containers.contains { $0.args.contains(argument) } }
    guard let pod = serving.first ?? pods.first else { return }
    if let version = pod.metadata.labels["app.kubernetes.io/version"], SemanticVersion(version) != nil {
      controllerVersion = version
      source = "labels of Pod \(pod.metadata.name)"
      return
    }
    for container in pod.spec.containers where container.image.contains("ingress-nginx/controller") {
      let tag = container.image.split(separator: "@")[0].split(separator: ":").last.map(String.init) ?? ""
      if SemanticVersion(tag) != nil {
        controllerVersion = tag
        source = "image of Pod \(pod.metadata.name)"
      }
    }
  }
}

extension Survey {
  /// All ingress classes.
  public var ingressClasses: Observed<[IngressClass]> {
    get { self["cluster/ingressClasses"] }
    set { self["cluster/ingressClasses"] = newValue }
  }
}

extension Survey {
  /// The ingress controllers that were recognised.
  public var ingressControllers: Observed<[IngressController]> {
    get { self["cluster/ingressControllers"] }
    set { self["cluster/ingressControllers"] = newValue }
  }
}

/// An ingress controller that runs in the cluster, and how it was recognised.
public struct IngressController: Sendable, Equatable {
  /// The IngressClass it serves.
  public var className: String
  /// The class' `spec.controller`.
  public var controller: String
  /// The chart's version, where a label or a release says it.
  public var chartVersion: String?
  /// The controller's version, where a label or an image tag says it.
  public var controllerVersion: String?
  /// Where the versions were read: `labels of IngressClass mlops`.
  public var source: String
  /// Whether it is ingress-nginx.
  public var isIngressNginx: Bool

  /// A controller from its parts.
  public init(
    className: String, controller: String, chartVersion: String?, controllerVersion: String?, source: String,
    isIngressNginx: Bool
  ) {
    self.className = className
    self.controller = controller
    self.chartVersion = chartVersion
    self.controllerVersion = controllerVersion
    self.source = source
    self.isIngressNginx = isIngressNginx
  }
}

extension IngressController {
  /// Whether it is chart 4.0.0 or newer, which is controller 1.0.0-beta.1 or newer; nil: no version is known.
  public var meetsMinimum: Bool? {
    if let version = chartVersion.flatMap({ SemanticVersion($0) }) { return version >= SemanticVersion(4, 0, 0) }
    if let version = controllerVersion.flatMap({ SemanticVersion($0) }) {
      return version >= SemanticVersion(1, 0, 0, prerelease: "beta.1")
    }
    return nil
  }
}
