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
      || controller == "k8s.io/internal-ingress-nginx" || isAzure(controller)
  }

  /// Whether it is AKS' application routing add-on, `…/nginx/NAME` for further ones.
  static func isAzure(_ controller: String) -> Bool {
    controller == "webapprouting.kubernetes.azure.com/nginx"
      || controller.hasPrefix("webapprouting.kubernetes.azure.com/nginx/")
  }

  static func look(_ setup: Setup) async throws -> SurveyUpdate {
    let client = try setup.kubernetes()
    let classes = try await client.list(IngressClass.self, .ingressClasses).value.items
    var controllers = classes.map(controller)
    let search = IngressSearch(client: client)
    if controllers.contains(where: { IngressController.foreign($0.controller) == nil }) {
      var workloads = await search.usual(classes)
      let wanted = wantedClass(setup.answers, controllers)
      if let index = controllers.firstIndex(where: { $0.className == wanted }) {
        workloads = await search.completed(workloads, for: controllers[index])
      }
      for index in controllers.indices { controllers[index].take(workloads) }
      if let index = controllers.firstIndex(where: { $0.className == wanted }) {
        controllers[index].release = await search.release(of: controllers[index])
      }
    }
    return { [controllers] survey in
      survey.ingressClasses = .seen(classes)
      survey.ingressControllers = .seen(controllers)
    }
  }

  /// The class that the rest is about: that of the answers, else the one that will be suggested for them.
  private static func wantedClass(_ answers: Answers, _ controllers: [IngressController]) -> String {
    let named = answers[.ingressClass] ?? ""
    let nginx = controllers.filter(\.isIngressNginx)
    return nginx.count == 1 && !controllers.contains { $0.className == named } ? nginx[0].className : named
  }

  /// What a class' own labels tell.
  static func controller(_ ingressClass: IngressClass) -> IngressController {
    let labels = ingressClass.metadata.labels
    let chartVersion = labels["helm.sh/chart"].flatMap { IngressWorkload.version(ofChart: $0, .ingressNginx) }
    let isLabelled = labels["app.kubernetes.io/name"]?.hasSuffix("ingress-nginx") == true
    let controllerVersion = isLabelled ? labels["app.kubernetes.io/version"] : nil
    return IngressController(
      className: ingressClass.metadata.name, controller: ingressClass.spec.controller, chartVersion: chartVersion,
      controllerVersion: controllerVersion,
      source: chartVersion ?? controllerVersion == nil ? "" : "labels of IngressClass \(ingressClass.metadata.name)",
      isIngressNginx: isIngressNginx(ingressClass.spec.controller) || isLabelled)
  }
}

/// The search for the pods of ingress controllers, with as few requests as the cluster allows.
struct IngressSearch: Sendable {
  let client: KubernetesClient

  /// What the charts of ingress-nginx, RKE2 and Traefik, and minikube's add-on call their pods.
  static let usualSelector = "app.kubernetes.io/name in (ingress-nginx,rke2-ingress-nginx,traefik)"

  /// The usual ones, in all namespaces; where that is not allowed, in those that Helm noted on the classes.
  func usual(_ classes: [IngressClass]) async -> Observed<[IngressWorkload]> {
    do throws(KubernetesError) {
      return .seen(IngressWorkload.workloads(try await pods(Self.usualSelector)))
    } catch {
      let namespaces = Set(classes.compactMap { $0.metadata.annotations["meta.helm.sh/release-namespace"] })
      guard error.code == .forbidden, !namespaces.isEmpty else { return .failed(ObservationFailure(error)) }
      var found: [Pod] = []
      for namespace in namespaces.sorted() {
        do throws(KubernetesError) {
          found += try await pods(Self.usualSelector, namespace: namespace)
        } catch {}  // The refusal in all namespaces says it already.
      }
      return found.isEmpty ? .failed(ObservationFailure(error)) : .seen(IngressWorkload.workloads(found))
    }
  }

  private func pods(_ selector: String?, namespace: String? = nil) async throws(KubernetesError) -> [Pod] {
    try await client.list(Pod.self, .pods, namespace: namespace, labelSelector: selector).value.items
  }

  /// The same with those under other names, where nothing that is known serves the class; and with the versions and
  /// places that Deployments and DaemonSets tell where pods do not.
  func completed(
    _ workloads: Observed<[IngressWorkload]>, for controller: IngressController
  ) async -> Observed<[IngressWorkload]> {
    guard case .seen(var all) = workloads, IngressController.foreign(controller.controller) == nil else {
      return workloads
    }
    do throws(KubernetesError) {
      if !all.contains(where: controller.isServed) {
        // A chart with nameOverride keeps the component; MicroK8s and AKS have labels of their own.
        var found = try await pods("app.kubernetes.io/component in (controller,ingress-controller)")
        found += try await pods("name=nginx-ingress-microk8s")
        if IngressProbe.isAzure(controller.controller) { found += try await pods(nil, namespace: "app-routing-system") }
        all += IngressWorkload.workloads(found).filter { new in !all.contains { $0.place == new.place } }
      }
      let serving = all.filter(controller.isServed)
      let isVersionKnown = controller.meetsMinimum != nil || serving.allSatisfy { !$0.source.isEmpty }
      if serving.isEmpty || !isVersionKnown { try await takeOwners(&all, for: controller) }
    } catch {
      return all.contains(where: controller.isServed) ? .seen(all) : .failed(ObservationFailure(error))
    }
    return .seen(all)
  }

  private func takeOwners(
    _ all: inout [IngressWorkload], for controller: IngressController
  ) async throws(KubernetesError) {
    let deployments = try await client.list(Deployment.self, .deployments, labelSelector: Self.usualSelector).value
      .items
    let daemonSets = try await client.list(DaemonSet.self, .daemonSets, labelSelector: Self.usualSelector).value.items
    let owners =
      deployments.map { ("Deployment", $0.metadata, $0.spec.template) }
      + daemonSets.map { ("DaemonSet", $0.metadata, $0.spec.template) }
    for (kind, metadata, template) in owners {
      let name = metadata.name
      if let index = all.firstIndex(where: { $0.namespace == metadata.namespace && $0.name == name }) {
        if all[index].source.isEmpty { all[index].take(labels: metadata.labels, of: "\(kind) \(name)") }
        continue
      }
      // One without pods, as its template would make them.
      var pod = Pod()
      pod.metadata = template.metadata
      pod.metadata.namespace = metadata.namespace
      pod.metadata.name = name
      pod.spec = template.spec
      guard var workload = IngressWorkload.workloads([pod]).first else { continue }
      workload.pods = 0
      workload.reasons = []
      if workload.source.isEmpty { workload.take(labels: metadata.labels, of: "\(kind) \(name)") }
      all.append(workload)
    }
  }

  /// Helm's record of the release behind a controller whose version nothing tells. Its labels name the release and its
  /// revision; the chart's version stands in the compressed part, which is not read.
  func release(of controller: IngressController) async -> String? {
    guard controller.meetsMinimum == nil, case .seen(let workloads) = controller.workloads,
      let workload = workloads.first, workload.source.isEmpty, let name = workload.release
    else { return nil }
    do throws(KubernetesError) {
      let secrets = try await client.listMetadata(
        .secrets, namespace: workload.namespace, labelSelector: "owner=helm,name=\(name)")
      guard let release = HelmRelease.newest(of: name, among: secrets.value.items) else { return nil }
      return "Helm release \(name) in \(workload.namespace), revision \(release.revision), \(release.status)"
    } catch {
      return nil  // Usually forbidden; the check then says that nothing tells the version.
    }
  }
}

extension Survey {
  /// All ingress classes.
  public var ingressClasses: Observed<[IngressClass]> {
    get { self["cluster/ingressClasses"] }
    set { self["cluster/ingressClasses"] = newValue }
  }
  /// The ingress controllers that were recognised.
  public var ingressControllers: Observed<[IngressController]> {
    get { self["cluster/ingressControllers"] }
    set { self["cluster/ingressControllers"] = newValue }
  }
}
