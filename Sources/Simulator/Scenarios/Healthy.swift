public import Kubernetes

extension ClusterScenario {
  /// A cluster that has all it needs: three nodes, ingress-nginx with the class `mlops` and a certificate for
  /// its hosts, a default storage class.
  public static let healthy = ClusterScenario(
    name: "healthy",
    summary: "A current cluster with three nodes, ingress-nginx and a default storage class.",
    version: ClusterVersion(minor: 36, patch: 1),
    nodes: (1...3).map { index in
      SimulatedNode(
        "node-\(index)", cpu: "4", memory: "16Gi", ephemeralStorage: "100Gi",
        labels: ["topology.kubernetes.io/zone": "zone-\(index)"])
    },
    objects: SimulatedIngressController.nginx(class: "mlops", defaultCertificate: "models-tls").objects + [
      [
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
        "metadata": ["name": "models-tls", "namespace": "ingress-mlops"],
        "data": ["tls.crt": "c2ltdWxhdGVk", "tls.key": "c2ltdWxhdGVk"],
      ],
      storageClass("standard"),
    ])

  /// A storage class; the default one unless told otherwise.
  public static func storageClass(
    _ name: String, provisioner: String = "csi.simulated.example", isDefault: Bool = true
  ) -> JSONValue {
    var metadata: JSONValue = ["name": .string(name)]
    if isDefault { metadata["annotations"] = ["storageclass.kubernetes.io/is-default-class": "true"] }
    return [
      "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": metadata,
      "provisioner": .string(provisioner),
      "volumeBindingMode": "WaitForFirstConsumer",
    ]
  }
}
