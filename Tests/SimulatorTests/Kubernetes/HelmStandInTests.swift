import Foundation
import Kubernetes
import Testing

@testable import Simulator

@Suite("The stand-in for Helm")
struct HelmStandInTests {
  private static let namespace = "datarobot-mlops"
  private static let upgrade = [
    "upgrade", "--install", "bosun", "./chart", "--namespace", namespace, "--values", "v.yaml", "--timeout", "20s",
    "--wait",
  ]

  private func run(_ helm: HelmStandIn, _ arguments: [String], values: String = "") async -> (Int32, String, String) {
    let result = await helm.run(arguments: arguments) { _ in values }
    return (result.exitCode, result.stdout, result.stderr)
  }

  @Test("It says its version as Helm does")
  func version() async throws {
    try await withCluster(.healthy) { client in
      let answer = await run(HelmStandIn(client.server), ["version", "--template", "{{.Version}}"])
      #expect(answer == (0, "v4.2.4", ""))
    }
  }

  @Test("It installs, upgrades and removes the agent, and keeps the books as Helm does")
  func installs() async throws {
    let scenario = ClusterScenario.healthy.with { $0.namespaces = [Self.namespace] }
    try await withCluster(scenario) { client in
      let helm = HelmStandIn(client.server)
      let first = await run(
        helm, Self.upgrade, values: "managementAgent: {repository: r.example/agent, tag: \"1\"}\n")
      #expect(first.0 == 0, "\(first)")
      #expect(first.1.hasPrefix("Release \"bosun\" does not exist. Installing it now.\n"))
      let name = "bosun-datarobot-management-agent"
      let deployment = await client.server.object("deployments.apps", namespace: Self.namespace, name: name)
      let container = deployment?.value(at: ["spec", "template", "spec", "containers"])?.array?.first
      #expect(container?["image"] == "r.example/agent:1")
      #expect(deployment?.annotations["meta.helm.sh/release-name"] == "bosun")
      for resource in [
        "roles.rbac.authorization.k8s.io", "rolebindings.rbac.authorization.k8s.io", "configmaps", "serviceaccounts",
      ] {
        #expect(await client.server.object(resource, namespace: Self.namespace, name: name) != nil, "\(resource)")
      }
      let second = await run(helm, Self.upgrade, values: "managementAgent: {repository: r.example/agent, tag: \"2\"}\n")
      #expect(second.1.hasPrefix("Release \"bosun\" has been upgraded. Happy Helming!\n"))
      let records = await client.server.objects("secrets", namespace: Self.namespace)
      #expect(records.map(\.name) == ["sh.helm.release.v1.bosun.v1", "sh.helm.release.v1.bosun.v2"])
      #expect(records.map { $0.labels["status"] } == ["superseded", "deployed"])
      let document = try #require(ReleaseRecord.document(in: records[1]))
      #expect(document.value(at: ["config", "managementAgent", "tag"]) == "2")
      #expect(try #require(ReleaseRecord.document(in: records[0])).value(at: ["info", "status"]) == "superseded")

      let values = await run(helm, ["get", "values", "bosun", "--namespace", Self.namespace, "--output", "json"])
      #expect(values.1 == #"{"managementAgent":{"repository":"r.example/agent","tag":"2"}}"# + "\n")
      let manifest = await run(helm, ["get", "manifest", "bosun", "--namespace", Self.namespace])
      #expect(manifest.1.contains(#""image":"r.example/agent:2""#), "\(manifest.1)")
      let nothing = await run(helm, ["get", "values", "other", "--namespace", Self.namespace, "--output", "json"])
      #expect(nothing == (1, "", "Error: release: not found\n"))

      let removed = await run(helm, ["uninstall", "bosun", "--namespace", Self.namespace, "--ignore-not-found"])
      #expect(removed == (0, "release \"bosun\" uninstalled\n", ""))
      #expect(await client.server.objects("secrets", namespace: Self.namespace).isEmpty)
      #expect(await client.server.objects("deployments.apps", namespace: Self.namespace).isEmpty)
      let again = await run(helm, ["uninstall", "bosun", "--namespace", Self.namespace])
      #expect(again.0 == 1)
      #expect(again.2 == "Error: uninstall: Release not loaded: bosun: release: not found\n")
    }
  }

  @Test("What does not become ready in time fails as Helm's wait does, and is rolled back where that is asked")
  func fails() async throws {
    let scenario = ClusterScenario.imagePullBackOff.with { $0.namespaces = [Self.namespace] }
    try await withCluster(scenario) { client in
      let helm = HelmStandIn(client.server)
      let arguments = Self.upgrade.map { $0 == "20s" ? "1s" : $0 }
      let failed = await run(helm, arguments + ["--rollback-on-failure"])
      #expect(failed.0 == 1)
      #expect(failed.2.contains("has been uninstalled due to rollback-on-failure being set"))
      #expect(await client.server.objects("deployments.apps", namespace: Self.namespace).isEmpty)
      let kept = await run(helm, arguments)
      #expect(kept.2.hasPrefix("Error: INSTALLATION FAILED: resource Deployment/\(Self.namespace)/"))
      #expect(await client.server.objects("secrets", namespace: Self.namespace).first?.labels["status"] == "failed")
    }
  }

  @Test(
    "A command line that Helm would refuse is refused",
    arguments: [
      (["upgrade", "a", "b", "--nope"], "unknown flag: --nope"),
      (["upgrade", "a"], "\"helm upgrade\" requires 2 arguments"),
      (["uninstall", "a", "--timeout"], "flag needs an argument: --timeout"),
    ])
  func refuses(arguments: [String], message: String) {
    #expect(throws: HelmStandIn.UsageError(message: message)) { try HelmStandIn.parse(arguments) }
  }

  @Test(
    "Durations are read as Go writes them",
    arguments: [("5m0s", 300.0), ("90s", 90), ("1h30m", 5400), ("x", nil), ("5", nil)] as [(String, Double?)])
  func durations(text: String, seconds: Double?) {
    #expect(HelmStandIn.seconds(text) == seconds)
  }

  @Test("The stored gzip is a gzip that others read", arguments: [0, 1, 70_000])
  func gzip(count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "gzip-\(count)-\(UInt32.random(in: 0...9_999_999))")
    try Data(GzipStored.encode(bytes)).write(to: folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/gzip")
    process.arguments = ["-dc", folder.path()]
    let pipe = Pipe()
    process.standardInput = try FileHandle(forReadingFrom: folder)
    process.arguments = ["-dc"]
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect([UInt8](output) == bytes)
  }
}
