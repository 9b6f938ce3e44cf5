import Kubernetes

extension ClusterScenario {
  /// The scenarios that `--demo NAME` knows, in the order they are listed.
  public static let named: [ClusterScenario] = [
    healthy, oldKubernetes, noIngress, smallNodes, forbidden, imagePullBackOff, crashLoop, unschedulable, quotaExceeded,
    restrictedNamespace, armNodes, openShift, oldOpenShift, openShiftProject, eks,
    neverReady, installed, installedBroken,
  ]

  /// The scenario of that name; nil where there is none.
  public static func named(_ name: String) -> ClusterScenario? { named.first { $0.name == name } }

  /// Kubernetes 1.20, one minor version too old.
  public static let oldKubernetes = healthy.with {
    $0.name = "old-kubernetes"
    $0.summary = "Kubernetes 1.20: one minor version too old for the agent."
    $0.version = ClusterVersion(minor: 20, patch: 15)
  }

  /// No ingress controller and no ingress class.
  public static let noIngress = healthy.with {
    $0.name = "no-ingress"
    $0.summary = "No ingress controller and no ingress class."
    $0.objects = [storageClass("standard")]
  }

  /// Nodes that are too small for the agent and its image builds.
  public static let smallNodes = healthy.with {
    $0.name = "small-nodes"
    $0.summary = "Two nodes of 1 CPU, 2 GiB of memory and 20 GiB of storage."
    $0.nodes = (1...2).map { SimulatedNode("small-\($0)", cpu: "1", memory: "2Gi", ephemeralStorage: "20Gi") }
  }

  /// A user who may look into one namespace, and nothing else.
  public static let forbidden = healthy.with {
    $0.name = "forbidden"
    $0.summary = "The user may look into one namespace, change nothing and see no nodes."
    $0.users = [SimulatedUser(name: "developer", groups: ["developers"], token: "admin-token"), .viewer]
    $0.namespaces = ["datarobot-mlops"]
    $0.objects.append([
      "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
      "metadata": ["name": "developers", "namespace": "datarobot-mlops"],
      "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"],
      "subjects": [["apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "developers"]],
    ])
  }

  /// The agent's image cannot be pulled.
  public static let imagePullBackOff = healthy.with {
    $0.name = "image-pull-backoff"
    $0.summary = "The nodes cannot pull the agent's image."
    $0.behaviour.rules = [
      .init(
        image: "mlops-management-agent",
        outcome: .imagePullBackOff(
          message:
            "failed to resolve reference: pull access denied, repository does not exist or may require authorization"))
    ]
  }

  /// The agent ends at once, again and again.
  public static let crashLoop = healthy.with {
    $0.name = "crash-loop"
    $0.summary = "The agent ends at its start because DataRobot refuses its API key."
    $0.behaviour.rules = [
      .init(
        image: "mlops-management-agent",
        outcome: .crashLoop(
          exitCode: 1,
          log: "2026-01-01 00:00:00 ERROR bosun: 401 Client Error: Unauthorized for url: /api/v2/version/\n"))
    ]
  }

  /// No node has room.
  public static let unschedulable = healthy.with {
    $0.name = "unschedulable"
    $0.summary = "All nodes are cordoned or tainted, so nothing new is scheduled."
    $0.nodes = [
      SimulatedNode("node-1", isCordoned: true),
      SimulatedNode("node-2", taints: [.init(key: "dedicated", value: "training")]),
    ]
  }

  /// A quota that leaves no room for the agent's objects.
  public static let quotaExceeded = healthy.with {
    $0.name = "quota"
    $0.summary = "A quota in the namespace datarobot-mlops allows one pod and three secrets."
    $0.namespaces = ["datarobot-mlops"]
    $0.objects.append([
      "apiVersion": "v1", "kind": "ResourceQuota", "metadata": ["name": "compute", "namespace": "datarobot-mlops"],
      "spec": ["hard": ["pods": "1", "secrets": "3"]],
    ])
  }

  /// A namespace that enforces the restricted pod security standard, which image builds cannot keep to.
  public static let restrictedNamespace = healthy.with {
    $0.name = "restricted"
    $0.summary = "The namespace datarobot-mlops enforces the restricted pod security standard."
    $0.objects.append([
      "apiVersion": "v1", "kind": "Namespace",
      "metadata": [
        "name": "datarobot-mlops",
        "labels": [
          "pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": "restricted",
        ],
      ],
    ])
  }

  /// Nodes of an architecture that the images are not built for.
  public static let armNodes = healthy.with {
    $0.name = "arm-nodes"
    $0.summary = "All nodes are arm64."
    $0.nodes = (1...3).map { SimulatedNode("arm-\($0)", architecture: "arm64") }
  }

  /// A current OpenShift in which an administrator has done the procedure's first steps: the registry has its route, the
  /// project is there and the agent's images are in it.
  public static let openShift = openShift(
    OpenShiftPlatform(release: "4.18.9", domain: "demo.example", exposesRegistry: true)
  )
  .with {
    $0.name = "openshift"
    $0.summary = "OpenShift 4.18 with its own router and registry, in which the agent's images are."
    $0.namespaces.append("datarobot-mlops")
    // The account that the chart gives the image builder.
    $0.objects.append(
      OpenShiftPlatform.grant("anyuid", to: "image-builder-bosun-datarobot-management-agent", in: "datarobot-mlops"))
  }

  /// The oldest OpenShift that will do, where pull secrets have a token Secret behind them.
  public static let oldOpenShift = openShift.with {
    let platform = OpenShiftPlatform(release: "4.8.57", domain: "demo.example", exposesRegistry: true)
    $0.name = "openshift-4.8"
    $0.summary = "OpenShift 4.8, the oldest that will do."
    $0.openShift = platform
    $0.version = platform.kubernetes
  }

  /// One's project in someone else's OpenShift.
  public static let openShiftProject = openShift.with {
    $0.name = "openshift-project-admin"
    $0.summary = "OpenShift 4.18 whose user administers the project datarobot-mlops and nothing else."
    $0.users = [
      SimulatedUser(name: "developer", groups: ["system:authenticated:oauth"], token: "admin-token"), .viewer,
    ]
    $0.objects.append([
      "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
      "metadata": ["name": "admin", "namespace": "datarobot-mlops"],
      "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "admin"],
      "subjects": [["apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "developer"]],
    ])
  }

  /// Amazon EKS with the labels and provider IDs that it gives.
  public static let eks = healthy.with {
    $0.name = "eks"
    $0.summary = "Amazon EKS 1.34."
    $0.version = ClusterVersion(minor: 34, patch: 1, vendorSuffix: "-eks-8cb36c9", minorSuffix: "+")
    $0.nodes = (1...3).map {
      SimulatedNode(
        "ip-10-1-0-\($0).ec2.internal",
        labels: ["eks.amazonaws.com/nodegroup": "default", "topology.kubernetes.io/region": "us-east-1"],
        providerID: "aws:///us-east-1a/i-0000000000000000\($0)")
    }
  }

  /// The agent is installed and works.
  public static let installed = healthy.with {
    $0.name = "installed"
    $0.summary = "The agent is installed and reports in: for verify and uninstall."
    $0.installation = Installation()
    $0.behaviour.logs = [
      "mlops-management-agent":
        "2026-01-01 00:00:00 INFO bosun: Starting the management agent 11.2.62\n"
        + "2026-01-01 00:00:01 INFO bosun: Reporting to DataRobot; health is passing\n"
    ]
  }

  /// The agent is installed, and much is the matter with it that its pod does not show.
  public static let installedBroken = installed.with {
    $0.name = "installed-broken"
    $0.summary = "The agent is installed and ready, but may not do its work: the registry takes no pushes any more."
    $0.installation = Installation(mayPush: false)
    $0.behaviour.logs = [
      "mlops-management-agent":
        "2026-01-01 00:00:00 INFO bosun: Starting the management agent 11.2.62\n"
        + "2026-01-01 00:00:02 ERROR bosun: Reason: Forbidden. HTTP response body: {\"kind\":\"Status\",\"message\":"
        + "\"pods is forbidden: User \\\"system:serviceaccount:datarobot-mlops:bosun-datarobot-management-agent\\\" cannot "
        + "create resource \\\"pods\\\" in API group \\\"\\\" in the namespace \\\"datarobot-mlops\\\"\"}\n"
    ]
  }

  /// The agent runs and never gets ready.
  public static let neverReady = healthy.with {
    $0.name = "never-ready"
    $0.summary = "The agent runs and its readiness probe never succeeds."
    $0.behaviour.rules = [.init(image: "mlops-management-agent", outcome: .neverReady)]
  }
}
