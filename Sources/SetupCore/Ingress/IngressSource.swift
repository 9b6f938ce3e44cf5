import Kubernetes

/// The release of the ingress controller: of a chart on this machine, or of the project's own repository.
struct IngressSource: ReleaseSource {
  let target: IngressTarget
  let moreValues: [String]
  var moreValuesKey: AnswerKey<[String]> { .ingressValues }
  private let path: String?

  init(_ target: IngressTarget, _ answers: Answers) {
    self.target = target
    path = answers[.ingressChart]
    moreValues = answers[.ingressValues]
  }

  var release: String { target.release }
  var namespace: String? { IngressTarget.namespace }
  var valuesName: String { "ingress-values.yaml" }

  func chart(_ absolute: (String) -> String) -> [String] {
    if let path { return [absolute(path)] }
    return [target.product.chart, "--repo", target.product.repository, "--version", target.product.chartVersion]
  }

  func content(_ setup: Setup) async throws -> ReleaseContent {
    let product = target.product
    guard let path else {
      let chart = Chart(path: "", name: product.chart, version: product.chartVersion, appVersion: nil, values: nil)
      var fingerprint = Fingerprint()
      for word in self.chart({ $0 }) { fingerprint.add(word.utf8) }
      return ReleaseContent(
        values: ValuesFile(settings: target.settings, fetched: chart), chart: chart,
        chartFingerprint: fingerprint.text)
    }
    let loader = ChartLoader(world: setup.world)
    let chart = try await loader.chart(setup.path(path))
    let values = ValuesFile(settings: target.settings, chart: chart)
    let unknown = values.missing.compactMap(\.paths.first).filter(target.essentials.contains)
    let problem =
      product.problem(chart, setup.requirements.platform)
      ?? (unknown.isEmpty ? nil : "it does not know \(unknown.joined(separator: ", "))")
      ?? chart.dependencyFailure?.message
    if let problem {
      throw SetupError(
        .usage, "the chart \(chart.path) cannot be used: \(problem)",
        next: "Let ingress.chart name the chart \(product.chart) \(product.chartVersion), from \(product.repository).")
    }
    return ReleaseContent(values: values, chart: chart, chartFingerprint: try loader.fingerprint(chart))
  }

  var chartAccess: [AccessRequest] {
    let cluster: [Resource] = [.clusterRoles, .clusterRoleBindings, .ingressClasses]
    let own: [Resource] =
      switch target.product {
      case .nginx: [.validatingWebhookConfigurations, .horizontalPodAutoscalers, .jobs]
      case .traefik: [.customResourceDefinitions]
      }
    let usual: [Resource] = [.configMaps, .serviceAccounts, .services, .deployments, .roles, .roleBindings]
    return AccessRequest.helm(cluster + own + usual, namespace: IngressTarget.namespace)
  }
}

extension Resource {
  fileprivate static let clusterRoleBindings = Resource(
    group: "rbac.authorization.k8s.io", "clusterrolebindings", namespaced: false)
  fileprivate static let validatingWebhookConfigurations = Resource(
    group: "admissionregistration.k8s.io", "validatingwebhookconfigurations", namespaced: false)
  fileprivate static let customResourceDefinitions = Resource(
    group: "apiextensions.k8s.io", "customresourcedefinitions", namespaced: false)
  fileprivate static let horizontalPodAutoscalers = Resource(
    group: "autoscaling", version: "v2", "horizontalpodautoscalers", namespaced: true)
  fileprivate static let jobs = Resource(group: "batch", "jobs", namespaced: true)
}
