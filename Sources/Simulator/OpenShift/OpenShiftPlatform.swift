public import Kubernetes

/// What makes a simulated cluster an OpenShift: its release and the names it goes by. Everything that its operators
/// keep there follows from it.
public struct OpenShiftPlatform: Sendable, Equatable {
  /// Where a service account's pull secret for the integrated registry gets its token from.
  enum PullSecretToken {
    /// A token Secret behind the pull secret, which has no end: up to 4.15.
    case secret
    /// A token that is issued for the pull secret and ends: 4.16 and newer.
    case bound
  }

  /// `4.18.9`.
  public var release: String
  /// The cluster's domain: hosts of routes are `NAME-NAMESPACE.apps.DOMAIN`.
  public var domain: String
  /// Whether the integrated registry has its default route from the start.
  public var exposesRegistry: Bool

  /// A platform from its parts.
  public init(release: String, domain: String = "cluster.example.com", exposesRegistry: Bool = false) {
    self.release = release
    self.domain = domain
    self.exposesRegistry = exposesRegistry
  }

  /// The host and port of the integrated registry inside the cluster.
  public static let registryService = "image-registry.openshift-image-registry.svc:5000"
  /// The namespace of the integrated registry.
  static let registryNamespace = "openshift-image-registry"

  /// `apps.cluster.example.com`, below which hosts of routes stand.
  public var appsDomain: String { "apps.\(domain)" }
  /// The host of the integrated registry's default route, under which it is reached from outside once that is there.
  public var registryHost: String { "default-route-\(Self.registryNamespace).\(appsDomain)" }
  /// What the router calls itself in the status of routes and Ingresses.
  var routerHost: String { "router-default.\(appsDomain)" }

  /// 18 for 4.18.
  var minor: Int { release.split(separator: ".").dropFirst().first.flatMap { Int($0) } ?? 0 }
  /// The Kubernetes version in it: 1.31 in 4.18.
  public var kubernetes: ClusterVersion { ClusterVersion(minor: minor + 13, patch: 5) }

  var pullSecretToken: PullSecretToken { minor >= 16 ? .bound : .secret }
  /// Whether there are the constraints that drop all capabilities: `restricted-v2` and its like.
  var hasSecondConstraints: Bool { minor >= 11 }

  /// What `oc adm policy add-scc-to-user CONSTRAINT -z ACCOUNT` makes.
  public static func grant(_ constraint: String, to account: String, in namespace: String) -> JSONValue {
    let role = JSONValue.string("system:openshift:scc:\(constraint)")
    return [
      "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
      "metadata": ["name": role, "namespace": .string(namespace)],
      "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role],
      "subjects": [["kind": "ServiceAccount", "name": .string(account), "namespace": .string(namespace)]],
    ]
  }

  /// What its operators keep in the cluster, in the order it is made.
  var objects: [JSONValue] {
    roles + constraints
      + [
        config(
          "ClusterVersion", "version", spec: ["channel": .string("stable-4.\(minor)")],
          status: [
            "desired": ["version": .string(release)],
            "history": [["version": .string(release), "state": "Completed"]],
          ]),
        config("Ingress", "cluster", spec: ["domain": .string(appsDomain)]),
        config("Infrastructure", "cluster", status: ["platform": "None", "infrastructureName": "cluster-x"]),
        config("Image", "cluster", status: ["internalRegistryHostname": .string(Self.registryService)]),
        [
          "apiVersion": "imageregistry.operator.openshift.io/v1", "kind": "Config", "metadata": ["name": "cluster"],
          "spec": ["managementState": "Managed", "defaultRoute": .bool(exposesRegistry), "replicas": 1],
          "status": [
            "conditions": [["type": "Available", "status": "True", "reason": "Ready"]], "readyReplicas": 1,
          ],
        ],
        [
          "apiVersion": "v1", "kind": "Service",
          "metadata": ["name": "image-registry", "namespace": .string(Self.registryNamespace)],
          "spec": ["ports": [["name": "5000-tcp", "port": 5000, "protocol": "TCP", "targetPort": 5000]]],
        ],
        [
          "apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": ["name": "openshift-default"],
          "spec": ["controller": .string(Self.ingressController)],
        ],
      ]
  }

  private func config(_ kind: String, _ name: String, spec: JSONValue = [:], status: JSONValue? = nil) -> JSONValue {
    var object: JSONValue = [
      "apiVersion": "config.openshift.io/v1", "kind": .string(kind), "metadata": ["name": .string(name)], "spec": spec,
    ]
    if let status { object["status"] = status }
    return object
  }
}

extension ClusterScenario {
  /// Whether it has OpenShift's API groups.
  public var isOpenShift: Bool { openShift != nil }

  /// An OpenShift of that release with three workers and nothing else in it. Its users logged in through OAuth, as people do.
  public static func openShift(_ platform: OpenShiftPlatform) -> ClusterScenario {
    ClusterScenario(
      name: "openshift-\(platform.release)", version: platform.kubernetes, openShift: platform,
      nodes: (1...3).map { SimulatedNode("worker-\($0)", labels: ["node.openshift.io/os_id": "rhel"]) },
      namespaces: ["openshift", "openshift-ingress", OpenShiftPlatform.registryNamespace],
      objects: [storageClass("standard")],
      users: [
        .admin, SimulatedUser(name: "developer", groups: ["system:authenticated:oauth"], token: "developer-token"),
        .viewer,
      ])
  }
}
