import Kubernetes
import Testing

@testable import Simulator

@Suite("Admission and access")
struct AdmissionTests {
  private static let pods = ResourceType(
    group: "", version: "v1", name: "pods", kind: "Pod", isNamespaced: true, verbs: [])

  @Test(
    "A quota refuses what would exceed it, in the server's words",
    arguments: [
      (["pods": "2"], ["pods": 2.0], "exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2"),
      (["pods": "3"], ["pods": 2.0], nil),
      (
        ["requests.cpu": "1"], ["requests.cpu": 0.75],
        "exceeded quota: q, requested: requests.cpu=500m, used: requests.cpu=750m, limited: requests.cpu=1"
      ),
      (["requests.cpu": "2"], ["requests.cpu": 0.75], nil),
      (["limits.memory": "1Gi"], [:], "failed quota: q: must specify limits.memory for: c"),
    ] as [([String: String], [String: Double], String?)])
  func quotas(hard: [String: String], used: [String: Double], refusal: String?) {
    var limits: JSONValue = [:]
    for (key, value) in hard { limits[key] = .string(value) }
    let quota: JSONValue = ["metadata": ["name": "q"], "spec": ["hard": limits]]
    let pod: JSONValue = [
      "spec": ["containers": [["name": "c", "resources": ["requests": ["cpu": "500m"]]]]]
    ]
    let found = Quota.refusal(of: pod, type: Self.pods, quotas: [quota]) { Thousandths(value: (used[$0] ?? 0) * 1000) }
    #expect(found == refusal)
  }

  @Test(
    "Quantities are read with their units",
    arguments: [("1", 1.0), ("100m", 0.1), ("1Gi", 1_073_741_824), ("1k", 1000), ("1.5", 1.5), ("2Mi", 2_097_152)])
  func quantities(text: String, value: Double) {
    #expect(Thousandths(text).value == value * 1000)
  }

  @Test("A pod's broken rules depend on the level")
  func podSecurity() {
    let builder: JSONValue = [
      "containers": [["name": "kaniko", "image": "x"]], "volumes": [["name": "ca", "hostPath": ["path": "/etc"]]],
    ]
    #expect(PodSecurity.violations(builder, at: .privileged).isEmpty)
    #expect(PodSecurity.violations(builder, at: .baseline).map(\.name) == ["hostPath volumes"])
    #expect(PodSecurity.violations(builder, at: .restricted).count == 5)
    let good: JSONValue = [
      "securityContext": ["runAsNonRoot": true, "seccompProfile": ["type": "RuntimeDefault"]],
      "containers": [
        [
          "name": "c",
          "securityContext": ["allowPrivilegeEscalation": false, "capabilities": ["drop": ["ALL"]]],
        ]
      ],
    ]
    #expect(PodSecurity.violations(good, at: .restricted).isEmpty)
  }

  @Test(
    "Roles and bindings decide, for users, groups and service accounts",
    arguments: [
      ("list", "pods", "team", true), ("delete", "pods", "team", false), ("list", "pods", "other", false),
      ("get", "secrets", "team", false),
    ])
  func rbac(verb: String, resource: String, namespace: String, isAllowed: Bool) async throws {
    let scenario = ClusterScenario.recorded.with {
      $0.users.append(SimulatedUser(name: "dev", groups: ["team"], token: "dev-token"))
      $0.namespaces = ["team", "other"]
      $0.objects = [
        [
          "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
          "metadata": ["name": "b", "namespace": "team"],
          "roleRef": ["kind": "ClusterRole", "name": "view", "apiGroup": "rbac.authorization.k8s.io"],
          "subjects": [
            ["kind": "Group", "name": "team"], ["kind": "ServiceAccount", "name": "robot", "namespace": "team"],
          ],
        ]
      ]
    }
    try await withCluster(scenario) { client in
      let attributes: JSONValue = [
        "verb": .string(verb), "resource": .string(resource), "namespace": .string(namespace),
      ]
      let own = try await client.as("dev-token").send(
        "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", ["spec": ["resourceAttributes": attributes]])
      #expect(own.json.value(at: ["status", "allowed"]) == .bool(isAllowed))
      let robot = try await client.send(
        "POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews",
        ["spec": ["user": "system:serviceaccount:team:robot", "resourceAttributes": attributes]])
      #expect(robot.json.value(at: ["status", "allowed"]) == .bool(isAllowed))
    }
  }

  @Test("A service account's token stands for it, and an impersonated user needs the right to be it")
  func tokens() async throws {
    try await withCluster(.recorded) { client in
      let path = "/api/v1/namespaces/default/serviceaccounts/default/token"
      let answer = try await client.send("POST", path, ["spec": ["expirationSeconds": 600]])
      let token = try #require(answer.json.value(at: ["status", "token"])?.string)
      let refused = try await client.as(token).send("GET", "/api/v1/nodes")
      #expect(
        refused.json["message"]?.string?.contains("User \"system:serviceaccount:default:default\" cannot list") == true)
      let asViewer = try await client.send("GET", "/api/v1/nodes", headers: ["Impersonate-User": "viewer"])
      #expect(asViewer.json["message"]?.string?.contains("User \"viewer\" cannot list") == true)
      let reverse = try await client.as("viewer-token").send(
        "GET", "/api/v1/nodes", headers: ["Impersonate-User": "admin"])
      #expect(reverse.json["message"]?.string?.contains("cannot impersonate resource \"users\"") == true)
    }
  }

  @Test("The front's user is believed only by a server that trusts its front", arguments: [true, false])
  func front(isTrusted: Bool) async throws {
    try await withCluster(.recorded, trustsFront: isTrusted) { client in
      let answer = try await client.as(nil).send(
        "GET", "/api/v1/nodes", headers: ["X-Remote-User": "root", "X-Remote-Group": "system:masters"])
      #expect(answer.status == (isTrusted ? 200 : 403))
      #expect(client.server.log.entries.last?.user == (isTrusted ? "root" : "system:anonymous"))
    }
  }

  @Test("Nobody grants by a role or binding what he does not hold")
  func escalation() async throws {
    let group = "rbac.authorization.k8s.io"
    let scenario = ClusterScenario.recorded.with {
      $0.users.append(SimulatedUser(name: "dev", token: "dev-token"))
      $0.namespaces = ["team"]
      $0.objects = [
        [
          "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
          "metadata": ["name": "b", "namespace": "team"],
          "roleRef": ["kind": "ClusterRole", "name": "admin", "apiGroup": "rbac.authorization.k8s.io"],
          "subjects": [["kind": "User", "name": "dev"]],
        ]
      ]
    }
    try await withCluster(scenario) { client in
      let dev = client.as("dev-token")
      let path = "/apis/\(group)/v1/namespaces/team"
      func role(_ resource: String) -> JSONValue {
        [
          "metadata": ["name": .string(resource)],
          "rules": [["apiGroups": [""], "resources": [.string(resource)], "verbs": ["get", "create"]]],
        ]
      }
      #expect(try await dev.send("POST", "\(path)/roles", role("pods")).status == 201)
      let refused = try await dev.send("POST", "\(path)/roles", role("nodes"))
      #expect(refused.status == 403)
      #expect(
        refused.json["message"]?.string == """
          roles.rbac.authorization.k8s.io "nodes" is forbidden: user "dev" (groups=["system:authenticated"]) is attempting to \
          grant RBAC permissions not currently held:
          {APIGroups:[""], Resources:["nodes"], Verbs:["get" "create"]}
          """)
      let bound = try await dev.send(
        "POST", "\(path)/rolebindings",
        [
          "metadata": ["name": "all"],
          "roleRef": ["apiGroup": .string(group), "kind": "ClusterRole", "name": "cluster-admin"],
          "subjects": [["kind": "User", "name": "dev"]],
        ])
      #expect(bound.status == 403)
      #expect(try await client.send("POST", "\(path)/roles", role("nodes")).status == 201)
    }
  }
}
