import FoundationEssentials
import Kubernetes
import Simulator

extension SimulatedCluster {
  static let all = vendors + sizes + rights + namespaces + ingress + connections

  /// Whose Kubernetes it is.
  static let vendors: [SimulatedCluster] = [
    SimulatedCluster("eks", of: .eks),
    SimulatedCluster("gke") {
      $0.version = ClusterVersion(minor: 34, patch: 1, vendorSuffix: "-gke.1829001")
      $0.nodes = nodes("gke-demo-default-pool", labels: ["cloud.google.com/gke-nodepool": "default-pool"]) {
        "gce://project/europe-west3-a/gke-demo-default-pool-\($0)"
      }
    },
    SimulatedCluster("aks") {
      $0.version = ClusterVersion(minor: 34, patch: 2)
      $0.nodes = nodes(
        "aks-nodepool1-vmss",
        labels: ["kubernetes.azure.com/agentpool": "nodepool1", "kubernetes.azure.com/cluster": "c"]
      ) { "azure:///subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/\($0)" }
    },
    SimulatedCluster("openshift", of: openShift("4.20.3")),
    SimulatedCluster("openshift-anyuid", of: openShift("4.20.3").with { $0.objects += [agentNamespace, anyuid] }),
    SimulatedCluster("openshift-without-anyuid", of: openShift("4.20.3").with { $0.objects.append(agentNamespace) }),
    SimulatedCluster("openshift-4-8", of: openShift("4.8.57")),
    SimulatedCluster("openshift-4-7", of: openShift("4.7.60")),
    SimulatedCluster("rke2") {
      $0.version = ClusterVersion(minor: 34, patch: 2, vendorSuffix: "+rke2r1")
      $0.nodes = nodes("rke", labels: ["node.kubernetes.io/instance-type": "rke2"]) { "rke2://rke-\($0)" }
      $0.objects =
        SimulatedIngressController.nginx(
          class: "nginx", release: "rke2-ingress-nginx", namespace: "kube-system", version: "1.13.4", chart: "4.13.4"
        ).objects + [ClusterScenario.storageClass("longhorn")]
    }.with { $0.ingressClass = "nginx" },
    SimulatedCluster("rke2-old") {
      $0.version = ClusterVersion(minor: 35, patch: 2, vendorSuffix: "+rke2r1")
      $0.nodes = nodes("rke", labels: ["node.kubernetes.io/instance-type": "rke2"]) { "rke2://rke-\($0)" }
      $0.objects =
        SimulatedIngressController.nginx(
          class: "nginx", release: "rke2-ingress-nginx", namespace: "kube-system", version: "0.47.0", chart: "3.34.003"
        ).objects + [ClusterScenario.storageClass("longhorn")]
    }.with { $0.ingressClass = "nginx" },
    SimulatedCluster("k3s") {
      $0.version = ClusterVersion(minor: 34, patch: 2, vendorSuffix: "+k3s1")
      $0.nodes = nodes("k3s", 1, labels: ["node.kubernetes.io/instance-type": "k3s"]) { "k3s://k3s-\($0)" }
      $0.objects = traefik("3.5.1", arguments: []) + [ClusterScenario.storageClass("local-path")]
    }.with { $0.ingressClass = "traefik" },
    SimulatedCluster("kind") {
      $0.version = ClusterVersion(minor: 34)
      $0.nodes = nodes("kind-control-plane", 1) { _ in "kind://docker/kind/kind-control-plane" }
    },
    SimulatedCluster("minikube") {
      $0.version = ClusterVersion(minor: 34)
      $0.nodes = nodes("minikube", 1, labels: ["minikube.k8s.io/name": "minikube"]) { _ in nil }
    },
    SimulatedCluster("microk8s") {
      $0.version = ClusterVersion(minor: 33, patch: 5)
      $0.nodes = nodes("micro", 1, labels: ["microk8s.io/cluster": "true"]) { _ in nil }
      $0.objects = [ClusterScenario.storageClass("microk8s-hostpath")]
    },
  ]

  /// Kubernetes' versions, and nodes that do, that do not, and that nearly do.
  static let sizes: [SimulatedCluster] = [
    SimulatedCluster("kubernetes-1-20", of: .oldKubernetes),
    SimulatedCluster("kubernetes-1-45") { $0.version = ClusterVersion(minor: 45) },
    SimulatedCluster("one-big-node") {
      $0.nodes = [SimulatedNode("big", cpu: "32", memory: "128Gi", ephemeralStorage: "1Ti")]
    },
    SimulatedCluster("sum-without-a-node") {
      $0.nodes = (1...8).map { SimulatedNode("n-\($0)", cpu: "1", memory: "4Gi", ephemeralStorage: "50Gi") }
    },
    SimulatedCluster("full-node") {
      $0.nodes = [SimulatedNode("only")]
      $0.objects.append(pod("database", on: "only", memory: "13Gi"))
    },
    SimulatedCluster("mixed-architectures") {
      $0.nodes = [SimulatedNode("arm", cpu: "32", memory: "128Gi", architecture: "arm64"), SimulatedNode("intel")]
    },
    SimulatedCluster("arm64", of: .armNodes),
    SimulatedCluster("tainted") {
      $0.nodes = [SimulatedNode("gpu", taints: [.init(key: "nvidia.com/gpu", value: "present")])]
    },
    SimulatedCluster("cordoned") { $0.nodes = [SimulatedNode("node-1", isCordoned: true)] },
    SimulatedCluster("not-ready") { $0.nodes = [SimulatedNode("node-1", isReady: false)] },
    SimulatedCluster("no-nodes") { $0.nodes = [] },
  ]

  /// Who may do what.
  static let rights: [SimulatedCluster] = [
    SimulatedCluster("nodes-denied") { limit(&$0, without: "nodes") },
    SimulatedCluster("pods-denied") { limit(&$0, without: "pods") },
    SimulatedCluster("viewer").with { $0.token = "viewer-token" },
    SimulatedCluster("view-one-namespace", of: .forbidden),
    SimulatedCluster("anonymous").with { $0.token = nil },
    SimulatedCluster("wrong-token").with { $0.token = "expired-token" },
    SimulatedCluster("wrong-token-and-time").with {
      $0.token = "expired-token"
      $0.clockSkew = -7200
    },
  ]

  /// The agent's namespace and release.
  static let namespaces: [SimulatedCluster] = [
    SimulatedCluster("terminating") {
      $0.namespaces = ["datarobot-mlops"]
      $0.behaviour.namespaceRemoval = .seconds(600)
    }.with { $0.terminating = "datarobot-mlops" },
    SimulatedCluster("quota", of: .quotaExceeded),
    SimulatedCluster("restricted", of: .restrictedNamespace),
    SimulatedCluster("pending-release") { $0.objects.append(release("pending-upgrade", revision: 2)) },
    SimulatedCluster("failed-release") { $0.objects.append(release("failed", revision: 1)) },
  ]

  /// What serves the class of the answers, or does not.
  static let ingress: [SimulatedCluster] = [
    SimulatedCluster("two-controllers") {
      $0.objects +=
        SimulatedIngressController.nginx(class: "nginx", release: "other", namespace: "ingress-other").objects
    },
    SimulatedCluster("no-controller") {
      $0.objects = [ingressClass("mlops", "k8s.io/ingress-nginx"), ClusterScenario.storageClass("standard")]
    },
    SimulatedCluster("no-ingress", of: .noIngress),
    SimulatedCluster("traefik-3-6") {
      $0.objects =
        traefik("3.6.7", arguments: ["--providers.kubernetesingressnginx=true"])
        + [ingressClass("mlops", "k8s.io/ingress-nginx"), ClusterScenario.storageClass("standard")]
    },
    SimulatedCluster("traefik-3-7") {
      $0.objects =
        traefik("3.7.1", arguments: ["--providers.kubernetesingressnginx=true"])
        + [ingressClass("mlops", "k8s.io/ingress-nginx"), ClusterScenario.storageClass("standard")]
    },
    SimulatedCluster("f5-nginx") {
      $0.objects = [ingressClass("mlops", "nginx.org/ingress-controller"), ClusterScenario.storageClass("standard")]
    },
    SimulatedCluster("ingress-nginx-3") {
      $0.objects =
        SimulatedIngressController.nginx(class: "mlops", version: "0.50.0", chart: "3.41.0").objects
        + [ClusterScenario.storageClass("standard")]
    },
  ]

  /// What stands between.
  static let connections: [SimulatedCluster] = [
    SimulatedCluster("slow-api").with {
      $0.faults = [Fault(pathPrefix: "/", effect: .delay(.seconds(4)))]
      $0.arguments = ["--timeout", "1s"]
    },
    SimulatedCluster("slow-nodes").with {
      $0.faults = [Fault(pathPrefix: "/api/v1/nodes", effect: .delay(.seconds(4)))]
      $0.arguments = ["--timeout", "2s"]
    },
    SimulatedCluster("throttled").with {
      $0.faults = [Fault(pathPrefix: "/", effect: .status(429, retryAfter: 1))]
      $0.arguments = ["--timeout", "3s"]
    },
    SimulatedCluster("truncated").with {
      $0.faults = [Fault(pathPrefix: "/api/v1/nodes", effect: .truncatedBody)]
      $0.arguments = ["--timeout", "5s"]
    },
    SimulatedCluster("login-page").with { $0.faults = [Fault(pathPrefix: "/", effect: .htmlPage(status: 200))] },
    SimulatedCluster("proxy-error").with {
      $0.faults = [Fault(pathPrefix: "/", effect: .htmlPage(status: 502))]
      $0.arguments = ["--timeout", "3s"]
    },
    SimulatedCluster("clock-skew").with { $0.clockSkew = 600 },
  ]

  // MARK: Objects

  private static func nodes(
    _ name: String, _ count: Int = 3, labels: [String: String] = [:], _ provider: (Int) -> String?
  ) -> [SimulatedNode] {
    (1...count).map {
      SimulatedNode(count == 1 ? name : "\(name)-\($0)", labels: labels, providerID: provider($0))
    }
  }

  private static func openShift(_ release: String) -> ClusterScenario {
    .openShift(OpenShiftPlatform(release: release))
  }

  private static let agentNamespace: JSONValue = [
    "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": "datarobot-mlops"],
  ]

  private static let anyuid = OpenShiftPlatform.grant(
    "anyuid", to: "image-builder-bosun-datarobot-management-agent", in: "datarobot-mlops")

  private static func pod(_ name: String, on node: String, memory: String) -> JSONValue {
    [
      "apiVersion": "v1", "kind": "Pod", "metadata": ["name": .string(name), "namespace": "shop"],
      "spec": [
        "nodeName": .string(node),
        "containers": [
          ["name": "c", "image": "postgres", "resources": ["requests": ["memory": .string(memory)]]]
        ],
      ],
    ]
  }

  private static func ingressClass(_ name: String, _ controller: String) -> JSONValue {
    [
      "apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "metadata": ["name": .string(name)],
      "spec": ["controller": .string(controller)],
    ]
  }

  /// Traefik as its chart installs it, with its own class.
  private static func traefik(_ version: String, arguments: [String]) -> [JSONValue] {
    let labels: JSONValue = ["app.kubernetes.io/name": "traefik", "app.kubernetes.io/instance": "traefik-kube-system"]
    return [
      ingressClass("traefik", "traefik.io/ingress-controller"),
      [
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": ["name": "traefik", "namespace": "kube-system"],
        "spec": [
          "replicas": 1, "selector": ["matchLabels": labels],
          "template": [
            "metadata": ["labels": labels],
            "spec": [
              "containers": [
                [
                  "name": "traefik", "image": .string("docker.io/traefik:v\(version)"),
                  "args": .array((["--providers.kubernetesingress"] + arguments).map { .string($0) }),
                ]
              ]
            ],
          ],
        ],
      ],
    ]
  }

  /// Helm's record of a revision of the release: JSON in a gzip file with one stored block, in base64 twice.
  private static func release(_ status: String, revision: Int) -> JSONValue {
    let document = """
      {"name":"bosun","namespace":"datarobot-mlops","version":\(revision),"config":{},"manifest":"",\
      "info":{"status":"\(status)","first_deployed":"2026-11-01T00:00:00Z","last_deployed":"2026-11-01T00:00:00Z"},\
      "chart":{"metadata":{"name":"datarobot-management-agent","version":"2.1.0","appVersion":"11.2.62",\
      "apiVersion":"v2"}}}
      """
    let bytes = Array(document.utf8)
    let (low, high) = (UInt8(bytes.count & 255), UInt8(bytes.count >> 8))
    // The stand-in for helm reads no checksum; the last eight bytes are only there.
    let file =
      [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1, low, high, ~low, ~high] + bytes + [UInt8](repeating: 0, count: 8)
    let packed = Data(Data(file).base64EncodedString().utf8).base64EncodedString()
    return [
      "apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1",
      "metadata": [
        "name": .string("sh.helm.release.v1.bosun.v\(revision)"), "namespace": "datarobot-mlops",
        "labels": [
          "name": "bosun", "owner": "helm", "status": .string(status), "version": .string("\(revision)"),
        ],
      ],
      "data": ["release": .string(packed)],
    ]
  }

  /// An administrator who may do everything but with one resource of the core group.
  private static func limit(_ scenario: inout ClusterScenario, without resource: String) {
    let core = [
      "configmaps", "endpoints", "events", "limitranges", "namespaces", "nodes", "persistentvolumeclaims",
      "persistentvolumes", "pods", "pods/log", "replicationcontrollers", "resourcequotas", "secrets",
      "serviceaccounts", "services",
    ].filter { $0 != resource }
    let groups: [JSONValue] = [
      "apps", "authorization.k8s.io", "batch", "networking.k8s.io", "rbac.authorization.k8s.io", "storage.k8s.io",
      "autoscaling", "policy", "coordination.k8s.io", "admissionregistration.k8s.io",
    ]
    scenario.users = [SimulatedUser(name: "operator", groups: ["operators"], token: "admin-token")]
    scenario.objects += [
      [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": ["name": "operators"],
        "rules": [
          ["apiGroups": .array(groups), "resources": ["*"], "verbs": ["*"]],
          ["apiGroups": [""], "resources": .array(core.map { .string($0) }), "verbs": ["*"]],
          ["nonResourceURLs": ["*"], "verbs": ["get"]],
        ],
      ],
      [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": ["name": "operators"],
        "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "operators"],
        "subjects": [["apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "operators"]],
      ],
    ]
  }
}
