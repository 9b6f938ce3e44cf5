public import Kubernetes

/// An ingress controller as its Helm chart installs it.
public struct SimulatedIngressController: Sendable {
  /// The objects of the installation.
  public var objects: [JSONValue]

  /// ingress-nginx as chart 4.x makes it (kubernetes/ingress-nginx, charts/ingress-nginx).
  /// - Parameters:
  ///   - configuration: The controller's ConfigMap: `proxy-body-size: 51m`.
  ///   - isDefault: Whether its class is the cluster's default.
  ///   - image: The controller's image without its tag.
  ///   - defaultCertificate: The TLS Secret in its namespace that it shows where an Ingress names none; nil: none.
  public static func nginx(
    class className: String, controller: String = "k8s.io/ingress-nginx", release: String = "nginx-ingress",
    namespace: String = "ingress-mlops", version: String = "1.15.1", chart: String = "4.15.1", replicas: Int = 2,
    configuration: [String: String] = [
      "proxy-body-size": "51m", "proxy-read-timeout": "605", "proxy-send-timeout": "605", "proxy-connect-timeout": "65",
    ],
    isDefault: Bool = false, image: String = "registry.k8s.io/ingress-nginx/controller",
    defaultCertificate: String? = nil
  ) -> SimulatedIngressController {
    let labels: JSONValue = [
      "app.kubernetes.io/component": "controller", "app.kubernetes.io/instance": .string(release),
      "app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/name": "ingress-nginx",
      "app.kubernetes.io/part-of": "ingress-nginx", "app.kubernetes.io/version": .string(version),
      "helm.sh/chart": .string("ingress-nginx-\(chart)"),
    ]
    let selector: JSONValue = [
      "app.kubernetes.io/component": "controller", "app.kubernetes.io/instance": .string(release),
      "app.kubernetes.io/name": "ingress-nginx",
    ]
    let name = "\(release)-ingress-nginx-controller"
    func metadata(_ name: String, _ namespace: String? = nil) -> JSONValue {
      var metadata: JSONValue = ["name": .string(name), "labels": labels]
      if let namespace { metadata["namespace"] = .string(namespace) }
      return metadata
    }
    var classMetadata = metadata(className)
    if isDefault { classMetadata["annotations"] = ["ingressclass.kubernetes.io/is-default-class": "true"] }
    var data: JSONValue = [:]
    for (key, value) in configuration.sorted(by: { $0.key < $1.key }) { data[key] = .string(value) }
    let account = "\(release)-ingress-nginx"
    var arguments: [JSONValue] = [
      "/nginx-ingress-controller", .string("--publish-service=$(POD_NAMESPACE)/\(name)"),
      .string("--election-id=\(release)-ingress-nginx-leader"), .string("--controller-class=\(controller)"),
      .string("--ingress-class=\(className)"), .string("--configmap=$(POD_NAMESPACE)/\(name)"),
      "--validating-webhook=:8443", "--enable-metrics=true",
    ]
    if let defaultCertificate {
      arguments.append(.string("--default-ssl-certificate=\(namespace)/\(defaultCertificate)"))
    }
    let container: JSONValue = [
      "name": "controller", "image": .string("\(image):v\(version)"), "args": .array(arguments),
      "ports": [
        ["name": "http", "containerPort": 80, "protocol": "TCP"],
        ["name": "https", "containerPort": 443, "protocol": "TCP"],
      ],
      "resources": ["requests": ["cpu": "100m", "memory": "90Mi"]],
    ]
    let place = namespace
    return SimulatedIngressController(objects: [
      ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(place)]],
      ["apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata(account, place)],
      ["apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata(name, place), "data": data],
      [
        "apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": classMetadata,
        "spec": ["controller": .string(controller)],
      ],
      [
        "apiVersion": "v1", "kind": "Service", "metadata": metadata(name, place),
        "spec": [
          "type": "LoadBalancer", "selector": selector,
          "ports": [
            ["name": "http", "port": 80, "protocol": "TCP", "targetPort": "http"],
            ["name": "https", "port": 443, "protocol": "TCP", "targetPort": "https"],
          ],
        ],
        "status": ["loadBalancer": ["ingress": [["ip": "192.0.2.10"]]]],
      ],
      [
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata(name, place),
        "spec": [
          "replicas": .integer(replicas), "selector": ["matchLabels": selector],
          "template": [
            "metadata": ["labels": labels],
            "spec": ["serviceAccountName": .string(account), "containers": [container]],
          ],
        ],
      ],
    ])
  }

  /// Traefik as its chart makes it with the provider kubernetesIngressNGINX (traefik/traefik-helm-chart); the class is not
  /// among its objects.
  public static func traefik(
    controller: String, release: String = "traefik", namespace: String = "ingress-mlops", version: String = "v3.7.11",
    chart: String = "41.3.0", replicas: Int = 2
  ) -> SimulatedIngressController {
    let selector: JSONValue = [
      "app.kubernetes.io/instance": .string("\(release)-\(namespace)"), "app.kubernetes.io/name": "traefik",
    ]
    var labels = selector
    labels["app.kubernetes.io/managed-by"] = "Helm"
    labels["helm.sh/chart"] = .string("traefik-\(chart)")
    let metadata: JSONValue = ["name": .string(release), "namespace": .string(namespace), "labels": labels]
    let container: JSONValue = [
      "name": "traefik", "image": .string("docker.io/traefik:\(version)"),
      "args": [
        "--entryPoints.web.address=:8000/tcp", "--entryPoints.websecure.address=:8443/tcp",
        "--providers.kubernetesingressnginx",
        .string("--providers.kubernetesingressnginx.controllerClass=\(controller)"),
      ],
      "resources": ["requests": ["cpu": "100m", "memory": "90Mi"]],
    ]
    return SimulatedIngressController(objects: [
      ["apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(namespace)]],
      ["apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata],
      [
        "apiVersion": "v1", "kind": "Service", "metadata": metadata,
        "spec": [
          "type": "LoadBalancer", "selector": selector,
          "ports": [["name": "web", "port": 80, "protocol": "TCP", "targetPort": "web"]],
        ],
        "status": ["loadBalancer": ["ingress": [["ip": "192.0.2.11"]]]],
      ],
      [
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata,
        "spec": [
          "replicas": .integer(replicas), "selector": ["matchLabels": selector],
          "template": [
            "metadata": ["labels": labels],
            "spec": ["serviceAccountName": .string(release), "containers": [container]],
          ],
        ],
      ],
    ])
  }
}
