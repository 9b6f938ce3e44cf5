import Kubernetes

extension Check {
  /// The IngressClass of the answers exists.
  static let ingressClass = Check(
    "ingress.class", title: "IngressClass", required: "an IngressClass of the chosen name",
    why: "The agent writes this class into the Ingress of every model; without it no model can be reached.",
    needs: [.ingress], after: ["cluster.credentials"]
  ) { survey, answers, _ in
    let wanted = answers[.ingressClass] ?? ""
    return .judging(survey.ingressClasses) { classes in
      let names = classes.map(\.metadata.name).sorted()
      let observed = names.isEmpty ? "no IngressClass" : names.joined(separator: ", ")
      if names.contains(wanted) {
        return Finding(.pass, observed: observed, message: "IngressClass \(wanted) exists.")
      }
      let remedy =
        names.isEmpty
        ? Remedy(
          "Install an ingress-nginx controller with a class named \(wanted).",
          command: "kubectl get ingressclass", url: "https://kubernetes.github.io/ingress-nginx/deploy/")
        : Remedy("Set ingress.className to one that exists, or install a controller with a class named \(wanted).")
      return Finding(
        .fail, observed: observed,
        message: "There is no IngressClass \(wanted)\(names.isEmpty ? "" : "; there are: " + observed).", remedy: remedy
      )
    }
  }

  /// An ingress-nginx controller serves it.
  static let ingressController = Check(
    "ingress.controller", title: "ingress-nginx controller",
    required: "the class is served by ingress-nginx (chart 4.0.0 or newer)",
    why: "The agent's Ingress objects carry annotations that only ingress-nginx understands.", needs: [.ingress],
    after: ["ingress.class"]
  ) { survey, answers, _ in
    let wanted = answers[.ingressClass] ?? ""
    return .judging(survey.ingressControllers) { controllers in
      guard let controller = controllers.first(where: { $0.className == wanted }) else { return .notAsked }
      let observed = [
        controller.controller, controller.chartVersion.map { "chart \($0)" },
        controller.controllerVersion.map { "controller \($0)" },
        controller.source.isEmpty ? nil : "from \(controller.source)",
      ].compactMap { $0 }.joined(separator: ", ")
      guard controller.isIngressNginx else {
        return Finding(
          .fail, observed: observed,
          message: "IngressClass \(wanted) belongs to \(controller.controller), which is not ingress-nginx.",
          remedy: Remedy("Set ingress.className to a class of ingress-nginx, or install one."))
      }
      switch controller.meetsMinimum {
      case true?: return Finding(.pass, observed: observed, message: "ingress-nginx serves \(wanted).")
      case false?:
        return Finding(
          .fail, observed: observed, message: "The ingress-nginx that serves \(wanted) is too old.",
          remedy: Remedy("Upgrade it to chart 4.0.0 or newer."))
      case nil:
        return Finding(
          .warn, observed: observed,
          message: "ingress-nginx serves \(wanted), but nothing in the cluster tells its version.",
          remedy: Remedy("See for yourself that it is chart 4.0.0 (controller 1.0.0-beta.1) or newer."))
      }
    }
  }
}
