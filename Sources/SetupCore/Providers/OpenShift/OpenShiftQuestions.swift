import Registry

extension OpenShiftRegistry {
  static let questions: [Question] = [
    Question(
      "registry.route", page: .registry, label: "Route host",
      why:
        "The host under which this machine reaches the registry, to push images and to look at it. Pods and nodes use its Service and need none. Left out: it is looked up.",
      example: "default-route-openshift-image-registry.apps.example.com", isRequired: false,
      suggestion: { _, survey in survey.openShiftRegistry.value?.host.map { .text($0) } },
      problem: { value, _ in
        guard let host = value.text else { return nil }
        if host.contains("://") { return "is a host without a scheme; routes speak https" }
        if host.contains("/") { return "is a host without a path" }
        do throws(ImageReferenceError) {
          _ = try ImageReference("\(host)/project/image:tag")
          return nil
        } catch {
          return "is no registry: \(error.problem)"
        }
      }),
    Question(
      "registry.exposeRoute", page: .registry, label: "Expose it",
      why:
        "Images are pushed from here, so the registry needs a route to the outside. yes sets spec.defaultRoute of its configuration, for the whole cluster, as a cluster administrator; whoever pushes or pulls still needs a token. no leaves it as it is.",
      kind: .choice([.init("yes", "make the default route"), .init("no", "leave it as it is")]),
      suggestion: { _, survey in
        // Whether the whole cluster's registry is to be seen from outside is for a person to say.
        survey.openShiftRegistry.value.map { $0.exposure.suggestion } ?? .text("no")
      }),
    Question(
      "registry.certificateAuthority", page: .registry, label: "CA file",
      why:
        "A PEM file with the CA of the route's certificate. Left out: the Secret router-certs-default of the router, where you may read it, else what this cluster's pods trust, else this machine's own bundle.",
      example: "ca.pem", kind: .path, isRequired: false),
    Question(
      "registry.verification", page: .registry, label: "Builder trusts",
      why:
        "How the image builder verifies the registry's certificate, which the cluster's own CA signs. service-ca mounts the ConfigMap that OpenShift keeps in every project. host mounts a folder of the node, as the manual does, and needs the constraint hostmount-anyuid. skip does not verify.",
      kind: .choice([
        .init("service-ca", "the project's ConfigMap openshift-service-ca.crt"),
        .init("host", "the node's /etc/docker/certs.d"), .init("skip", "nothing: it does not verify"),
      ]),
      suggestion: { _, survey in .text(survey.openShiftProject.value?.verification ?? "service-ca") }),
  ]
}

extension OpenShiftRegistrySummary.Exposure {
  /// The answer to whether it is to be exposed; nil: a person must decide.
  fileprivate var suggestion: AnswerValue? {
    switch self {
    case .possible: nil
    case .ours: .text("yes")
    case .byOthers, .notOurs, .unseen: .text("no")
    }
  }
}
