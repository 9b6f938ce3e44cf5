import Registry
import Text

extension Check {
  /// The registry runs, and images can be pushed to it from here.
  static let openShiftRegistry = Check(
    "registry.openshift", title: "OpenShift's registry", required: "the integrated registry runs and has a route",
    why: "On clusters without storage OpenShift removes its registry; without a route nobody can push from outside.",
    needs: [.openShiftRegistry], after: ["cluster.credentials"],
    exemption: { answers, survey in
      if let reason = noProvider(answers) { return reason }
      guard case .failed(let failure)? = survey.openShiftRegistry.value?.management, failure.kind == .denied else {
        return nil
      }
      return "Only cluster administrators may see how the registry is configured."
    }
  ) { survey, answers, _ in
    .judging(survey.openShiftRegistry) { registry in
      .judging(registry.management) { state in judge(registry, state, answers) }
    }
  }

  private static func judge(_ registry: OpenShiftRegistrySummary, _ state: String, _ answers: Answers) -> Finding {
    let observed = "\(state), " + (registry.host.map { "route \($0)" } ?? "no route")
    if state == "Removed" {
      return Finding(
        .fail, observed: observed, message: "OpenShift's registry is removed: nothing can be pushed or pulled there.",
        remedy: Remedy(
          "Give it storage and have it managed, or choose another kind of registry with registry.provider.",
          command:
            "kubectl patch configs.imageregistry.operator.openshift.io/cluster --type=merge --patch='{\"spec\":{\"managementState\":\"Managed\"}}'",
          url: "https://docs.openshift.com/container-platform/latest/registry/configuring-registry-operator.html"))
    }
    switch registry.exposure {
    case .byOthers, .ours:
      return Finding(.pass, observed: observed, message: "OpenShift's registry runs and has a route to the outside.")
    case .possible where answers[.exposeRoute] == "yes":
      return Finding(
        .pass, observed: observed, message: "OpenShift's registry runs; the plan makes its route to the outside.")
    case .possible, .notOurs, .unseen:
      return Finding(
        .warn, observed: observed,
        message: "OpenShift's registry runs and has no route to the outside: no image can be pushed to it from here.",
        remedy: Remedy(
          registry.exposure == .possible
            ? "Set registry.exposeRoute: yes, or push the images from within the cluster."
            : "Have a cluster administrator make the route, or push the images from within the cluster.",
          command: RegistryRouteStep.patchCommand))
    }
  }

  /// Images at the registry are named as it takes them, and the builder pushes where it may.
  static let openShiftNames = Check(
    "registry.openshift-names", title: "Image names",
    required: "PROJECT/IMAGE, and generated images in the agent's project",
    why:
      "OpenShift's registry refuses names of more or fewer parts, and the image builder has rights in its project only.",
    needs: [], exemption: { answers, _ in noProvider(answers) }
  ) { _, answers, _ in
    let namespace = answers[.namespace] ?? ""
    let names = Questionnaire.imageKeys.compactMap { key -> (key: String, project: String, parts: Int)? in
      guard let text = answers[key], text.hasPrefix(OpenShiftRegistry.server + "/") else { return nil }
      do throws(ImageReferenceError) {
        let parts = try ImageReference(text).repository.split(separator: "/")
        return (key.id.path, String(parts.first ?? ""), parts.count)
      } catch {
        return nil  // images.references tells
      }
    }
    let wrong = names.filter { $0.parts != 2 }.map(\.key)
    let observed = names.isEmpty ? "no image there" : "\(names.count) images there"
    if !wrong.isEmpty {
      return Finding(
        .fail, observed: observed,
        message:
          "\(wrong.joined(separator: ", ")) must name two parts after the host: OpenShift's registry takes no other.",
        remedy: Remedy("Write \(OpenShiftRegistry.server)/\(namespace)/IMAGE."))
    }
    let generated = names.first { $0.key == AnswerKey<String>.generated.id.path }
    if let generated, generated.project != namespace {
      return Finding(
        .fail, observed: observed,
        message:
          "images.generated lies in the project \(generated.project), and the image builder may push to \(namespace) only.",
        remedy: Remedy("Let it begin with \(OpenShiftRegistry.server)/\(namespace)/."))
    }
    let others = Set(names.filter { $0.project != namespace && $0.project != "openshift" }.map(\.project)).sorted()
    if let other = others.first {
      return Finding(
        .warn, observed: observed,
        message:
          "Images lie in \(others.joined(separator: ", ")): the pods of \(namespace) need the right to pull there.",
        remedy: Remedy(
          "Give it to them, where they do not have it.",
          command: Shell.line([
            "kubectl", "create", "rolebinding", "\(namespace)-image-pullers", "--clusterrole=system:image-puller",
            "--group=system:serviceaccounts:\(namespace)", "--namespace=\(other)",
          ])))
    }
    return Finding(.pass, observed: observed, message: "The images' names are ones that OpenShift's registry takes.")
  }

  /// The image builder may be root.
  static let openShiftBuilder = Check(
    "registry.openshift-builder", title: "Builder's rights",
    required: "the image builder may use the constraint anyuid, and hostmount-anyuid where it mounts a node's folder",
    why: "Image builds run as root, which OpenShift lets no pod do by default.", needs: [.openShiftProject],
    after: ["cluster.credentials"], exemption: { answers, _ in noProvider(answers) }
  ) { survey, answers, _ in
    .judging(survey.openShiftProject) { project in
      let needed = answers.builderConstraints
      let namespace = answers[.namespace] ?? ""
      let lines = needed.map { constraint in
        switch project.rights[constraint] {
        case .granted(let name)?: "\(constraint.rawValue): granted by RoleBinding \(OutsideText.clean(name))"
        case .possible?: "\(constraint.rawValue): the plan grants it"
        case .notOurs?, nil: "\(constraint.rawValue): not granted, and not yours to give"
        }
      }
      let lacking = needed.filter { project.rights[$0] == .notOurs || project.rights[$0] == nil }
      guard let first = lacking.first else {
        return Finding(
          .pass, observed: lines.joined(separator: "; "),
          message: "The image builder has the rights it needs or gets them.",
          details: lines)
      }
      return Finding(
        .fail, observed: lines.joined(separator: "; "),
        message: "Only a cluster administrator may let the image builder \(first.why).",
        remedy: Remedy(
          "Have a cluster administrator run this in the project \(namespace), then run again.",
          command: lacking.map { GrantStep.adminCommand($0, namespace: namespace) }.joined(separator: " && ")),
        details: lines)
    }
  }

  /// What the image builder verifies the registry with is there.
  static let openShiftCA = Check(
    "registry.openshift-ca", title: "Builder's CA",
    required: "the CA that signed the registry's certificate, within the pod",
    why: "The cluster's own CA signs the registry's certificate, and no image knows it.", needs: [.openShiftProject],
    after: ["cluster.credentials"], exemption: { answers, _ in noProvider(answers) }
  ) { survey, answers, _ in
    .judging(survey.openShiftProject) { project in
      switch answers[.verification] {
      case "skip":
        return Finding(
          .warn, observed: "not verified",
          message:
            "The image builder sends its token to whoever answers for the registry: registry.verification is skip.",
          remedy: project.hasServiceCA == true
            ? Remedy("Set registry.verification: service-ca; the project has the CA.") : nil)
      case "host":
        return Finding(
          .pass, observed: "the node's /etc/docker/certs.d",
          message: "The image builder verifies the registry with its node's CAs."
            + (project.hasServiceCA == true ? " registry.verification: service-ca would do without the node." : ""))
      default:
        let map = OpenShiftRegistry.serviceCA.map
        if project.hasServiceCA == false {
          return Finding(
            .fail, observed: "no ConfigMap \(map)",
            message: "The project has no ConfigMap \(map), which the image builder would verify the registry with.",
            remedy: Remedy(
              "Set registry.verification: host, or see why OpenShift did not make it.",
              command: "kubectl get clusteroperators.config.openshift.io/kube-controller-manager --output=yaml"))
        }
        return Finding(
          .pass, observed: project.hasServiceCA == true ? "ConfigMap \(map)" : "not there yet",
          message: project.hasServiceCA == true
            ? "The project has the CA that the image builder verifies the registry with."
            : "OpenShift puts the ConfigMap \(map) into every project that is made.")
      }
    }
  }

  /// OpenShift's router serves the models.
  static let openShiftHost = Check(
    "openshift.host", title: "Models' host", required: "a host name, and http unless something in front ends TLS",
    why:
      "OpenShift makes a Route of each Ingress that names a host, and a Route without TLS of one without a TLS section.",
    isBlocking: false, needs: [.cluster],
    exemption: { answers, survey in
      if let reason = noProvider(answers) { return reason }
      return answers[.outfacingURL] == nil ? "No outfacing URL was given." : nil
    }
  ) { _, answers, _ in
    let url = answers[.outfacingURL] ?? ""
    let host = String(url.drop { $0 != "/" }.drop { $0 == "/" }.prefix { !"/:?#".contains($0) })
    if host.first.map({ !$0.isLetter }) ?? true {
      return Finding(
        .fail, observed: host,
        message:
          "The agent takes \(host) for an address and leaves the host out of its Ingresses, so OpenShift makes no Route.",
        remedy: Remedy(
          "Name a host below the cluster's apps domain.",
          command: "kubectl get ingresses.config.openshift.io/cluster --output=jsonpath='{.spec.domain}'"))
    }
    if url.hasPrefix("https://") {
      return Finding(
        .warn, observed: url,
        message: "The agent's Ingresses have no TLS section, so OpenShift's Routes for \(host) answer http only.",
        remedy: Remedy("Use http://, or let something in front of the router end TLS for \(host)."))
    }
    return Finding(.pass, observed: host, message: "OpenShift makes a Route for \(host) of each model's Ingress.")
  }

  /// A catalogue of all checks holds those of providers that were not chosen, too.
  private static func noProvider(_ answers: Answers) -> String? {
    answers[.provider] == "openshift" ? nil : "The registry is not OpenShift's."
  }
}
