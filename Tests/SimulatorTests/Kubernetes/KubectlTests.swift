import Foundation
import Kubernetes
import TestSupport
import Testing

@testable import Simulator

@Suite("A real kubectl works with the simulated API server", .serialized, .timeLimit(.minutes(3)))
struct KubectlTests {
  private static let manifest = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: demo}
    spec:
      replicas: 2
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
            - {name: c, image: "nginx:1.27", ports: [{containerPort: 80}], env: [{name: A, value: "1"}]}

    """

  private func withKubectl(
    minor: Int = 32,
    _ body: (KubernetesServer, ScratchDirectory, ([String]) async throws -> String) async throws -> Void
  ) async throws {
    try await RealKubectl.with(.healthy.with { $0.version = ClusterVersion(minor: minor) }) {
      try await body($0.server, $0.folder, $0.run)
    }
  }

  @Test("Reading: versions, resources, nodes, rights", arguments: [24, 32])
  func reads(minor: Int) async throws {
    try await withKubectl(minor: minor) { _, _, kubectl in
      let version = try await kubectl(["version", "-o", "json"])
      #expect(version.contains("\"gitVersion\": \"v1.\(minor).0\""))
      #expect(try await kubectl(["api-resources"]).contains("deployments"))
      #expect(try await kubectl(["get", "nodes", "-o", "name"]) == "node/node-1\nnode/node-2\nnode/node-3\n")
      #expect(try await kubectl(["get", "nodes"]).contains("node-2"))
      #expect(try await kubectl(["auth", "can-i", "create", "secrets"]) == "yes\n")
      #expect(try await kubectl(["auth", "can-i", "--list"]).contains("*.*"))
      #expect(try await kubectl(["get", "--raw", "/readyz"]) == "ok")
    }
  }

  @Test("Creating: namespaces, secrets of both kinds, config maps, service accounts, tokens, roles")
  func creates() async throws {
    try await withKubectl { server, folder, kubectl in
      _ = try await kubectl(["create", "namespace", "demo"])
      _ = try await kubectl(["-n", "demo", "create", "secret", "generic", "s", "--from-literal=secret=x"])
      _ = try await kubectl([
        "-n", "demo", "create", "secret", "docker-registry", "r", "--docker-server=r.example", "--docker-username=u",
        "--docker-password=p",
      ])
      let registry = await server.object("secrets", namespace: "demo", name: "r")
      #expect(registry?["type"] == "kubernetes.io/dockerconfigjson")
      let file = try folder.write("{}", to: "config.json")
      _ = try await kubectl(["-n", "demo", "create", "configmap", "docker-config", "--from-file=\(file)"])
      #expect(
        await server.object("configmaps", namespace: "demo", name: "docker-config")?["data"] == ["config.json": "{}"])
      _ = try await kubectl(["-n", "demo", "create", "serviceaccount", "builder"])
      // `create token` came with kubectl 1.24; the request that it makes is older.
      let request = try folder.write(
        #"{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}"#, to: "token.json")
      let token = try await kubectl([
        "create", "--raw", "/api/v1/namespaces/demo/serviceaccounts/builder/token", "-f", request,
      ])
      #expect(token.contains("\"token\""))
      _ = try await kubectl(["-n", "demo", "create", "role", "reader", "--verb=get,list", "--resource=pods"])
      _ = try await kubectl([
        "-n", "demo", "create", "rolebinding", "readers", "--role=reader", "--serviceaccount=demo:builder",
      ])
      #expect(
        try await kubectl(["auth", "can-i", "list", "pods", "-n", "demo", "--as=system:serviceaccount:demo:builder"])
          == "yes\n")
      await #expect(throws: TestSupportError.self) {
        try await kubectl(["auth", "can-i", "delete", "pods", "-n", "demo", "--as=system:serviceaccount:demo:builder"])
      }
    }
  }

  @Test("Deploying: apply both ways, roll out, wait, patch, scale, logs, delete")
  func deploys() async throws {
    try await withKubectl { server, folder, kubectl in
      _ = try await kubectl(["create", "namespace", "demo"])
      let file = try folder.write(Self.manifest, to: "web.yaml")
      let path = ["-f", file]
      #expect(try await kubectl(["apply"] + path) == "deployment.apps/web created\n")
      #expect(
        try await kubectl(["-n", "demo", "rollout", "status", "deploy/web", "--timeout=30s"])
          .hasSuffix("deployment \"web\" successfully rolled out\n"))
      #expect(try await kubectl(["apply"] + path) == "deployment.apps/web unchanged\n")
      try folder.write(Self.manifest.replacingOccurrences(of: "1.27", with: "1.28"), to: "web.yaml")
      #expect(try await kubectl(["apply"] + path) == "deployment.apps/web configured\n")
      _ = try await kubectl(["-n", "demo", "rollout", "status", "deploy/web", "--timeout=30s"])
      _ = try await kubectl(["apply", "--server-side", "--force-conflicts", "--field-manager=mlops-setup"] + path)
      let applied = await server.object("deployments.apps", namespace: "demo", name: "web")
      let managers = (applied?["metadata"]?["managedFields"]?.array ?? []).compactMap { $0["manager"]?.string }
      #expect(managers.contains("mlops-setup"))
      _ = try await kubectl(["-n", "demo", "patch", "deploy", "web", "-p", "{\"spec\":{\"replicas\":1}}"])
      _ = try await kubectl(["-n", "demo", "scale", "deploy", "web", "--replicas=3"])
      _ = try await kubectl(["-n", "demo", "rollout", "status", "deploy/web", "--timeout=30s"])
      _ = try await kubectl(["-n", "demo", "wait", "--for=condition=Available", "deploy/web", "--timeout=30s"])
      #expect(try await kubectl(["-n", "demo", "logs", "deploy/web"]).contains("started"))
      #expect(try await kubectl(["-n", "demo", "describe", "deploy", "web"]).contains("NewReplicaSetAvailable"))
      _ = try await kubectl(["-n", "demo", "delete", "deploy", "web"])
      _ = try await kubectl(["delete", "namespace", "demo", "--timeout=30s"])
      #expect(await server.object("namespaces", name: "demo") == nil)
    }
  }
}
