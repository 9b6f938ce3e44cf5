import FoundationEssentials
import Kubernetes
import Testing

@Suite("Objects")
struct ModelTests {
  static func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(text.utf8))
  }

  struct List<Value: Decodable>: Decodable { var items: [Value] }

  static func list<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> [Value] {
    try JSONDecoder().decode(List<Value>.self, from: Data(Recording(name).body)).items
  }

  static func object<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
    try JSONDecoder().decode(type, from: Data(Recording(name).body))
  }

  @Test("Recorded nodes are read")
  func nodes() throws {
    let nodes = try Self.list(Node.self, "19-nodes")
    #expect(nodes.count == 3)
    #expect(nodes.allSatisfy { $0.isReady })
    #expect(nodes[0].spec.providerID == "aws:///us-east-1a/i-00000000000000000")
    #expect(try nodes[0].status.allocatable["memory"] == Quantity("16Gi"))
    #expect(nodes[0].status.nodeInfo.architecture == "amd64")
    #expect(nodes[0].metadata.labels["topology.kubernetes.io/zone"] == "z0")
  }

  @Test("Recorded pods and events are read, null times and all")
  func pods() throws {
    let pods = try Self.list(Pod.self, "61-pods")
    #expect(pods.count == 2)
    #expect(pods[0].spec.nodeName == "n00001")
    #expect(pods[0].status.phase == "Pending")
    #expect(pods[0].request(of: "cpu") == Quantity(milli: 100))
    #expect(pods[0].metadata.ownerReferences.first?.kind == "ReplicaSet")
    let events = try Self.list(Event.self, "62-events")
    #expect(events.first?.reason == "Scheduled")
    #expect(events.first?.lastSeen == "2026-11-23T22:34:54.410695Z")
  }

  @Test("Recorded objects of all kinds are read")
  func others() throws {
    #expect(try Self.list(IngressClass.self, "57-ingressclasses").first?.spec.controller == "k8s.io/ingress-nginx")
    let storage = try Self.list(StorageClass.self, "67-storageclasses").first
    #expect(storage?.isDefault == true)
    #expect(storage?.provisioner == "ebs.csi.aws.com")
    #expect(try Self.object(ConfigMap.self, "46-configmap-create").data.keys.sorted() == ["config.json"])
    #expect(try Self.object(ServiceAccount.self, "47-serviceaccount-create").imagePullSecrets.isEmpty)
    #expect(try Self.object(ResourceQuota.self, "63-pod-limit-range-quota").spec.hard["secrets"]?.value == 3)
    let deployment = try Self.object(Deployment.self, "58-deployment-create")
    #expect(deployment.spec.replicas == 2)
    #expect(!deployment.isRolledOut)
    #expect(deployment.spec.template.spec.containers.first?.name == "controller")
    #expect(try Self.object(Namespace.self, "74-namespace-delete").status.phase == "Terminating")
    #expect(try Self.object(Secret.self, "34-secret-apply-create").metadata.managers == ["recorder"])
  }

  @Test("Absent and null fields are empty, unknown ones are passed over")
  func tolerance() throws {
    #expect(try Self.decode(Node.self, "{}") == Node())
    #expect(
      try Self.decode(Pod.self, #"{"metadata":null,"spec":{"containers":null,"new":{"a":[1]}},"status":{}}"#) == Pod())
    #expect(
      try Self.decode(Deployment.self, #"{"status":{"conditions":[{"type":"Available","status":"True"}]}}"#).status
        .conditions["Available"]?.isTrue == true)
    #expect(throws: DecodingError.self) { try Self.decode(Node.self, #"{"spec":{"taints":5}}"#) }
  }

  @Test("Empty fields are left out when written")
  func encoding() throws {
    var secret = Secret()
    secret.metadata.name = "s"
    secret.data = ["a": SecretData(Array("b".utf8))]
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    #expect(
      String(decoding: try encoder.encode(secret), as: UTF8.self) == #"{"data":{"a":"Yg=="},"metadata":{"name":"s"}}"#)
  }

  @Test(
    "A pod's request is the larger of its containers' sum and its neediest initialisation, sidecars in both, plus overhead"
  )
  func requests() throws {
    func container(_ cpu: String, _ restart: String? = nil) -> String {
      #"{"name":"c","resources":{"requests":{"cpu":"\#(cpu)"}}\#(restart.map { #","restartPolicy":"\#($0)""# } ?? "")}"#
    }
    func request(_ initial: [String], _ containers: [String], overhead: String = "0") throws -> String {
      try Self.decode(
        Pod.self,
        #"{"spec":{"initContainers":[\#(initial.joined(separator: ","))],"containers":[\#(containers.joined(separator: ","))],"overhead":{"cpu":"\#(overhead)"}}}"#
      ).request(of: "cpu").description
    }
    #expect(try request([], [container("100m"), container("200m")]) == "300m")
    #expect(try request([container("1")], [container("100m")]) == "1")
    #expect(try request([container("200m", "Always"), container("1")], [container("100m")]) == "1200m")
    #expect(
      try request([container("1"), container("200m", "Always")], [container("900m")], overhead: "50m") == "1150m")
    #expect(try request([], [#"{"name":"c"}"#]) == "0")
  }

  @Test("A roll-out is complete when kubectl says so")
  func rollout() throws {
    func done(_ status: String, generation: Int = 2) throws -> Bool {
      try Self.decode(
        Deployment.self, #"{"metadata":{"generation":\#(generation)},"spec":{"replicas":2},"status":{\#(status)}}"#
      ).isRolledOut
    }
    #expect(try done(#""observedGeneration":2,"replicas":2,"updatedReplicas":2,"availableReplicas":2"#))
    #expect(try !done(#""observedGeneration":1,"replicas":2,"updatedReplicas":2,"availableReplicas":2"#))
    #expect(try !done(#""observedGeneration":2,"replicas":3,"updatedReplicas":2,"availableReplicas":2"#))
    #expect(try !done(#""observedGeneration":2,"replicas":2,"updatedReplicas":2,"availableReplicas":1"#))
    #expect(try !done(#""observedGeneration":2,"replicas":1,"updatedReplicas":1,"availableReplicas":1"#))
  }
}
