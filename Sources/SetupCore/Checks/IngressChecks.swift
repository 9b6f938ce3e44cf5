import FoundationEssentials
import Kubernetes
import Text

extension Check {
  /// The IngressClass of the answers exists.
  static let ingressClass = Check(
    "ingress.class", title: "IngressClass", required: "an IngressClass of the chosen name",
    why: "The agent writes this class into the Ingress of every model; without it no model can be reached.",
    needs: [.ingress, .apiGroups], after: ["cluster.credentials"], exemption: openShiftRouter
  ) { survey, answers, _ in
    let wanted = answers[.ingressClass] ?? ""
    return .judging(survey.ingressClasses) { classes in
      let names = classes.map(\.metadata.name).sorted()
      let observed = names.isEmpty ? "no IngressClass" : names.joined(separator: ", ")
      if names.contains(wanted) {
        return Finding(.pass, observed: observed, message: "IngressClass \(wanted) exists.")
      }
      if let target = IngressTarget(answers) {
        return Finding(
          .pass, observed: observed,
          message:
            "There is no IngressClass \(wanted) yet: the plan makes it, with \(target.product.title) to serve it.")
      }
      let remedy =
        names.isEmpty
        ? Remedy(
          "Set ingress.install, and the plan puts a controller in place with a class named \(wanted): traefik (Traefik 3.7 or newer, which reads ingress-nginx' annotations and is maintained), or ingress-nginx (last chart 4.15.1), which gets no more fixes.",
          command: "kubectl get ingressclass",
          url:
            "https://doc.traefik.io/traefik/reference/install-configuration/providers/kubernetes/kubernetes-ingress-nginx/"
        )
        : Remedy(
          "Set ingress.className to one that exists, or ingress.install to traefik or ingress-nginx: the plan then puts a controller in place with a class named \(wanted)."
        )
      return Finding(
        .fail, observed: observed,
        message: "There is no IngressClass \(wanted)\(names.isEmpty ? "" : "; there are: " + observed).", remedy: remedy
      )
    }
  }

  /// Something that reads ingress-nginx' annotations serves it, and runs.
  static let ingressController = Check(
    "ingress.controller", title: "ingress-nginx controller",
    required:
      "the class is served by a running ingress-nginx (chart 4.0.0 or newer), or by Traefik 3.7 or newer with its provider kubernetesIngressNGINX",
    why: "The agent's Ingress objects carry annotations that no other controller understands.",
    needs: [.ingress, .apiGroups, .cluster], after: ["ingress.class"], exemption: openShiftRouter
  ) { survey, answers, requirements in
    let wanted = answers[.ingressClass] ?? ""
    return .judging(survey.ingressControllers) { controllers in
      guard let controller = controllers.first(where: { $0.className == wanted }) else {
        return IngressTarget(answers).map { planned($0, requirements.platform) } ?? .notAsked
      }
      return IngressVerdict(
        controller, requirements.platform, now: survey.cluster.value?.localDate,
        distribution: survey.distribution?.kind
      ).finding
    }
  }

  /// What the plan puts in place.
  private static func planned(_ target: IngressTarget, _ platform: PlatformRequirements) -> Finding {
    let product = target.product
    let observed = "none yet"
    let message = "The plan installs \(product.title) (release \(target.release) in \(IngressTarget.namespace))."
    switch product {
    case .traefik: return Finding(.pass, observed: observed, message: message)
    case .nginx:
      let since = platform.ingressNginxRetired.map { " since \($0.utcMonth)" } ?? ""
      return Finding(
        .warn, observed: observed,
        message: "\(message) It will do, but it is retired: no fixes\(since), not for security either.",
        remedy: Remedy(
          "Set ingress.install: traefik, which is maintained.",
          url: "https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/"))
    }
  }

  /// OpenShift's own router serves Ingress objects without a class; it is documented to be used as it is.
  private static let openShiftRouter: @Sendable (Answers, Survey) -> String? = { answers, survey in
    guard survey.hasOpenShiftRouter == true else { return nil }
    let wanted = answers[.ingressClass] ?? ""
    let named = survey.ingressClasses.value?.first { $0.metadata.name == wanted }
    if let named, !named.spec.controller.hasPrefix("openshift.io/") { return nil }
    return "OpenShift's own router serves the models; no ingress controller is needed."
  }
}

/// The verdict on the class of the answers.
private struct IngressVerdict {
  let controller: IngressController
  let platform: PlatformRequirements
  let now: Date?
  /// Whose Kubernetes it is: some bring a controller of their own, and undo what helm changes of it.
  let distribution: Distribution.Kind?

  init(
    _ controller: IngressController, _ platform: PlatformRequirements, now: Date?, distribution: Distribution.Kind?
  ) {
    self.controller = controller
    self.platform = platform
    self.now = now
    self.distribution = distribution
  }

  private var name: String { OutsideText.clean(controller.className) }
  private var value: String { OutsideText.clean(controller.controller) }

  var finding: Finding {
    if let product = IngressController.foreign(controller.controller) {
      return refused("IngressClass \(name) belongs to \(product): it ignores ingress-nginx' annotations.")
    }
    switch controller.workloads {
    case .seen(let workloads): return judged(workloads)
    case .notAsked: return .notAsked
    case .failed(let failure):
      // What the class itself tells is enough for a no.
      if controller.meetsMinimum == false { return tooOld }
      if controller.controller.hasPrefix("traefik.io/") || !controller.isIngressNginx {
        return Finding(
          .unknown, observed: observed([]),
          message: "What serves IngressClass \(name) (\(value)) cannot be seen: \(failure.message)",
          remedy: seeRemedy)
      }
      return Finding(
        .unknown, observed: observed([]),
        message:
          "IngressClass \(name) is one of ingress-nginx; whether a controller runs cannot be seen: \(failure.message)",
        remedy: seeRemedy)
    }
  }

  private var seeRemedy: Remedy {
    Remedy(
      "Ask someone who may list pods in all namespaces.",
      command: "kubectl get pods --all-namespaces --selector '\(IngressSearch.usualSelector)'")
  }

  private func judged(_ workloads: [IngressWorkload]) -> Finding {
    if controller.meetsMinimum == false { return tooOld }
    let able = workloads.filter(\.readsAnnotations)
    if able.isEmpty, let traefik = workloads.first {
      return refused(
        "IngressClass \(name) is served by Traefik (\(OutsideText.clean(traefik.place))) through its own provider, which ignores ingress-nginx' annotations.",
        packaged(traefik)
          ?? Remedy(
            "Turn on Traefik's provider kubernetesIngressNGINX (version \(text(platform.traefikMinimum)) or newer) for this class, or choose another class.",
            command:
              "helm upgrade traefik traefik/traefik --namespace \(Shell.quote(traefik.namespace)) --reuse-values --set providers.kubernetesIngressNGINX.enabled=true"
          ), workloads)
    }
    guard let running = able.first(where: { $0.ready > 0 }) ?? able.first else {
      if !controller.isIngressNginx {
        return refused(
          controller.controller.hasPrefix("traefik.io/")
            ? "IngressClass \(name) is Traefik's own (\(value)), which ignores ingress-nginx' annotations."
            : "IngressClass \(name) belongs to \(value), which is not ingress-nginx.")
      }
      // The agent can be installed without it; its models cannot be reached.
      return Finding(
        .warn, observed: observed([]),
        message:
          "IngressClass \(name) exists, but no controller runs that serves it: no model can be reached until one does.",
        remedy: Remedy(
          "Start or install the controller of \(value), or delete the class it left behind.",
          command: "kubectl get pods --all-namespaces --selector '\(IngressSearch.usualSelector)'"),
        details: [
          "looked for pods labelled \(IngressSearch.usualSelector), app.kubernetes.io/component=controller and name=nginx-ingress-microk8s"
        ])
    }
    for workload in able { if let finding = outdated(workload) { return finding } }
    if running.ready == 0 {
      let reasons = running.reasons.map { OutsideText.clean($0) }.joined(separator: ", ")
      return Finding(
        .warn, observed: observed(able),
        message: running.pods == 0
          ? "The controller of IngressClass \(name), \(OutsideText.clean(running.place)), has no pods: it is scaled to zero or cannot make any."
          : "The controller of IngressClass \(name), \(OutsideText.clean(running.place)), is not ready (\(reasons)).",
        remedy: Remedy(
          "See why, and mend it.",
          command: "kubectl --namespace \(Shell.quote(running.namespace)) get deployments,daemonsets,pods"),
        details: lines(able))
    }
    if able.count > 1 {
      return Finding(
        .warn, observed: observed(able),
        message:
          "\(able.count) controllers serve IngressClass \(name): \(able.map { OutsideText.clean($0.place) }.joined(separator: " and ")). They overwrite each other's addresses.",
        remedy: Remedy(
          "Give each a controller value of its own (controller.ingressClassResource.controllerValue), or remove one.",
          command: "kubectl get ingressclass --output wide"),
        details: lines(able))
    }
    return aged(running)
  }

  /// Whether the distribution brings this controller, so that helm knows no release of it, or may not touch it.
  private func isPackaged(_ workload: IngressWorkload) -> Bool { packaged(workload) != nil }

  /// How a controller is renewed that the distribution itself brings; nil: it is another.
  private func packaged(_ workload: IngressWorkload) -> Remedy? {
    if workload.product == .traefik {
      guard distribution == .k3s || distribution == .rke2, workload.namespace == "kube-system" else { return nil }
      let (name, chart) = distribution == .k3s ? ("k3s", "traefik") : ("RKE2", "rke2-traefik")
      return Remedy(
        "\(name) brings this Traefik and undoes what helm changes of it: once \(name) ships \(text(platform.traefikMinimum)) or newer, set providers.kubernetesIngressNGINX.enabled: true in a HelmChartConfig named \(chart) in kube-system; until then install a controller of your own with another class.",
        command: Self.helmCharts,
        url: distribution == .k3s ? "https://docs.k3s.io/helm" : "https://docs.rke2.io/helm")
    }
    let needed = "chart \(text(platform.chartMinimum)) (controller 1.0.0-beta.1)"
    if IngressProbe.isAzure(controller.controller) {
      return Remedy(
        "AKS runs this ingress-nginx as its application routing add-on and undoes changes of it: upgrade the cluster, which brings a newer one, or install a controller of your own with another class.",
        command: "az aks get-upgrades --resource-group GROUP --name CLUSTER --output table",
        url: "https://learn.microsoft.com/azure/aks/app-routing")
    }
    switch distribution {
    case .rke2 where workload.namespace == "kube-system" && workload.name.hasPrefix("rke2-ingress-nginx"):
      return Remedy(
        "RKE2 brings this ingress-nginx and undoes what helm changes of it: upgrade RKE2 to a release that ships \(needed) or newer; its values go into a HelmChartConfig named rke2-ingress-nginx in kube-system.",
        command: Self.helmCharts, url: "https://docs.rke2.io/helm")
    case .minikube where workload.namespace == "ingress-nginx" && workload.chartVersion == nil:
      return Remedy(
        "This is minikube's addon, which no helm release belongs to: upgrade minikube to one that ships \(needed) or newer, and turn the addon off and on again.",
        command: "minikube addons disable ingress && minikube addons enable ingress",
        url: "https://minikube.sigs.k8s.io/docs/handbook/addons/")
    case .microk8s where workload.namespace == "ingress":
      return Remedy(
        "This is MicroK8s' addon, which no helm release belongs to: refresh the snap to one that ships \(needed) or newer, and turn the addon off and on again.",
        command: "microk8s disable ingress && microk8s enable ingress",
        url: "https://microk8s.io/docs/addon-ingress")
    default: return nil
    }
  }

  private static let helmCharts = "kubectl get helmcharts,helmchartconfigs --namespace kube-system"

  // MARK: Versions

  private func outdated(_ workload: IngressWorkload) -> Finding? {
    switch workload.product {
    case .ingressNginx:
      IngressController.meetsMinimum(chart: workload.chartVersion, controller: workload.version) == false
        ? tooOld([workload]) : nil
    case .traefik:
      workload.version.flatMap { SemanticVersion($0) }.map { $0 < platform.traefikMinimum } == true
        ? refused(
          "Traefik \(OutsideText.clean(workload.version ?? "")) serves IngressClass \(name); it reads rewrite-target only from \(text(platform.traefikMinimum)) on.",
          packaged(workload)
            ?? Remedy(
              "Upgrade Traefik to \(text(platform.traefikMinimum)) or newer.",
              command:
                "helm upgrade traefik traefik/traefik --namespace \(Shell.quote(workload.namespace)) --reuse-values"),
          [workload]) : nil
    }
  }

  private var tooOld: Finding { tooOld(controller.workloads.value ?? []) }

  private func tooOld(_ workloads: [IngressWorkload]) -> Finding {
    Finding(
      .fail, observed: observed(workloads), message: "The ingress-nginx that serves \(name) is too old.",
      remedy: workloads.first.flatMap(packaged)
        ?? Remedy(
          "Upgrade it to chart \(text(platform.chartMinimum)) (controller 1.0.0-beta.1) or newer; the last is chart 4.15.1.",
          command: workloads.first?.release.map {
            "helm upgrade \(Shell.quote($0)) ingress-nginx/ingress-nginx --namespace \(Shell.quote(workloads[0].namespace)) --reuse-values --version 4.15.1"
          }), details: lines(workloads))
  }

  /// It runs and is new enough, as far as anything tells: what is left is its age.
  private func aged(_ workload: IngressWorkload) -> Finding {
    let seen = observed([workload])
    if workload.product == .traefik {
      guard let version = workload.version, SemanticVersion(version) != nil else {
        return untold(workload, "Traefik \(text(platform.traefikMinimum))")
      }
      return Finding(
        .pass, observed: seen,
        message: "Traefik \(OutsideText.clean(version)) serves \(name) and reads ingress-nginx' annotations.")
    }
    let isKnown =
      controller.meetsMinimum == true
      || IngressController.meetsMinimum(chart: workload.chartVersion, controller: workload.version) == true
    if !isKnown { return untold(workload, "chart 4.0.0 (controller 1.0.0-beta.1)") }
    if workload.images.contains(where: { $0.contains("chainguard") || $0.hasPrefix("cgr.dev/") }) {
      return Finding(
        .pass, observed: seen, message: "ingress-nginx serves \(name), from Chainguard's maintained images.")
    }
    if IngressProbe.isAzure(controller.controller), let end = platform.azurePatchesEnd {
      let isOver = now.map { $0 >= end.addingTimeInterval(86_400) } ?? false
      return retiring(
        seen,
        "AKS' application routing add-on serves \(name); Microsoft's patches for its nginx \(isOver ? "ended" : "end") with \(end.utcMonth).",
        url: "https://learn.microsoft.com/azure/aks/app-routing")
    }
    guard let retired = platform.ingressNginxRetired, now.map({ $0 >= retired }) ?? true else {
      return Finding(.pass, observed: seen, message: "ingress-nginx serves \(name).")
    }
    let isRancher = workload.images.contains { $0.contains("rancher/") }
    return retiring(
      seen,
      "ingress-nginx serves \(name) and will do, but it is retired: no fixes since \(retired.utcMonth), not for security either.",
      isRancher ? ["SUSE maintains the images of rancher/ by its own calendar: ask it for this version."] : [],
      url: "https://kubernetes.io/blog/2025/11/11/ingress-nginx-retirement/")
  }

  private func retiring(_ seen: String, _ message: String, _ details: [String] = [], url: String) -> Finding {
    Finding(
      .warn, observed: seen, message: message,
      remedy: Remedy(
        "Install now, and plan the move to one that is mended and reads the same annotations: Traefik \(text(platform.traefikMinimum)) or newer with kubernetesIngressNGINX, or Chainguard's images of ingress-nginx.",
        url: url),
      details: details)
  }

  private func untold(_ workload: IngressWorkload, _ minimum: String) -> Finding {
    let release = workload.release.map {
      "helm list --namespace \(Shell.quote(workload.namespace)) --filter \(Shell.quote("^\($0)$"))"
    }
    let product = workload.product == .traefik ? "Traefik" : "ingress-nginx"
    let images = "kubectl --namespace \(Shell.quote(workload.namespace)) get deployments,daemonsets --output wide"
    return Finding(
      .warn, observed: observed([workload]),
      message: "\(product) serves \(name), but nothing in the cluster tells its version.",
      remedy: Remedy(
        "See for yourself that it is \(minimum) or newer.", command: isPackaged(workload) ? images : release ?? images),
      details: controller.release.map {
        ["\(OutsideText.clean($0)): its labels do not tell the chart's version, the command does"]
      } ?? [])
  }

  // MARK: Words

  private func refused(
    _ message: String, _ remedy: Remedy? = nil, _ workloads: [IngressWorkload] = []
  ) -> Finding {
    Finding(
      .fail, observed: observed(workloads), message: message,
      remedy: remedy
        ?? Remedy(
          "Set ingress.className to a class of ingress-nginx, or install one.", command: "kubectl get ingressclass"),
      details: lines(workloads))
  }

  private func observed(_ workloads: [IngressWorkload]) -> String {
    var parts = [value]
    if controller.source.isEmpty, let workload = workloads.first {
      if workload.product == .traefik { parts.append("Traefik") }
      if let chart = workload.chartVersion { parts.append("chart \(OutsideText.clean(chart))") }
      if let version = workload.version {
        parts.append("\(workload.product == .traefik ? "version" : "controller") \(OutsideText.clean(version))")
      }
      if !workload.source.isEmpty { parts.append("from \(OutsideText.clean(workload.source))") }
    } else {
      if let chart = controller.chartVersion { parts.append("chart \(OutsideText.clean(chart))") }
      if let version = controller.controllerVersion { parts.append("controller \(OutsideText.clean(version))") }
      if !controller.source.isEmpty { parts.append("from \(OutsideText.clean(controller.source))") }
    }
    if !workloads.isEmpty {
      let pods = workloads.reduce(0) { $0 + $1.pods }
      parts.append("\(workloads.reduce(0) { $0 + $1.ready }) of \(pods) pod\(pods == 1 ? "" : "s") ready")
    }
    return parts.joined(separator: ", ")
  }

  /// One a controller.
  private func lines(_ workloads: [IngressWorkload]) -> [String] {
    workloads.map { workload in
      let version = [workload.chartVersion.map { "chart \($0)" }, workload.version.map { "version \($0)" }]
        .compactMap { $0 }.joined(separator: ", ")
      let reasons = workload.reasons.isEmpty ? "" : " (\(workload.reasons.joined(separator: ", ")))"
      return OutsideText.clean(
        "\(workload.product.rawValue) \(workload.place)\(version.isEmpty ? "" : ", \(version)"), \(workload.ready) of \(workload.pods) ready\(reasons)"
      )
    }
  }

  private func text(_ version: SemanticVersion) -> String { version.description }
}
