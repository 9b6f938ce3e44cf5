import Foundation
import HTTP
import Kubernetes
import TestSupport
import Testing

@testable import Simulator

@Suite("A simulated OpenShift", .timeLimit(.minutes(3)))
struct OpenShiftTests {
  private static func scenario(_ release: String = "4.18.9", exposed: Bool = false) -> ClusterScenario {
    .openShift(OpenShiftPlatform(release: release, exposesRegistry: exposed)).with { $0.namespaces.append("team") }
  }

  private static func pod(_ name: String, account: String = "default", spec: JSONValue) -> JSONValue {
    var pod: JSONValue = ["metadata": ["name": .string(name)], "spec": spec]
    pod.set(.string(account), at: "spec", "serviceAccountName")
    return pod
  }

  private static func bind(_ role: String, to account: String) -> JSONValue {
    [
      "metadata": ["name": .string("\(account)-\(role.split(separator: ":").last ?? "")")],
      "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": .string(role)],
      "subjects": [["kind": "ServiceAccount", "name": .string(account), "namespace": "team"]],
    ]
  }

  private static let bindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/team/rolebindings"

  @Test("Who may make no namespace gets a project by asking, is its administrator, and sees no other")
  func projects() async throws {
    try await withCluster(Self.scenario()) { client in
      let developer = client.as("developer-token")
      let refused = try await developer.send("POST", "/api/v1/namespaces", ["metadata": ["name": "mine"]])
      #expect(refused.status == 403)
      let requests = "/apis/project.openshift.io/v1/projectrequests"
      let made = try await developer.send(
        "POST", requests, ["metadata": ["name": "mine"], "displayName": "Mine"])
      #expect(made.status == 201)
      #expect(made.json.kind == "Project")
      #expect(made.json.annotations["openshift.io/requester"] == "developer")
      let again = try await developer.send("POST", requests, ["metadata": ["name": "mine"]])
      #expect(again.status == 409)
      #expect(again.json["message"] == "project.project.openshift.io \"mine\" already exists")
      let reserved = try await developer.send("POST", requests, ["metadata": ["name": "openshift-mine"]])
      #expect(
        reserved.json["message"]
          == "project.project.openshift.io \"openshift-mine\" is forbidden: cannot request a project starting with \"openshift-\""
      )
      let seen = try await developer.send("GET", "/apis/project.openshift.io/v1/projects")
      #expect(seen.json["items"]?.array?.map(\.name) == ["mine"])
      #expect(try await developer.send("GET", "/apis/project.openshift.io/v1/projects/mine").status == 200)
      #expect(try await developer.send("GET", "/apis/project.openshift.io/v1/projects/team").status == 403)
      let secret: JSONValue = ["metadata": ["name": "s"], "data": [:]]
      #expect(try await developer.send("POST", "/api/v1/namespaces/mine/secrets", secret).status == 201)
      let denied = try await client.as("viewer-token").send("GET", requests)
      #expect(denied.json["message"] == "You may not request a new project via this API.")
      let me = try await developer.send("GET", "/apis/user.openshift.io/v1/users/~")
      #expect(me.json.name == "developer")
      #expect(try await developer.send("DELETE", "/apis/project.openshift.io/v1/projects/mine").status == 200)
    }
  }

  @Test("A project administrator grants the registry and no constraint")
  func grants() async throws {
    let scenario = Self.scenario().with {
      $0.objects.append([
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": ["name": "admin", "namespace": "team"],
        "roleRef": ["apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "admin"],
        "subjects": [["apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "developer"]],
      ])
    }
    try await withCluster(scenario) { client in
      let developer = client.as("developer-token")
      #expect(
        try await developer.send("POST", Self.bindings, Self.bind("registry-editor", to: "builder")).status == 201)
      let constraint = try await developer.send(
        "POST", Self.bindings, Self.bind("system:openshift:scc:anyuid", to: "builder"))
      #expect(constraint.status == 403)
      #expect(constraint.text.contains("is attempting to grant RBAC permissions not currently held"))
    }
  }

  @Test(
    "Every account gets a pull secret as its release makes it",
    arguments: [
      ("4.8.57", 2, true), ("4.11.3", 1, true), ("4.15.0", 1, true), ("4.16.0", 0, false), ("4.18.9", 0, false),
    ])
  func pullSecrets(release: String, tokens: Int, hasSecretBehind: Bool) async throws {
    try await withCluster(Self.scenario(release)) { client in
      let made = try await client.send(
        "POST", "/api/v1/namespaces/team/serviceaccounts", ["metadata": ["name": "sa"]])
      #expect(made.status == 201)
      let isThere = try await eventually {
        await client.server.object("serviceaccounts", namespace: "team", name: "sa")?["imagePullSecrets"] != nil
      }
      #expect(isThere)
      let secrets = await client.server.objects("secrets", namespace: "team")
      let account = await client.server.object("serviceaccounts", namespace: "team", name: "sa")
      let pull = try #require(account?["imagePullSecrets"]?.array?.first?["name"]?.string)
      #expect(pull.hasPrefix("sa-dockercfg-"))
      let names = (account?["secrets"]?.array ?? []).compactMap { $0["name"]?.string }
      #expect(names.contains(pull))
      #expect(names.count == (tokens == 2 ? 2 : 1))
      #expect(secrets.filter { $0.name.hasPrefix("sa-token-") }.count == tokens)
      let secret = try #require(secrets.first { $0.name == pull })
      #expect(secret["type"] == "kubernetes.io/dockercfg")
      let behind = secret.annotations["openshift.io/token-secret.name"]
      #expect((behind != nil) == hasSecretBehind)
      if hasSecretBehind {
        let token = secrets.first { $0.name == behind }?["data"]?["token"]?.string.flatMap(Base64.decode) ?? []
        #expect(secret.annotations["openshift.io/token-secret.value"] == String(decoding: token, as: UTF8.self))
      } else {
        #expect(secret.annotations["openshift.io/internal-registry-auth-token.binding"] == "bound")
        #expect(secret.annotations["openshift.io/internal-registry-auth-token.service-account"] == "sa")
        #expect(account?.annotations["openshift.io/internal-registry-pull-secret-ref"] == pull)
      }
      let config = secret["data"]?[".dockercfg"]?.string.flatMap(Base64.decode) ?? []
      let servers = try JSONText.parse(config)
      let password = try #require(servers[OpenShiftPlatform.registryService]?["password"]?.string)
      let me = try await client.as(password).send("GET", "/apis/user.openshift.io/v1/users/~")
      #expect(me.json.name == "system:serviceaccount:team:sa")
      _ = try await client.send("DELETE", "/api/v1/namespaces/team/serviceaccounts/sa")
      let isGone = try await eventually {
        await !client.server.objects("secrets", namespace: "team").contains { $0.name.hasPrefix("sa-") }
      }
      #expect(isGone)
    }
  }

  @Test("A token Secret is empty at first, then filled, and goes with its account", arguments: [true, false])
  func tokenSecrets(isOpenShift: Bool) async throws {
    let plain = ClusterScenario.healthy.with { $0.namespaces.append("team") }
    try await withCluster(isOpenShift ? Self.scenario() : plain) { client in
      _ = try await client.send("POST", "/api/v1/namespaces/team/serviceaccounts", ["metadata": ["name": "sa"]])
      let body: JSONValue = [
        "type": "kubernetes.io/service-account-token",
        "metadata": ["name": "long", "annotations": ["kubernetes.io/service-account.name": "sa"]],
      ]
      let made = try await client.send("POST", "/api/v1/namespaces/team/secrets", body)
      #expect(made.json["data"]?["token"] == nil)
      let path = "/api/v1/namespaces/team/secrets/long"
      let isFilled = try await eventually { try await client.send("GET", path).json["data"]?["token"] != nil }
      #expect(isFilled)
      let data = try await client.send("GET", path).json["data"]
      #expect(data?["ca.crt"] != nil)
      #expect((data?["service-ca.crt"] != nil) == isOpenShift)
      _ = try await client.send("DELETE", "/api/v1/namespaces/team/serviceaccounts/sa")
      #expect(try await eventually { try await client.send("GET", path).status == 404 })
    }
  }

  @Test(
    "Root and host paths are refused in the words of the release, and taken with the right to them",
    arguments: [
      (
        "4.8.57", "spec.containers[0].securityContext.runAsUser: Invalid value: 0: must be in the ranges: [",
        "restricted"
      ),
      (
        "4.18.9", "provider restricted-v2: .containers[0].runAsUser: Invalid value: 0: must be in the ranges: [",
        "restricted-v2"
      ),
    ])
  func constraints(release: String, text: String, standard: String) async throws {
    try await withCluster(Self.scenario(release)) { client in
      let root: JSONValue = ["containers": [["name": "c", "image": "kaniko", "securityContext": ["runAsUser": 0]]]]
      let mount: JSONValue = [
        "containers": [["name": "c", "image": "x"]], "volumes": [["name": "v", "hostPath": ["path": "/etc"]]],
      ]
      // A token of the account: what an administrator may use counts too.
      _ = try await client.send("POST", Self.bindings, Self.bind("edit", to: "builder"))
      let request = try await client.send(
        "POST", "/api/v1/namespaces/team/serviceaccounts/builder/token", ["spec": [:]])
      let builder = client.as(try #require(request.json.value(at: ["status", "token"])?.string))
      let pods = "/api/v1/namespaces/team/pods"
      let refused = try await builder.send("POST", pods, Self.pod("root", account: "builder", spec: root))
      #expect(refused.status == 403)
      let message = refused.json["message"]?.string ?? ""
      #expect(
        message.hasPrefix(
          "pods \"root\" is forbidden: unable to validate against any security context constraint: "
            + "[provider \"anyuid\": Forbidden: not usable by user or serviceaccount, \(text)"))
      #expect(
        message.hasSuffix("provider \"privileged\": Forbidden: not usable by user or serviceaccount]"))
      let unmounted = try await builder.send("POST", pods, Self.pod("mount", account: "builder", spec: mount))
      #expect(unmounted.text.contains("hostPath volumes are not allowed to be used"))
      let plain = try await builder.send(
        "POST", pods, Self.pod("plain", spec: ["containers": [["name": "c", "image": "x"]]]))
      #expect(plain.json.annotations["openshift.io/scc"] == standard)
      let user = plain.json.value(at: ["spec", "containers"])?.array?.first?["securityContext"]?["runAsUser"]?.integer
      #expect((user ?? 0) >= 1_000_000_000)
      let question: JSONValue = [
        "spec": [
          "user": "system:serviceaccount:team:builder",
          "resourceAttributes": [
            "verb": "use", "group": "security.openshift.io", "resource": "securitycontextconstraints",
            "name": "anyuid", "namespace": "team",
          ],
        ]
      ]
      let reviews = "/apis/authorization.k8s.io/v1/namespaces/team/localsubjectaccessreviews"
      func mayUse() async throws -> JSONValue? {
        try await client.send("POST", reviews, question).json.value(at: ["status", "allowed"])
      }
      #expect(try await mayUse() == false)
      _ = try await client.send("POST", Self.bindings, Self.bind("system:openshift:scc:anyuid", to: "builder"))
      #expect(try await mayUse() == true)
      let taken = try await builder.send("POST", pods, Self.pod("root", account: "builder", spec: root))
      #expect(taken.json.annotations["openshift.io/scc"] == "anyuid")
      _ = try await client.send(
        "POST", Self.bindings, Self.bind("system:openshift:scc:hostmount-anyuid", to: "builder"))
      let mounted = try await builder.send("POST", pods, Self.pod("mount", account: "builder", spec: mount))
      #expect(mounted.json.annotations["openshift.io/scc"] == "hostmount-anyuid")
    }
  }

  @Test("The registry's route comes and goes with the operator's configuration")
  func defaultRoute() async throws {
    try await withCluster(Self.scenario()) { client in
      let config = "/apis/imageregistry.operator.openshift.io/v1/configs/cluster"
      let route = "/apis/route.openshift.io/v1/namespaces/openshift-image-registry/routes/default-route"
      #expect(try await client.send("GET", route).status == 404)
      _ = try await client.send(
        "PATCH", config, ["spec": ["defaultRoute": true]], type: "application/merge-patch+json")
      #expect(try await eventually { try await client.send("GET", route).status == 200 })
      #expect(
        try await client.send("GET", route).json.value(at: ["spec", "host"])
          == "default-route-openshift-image-registry.apps.cluster.example.com")
      _ = try await client.send(
        "PATCH", config, ["spec": ["defaultRoute": false]], type: "application/merge-patch+json")
      #expect(try await eventually { try await client.send("GET", route).status == 404 })
    }
  }

  @Test("An Ingress with a host and a service gets a route; one without a host gets none")
  func ingresses() async throws {
    try await withCluster(Self.scenario()) { client in
      func ingress(_ name: String, host: String?) -> JSONValue {
        let backend: JSONValue = ["service": ["name": "model", "port": ["number": 8080]]]
        var rule: JSONValue = [
          "http": ["paths": [["path": "/deployments/1", "pathType": "Prefix", "backend": backend]]]
        ]
        if let host { rule["host"] = .string(host) }
        return ["metadata": ["name": .string(name)], "spec": ["rules": [rule]]]
      }
      let ingresses = "/apis/networking.k8s.io/v1/namespaces/team/ingresses"
      _ = try await client.send(
        "POST", "/api/v1/namespaces/team/services",
        ["metadata": ["name": "model"], "spec": ["ports": [["port": 8080]]]])
      #expect(try await client.send("POST", ingresses, ingress("bare", host: nil)).status == 201)
      #expect(try await client.send("POST", ingresses, ingress("model", host: "models.example.com")).status == 201)
      #expect(
        try await eventually {
          await client.server.object("ingresses.networking.k8s.io", namespace: "team", name: "model")?
            .value(at: ["status", "loadBalancer", "ingress"]) != nil
        })
      let routes = await client.server.objects("routes.route.openshift.io", namespace: "team")
      #expect(routes.count == 1)
      #expect(routes.first?.name.hasPrefix("model-") == true)
      #expect(routes.first?["spec"]?["host"] == "models.example.com")
      #expect(routes.first?["spec"]?["path"] == "/deployments/1")
      _ = try await client.send("DELETE", "\(ingresses)/model")
      #expect(
        try await eventually {
          await client.server.objects("routes.route.openshift.io", namespace: "team").isEmpty
        })
    }
  }

  @Test("A real kubectl does the procedure's steps")
  func kubectl() async throws {
    try await RealKubectl.with(Self.scenario("4.8.57")) { kubectl in
      func run(_ arguments: String...) async throws -> String { try await kubectl.run(arguments) }
      let request = try kubectl.folder.write(
        #"{"apiVersion":"project.openshift.io/v1","kind":"ProjectRequest","metadata":{"name":"datarobot-mlops"}}"#,
        to: "request.json")
      _ = try await run("create", "-f", request)
      _ = try await run(
        "patch", "configs.imageregistry.operator.openshift.io/cluster", "--type=merge", "-p",
        #"{"spec":{"defaultRoute":true}}"#)
      _ = try await run("-n", "datarobot-mlops", "create", "sa", "image-builder")
      _ = try await run(
        "-n", "datarobot-mlops", "create", "rolebinding", "push", "--clusterrole=registry-editor",
        "--serviceaccount=datarobot-mlops:image-builder")
      #expect(
        try await run(
          "-n", "datarobot-mlops", "auth", "can-i", "update", "imagestreams.image.openshift.io",
          "--subresource=layers",
          "--as=system:serviceaccount:datarobot-mlops:image-builder") == "yes\n")
      let isThere = try await eventually {
        await kubectl.server.object("serviceaccounts", namespace: "datarobot-mlops", name: "image-builder")?[
          "imagePullSecrets"] != nil
      }
      #expect(isThere)
      let pull = try await run(
        "-n", "datarobot-mlops", "get", "sa", "image-builder", "-o", "jsonpath={.imagePullSecrets[0].name}")
      let token = try await run(
        "-n", "datarobot-mlops", "get", "secret", pull, "-o",
        #"jsonpath={.metadata.annotations.openshift\.io/token-secret\.name}"#)
      #expect(try await run("-n", "datarobot-mlops", "describe", "secret", token).contains("service-ca.crt:"))
      #expect(
        try await run(
          "-n", "openshift-image-registry", "get", "route", "default-route", "-o", "jsonpath={.spec.host}")
          == "default-route-openshift-image-registry.apps.cluster.example.com")
      #expect(try await run("get", "projects").contains("datarobot-mlops"))
      #expect(try await run("get", "scc").contains("hostmount-anyuid"))
    }
  }
}
