import YAML

extension IngressTarget {
  /// The settings for its chart, in the order of the values file: what the documented procedure asks of an ingress
  /// controller, as it was meant. Written for the chart's version in `IngressProduct`.
  var settings: [ValueSetting] {
    switch product {
    case .nginx: nginx
    case .traefik: traefik
    }
  }

  /// What no chart can do without: who serves the class.
  var essentials: [String] {
    switch product {
    case .nginx: ["controller.ingressClassResource.name", "controller.ingressClassResource.controllerValue"]
    case .traefik: ["\(Self.provider).enabled", "\(Self.provider).controllerClass"]
    }
  }

  /// Traefik's provider for ingress-nginx' annotations.
  private static let provider = "providers.kubernetesIngressNGINX"

  /// The timeouts are texts without a unit: `605s` is no number, and the controller then keeps its own 60 seconds
  /// (kubernetes/ingress-nginx, docs/user-guide/nginx-configuration/configmap.md).
  private var nginx: [ValueSetting] {
    [
      ValueSetting(
        "controller.ingressClassResource.name", value: .string(className),
        comment: "The IngressClass that the models' Ingress objects name."),
      ValueSetting("controller.ingressClassResource.enabled", value: true, comment: "The chart makes it."),
      ValueSetting(
        "controller.ingressClassResource.controllerValue", value: .string(controller),
        comment: "A value of its own: with the usual one another ingress-nginx in the cluster would serve it too."),
      ValueSetting(
        "controller.ingressClass", value: .string(className),
        comment: "The same for Ingress objects with an annotation."
      ),
      ValueSetting(
        "controller.autoscaling.enabled", value: true,
        comment: "As many controllers as the load wants. It is measured by metrics-server."),
      ValueSetting("controller.autoscaling.minReplicas", value: 2, comment: "One may fail."),
      ValueSetting("controller.autoscaling.maxReplicas", value: 3, comment: "The documented limit."),
      ValueSetting(
        "controller.config.proxy-body-size", value: "51m", comment: "The largest request."),
      ValueSetting(
        "controller.config.proxy-read-timeout", value: "605",
        comment: "Seconds, as a text without a unit: the controller ignores anything else."),
      ValueSetting("controller.config.proxy-send-timeout", value: "605", comment: "Seconds."),
      ValueSetting("controller.config.proxy-connect-timeout", value: "65", comment: "Seconds."),
      ValueSetting("controller.metrics.enabled", value: true, comment: "Metrics for Prometheus."),
    ]
  }

  private var traefik: [ValueSetting] {
    let provider = Self.provider
    return [
      ValueSetting(
        "\(provider).enabled", value: true, comment: "Reads ingress-nginx' annotations, which the agent writes."),
      ValueSetting(
        "\(provider).controllerClass", value: .string(controller),
        comment: "The spec.controller of the IngressClass that it serves, and of no other."),
      ValueSetting(
        "\(provider).ingressClass", value: .string(className),
        comment: "The same for Ingress objects with an annotation."),
      ValueSetting(
        "\(provider).publishService.enabled", value: true,
        comment: "The Ingress objects show the address of Traefik's Service."),
      ValueSetting(
        "\(provider).proxyBodySize", value: 53_477_376,
        comment: "The largest request in bytes: 51 MiB. It counts where requests are buffered."),
      ValueSetting("\(provider).proxyReadTimeout", value: 605, comment: "Seconds."),
      ValueSetting("\(provider).proxySendTimeout", value: 605, comment: "Seconds."),
      ValueSetting("\(provider).proxyConnectTimeout", value: 65, comment: "Seconds."),
      ValueSetting(
        "providers.kubernetesIngress.enabled", value: false,
        comment: "Its usual provider reads other annotations, and would serve every Ingress twice."),
      ValueSetting(
        "ingressClass.enabled", value: false, comment: "The chart's own class would belong to that provider."),
      ValueSetting("deployment.replicas", value: 2, comment: "One may fail.", isRequired: false),
    ]
      + ["web", "websecure"].map {
        ValueSetting(
          "ports.\($0).transport.respondingTimeouts.readTimeout", value: 605,
          comment: "Seconds that a client may take to send a request; Traefik's own limit is 60.", isRequired: false)
      }
  }
}
