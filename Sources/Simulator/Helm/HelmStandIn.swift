import FoundationEssentials
import Kubernetes
import YAML

/// Answers Helm's command lines for a simulated cluster on a machine without Helm: the version, `template`,
/// `upgrade --install`, `list`, `get` and `uninstall` of the management agent's chart and those of ingress controllers. It
/// writes what Helm 4.2 would: the objects
/// and the release's record.
public struct HelmStandIn: Sendable {
  /// The version it answers with.
  public static let version = "v4.2.4"

  private let server: KubernetesServer

  /// A stand-in that works on that cluster.
  public init(_ server: KubernetesServer) { self.server = server }

  /// What a command line means.
  struct Command: Equatable {
    var verb: String
    /// What `get` is to show: `values`.
    var subject = ""
    var release = ""
    var chart = ""
    var namespace = "default"
    var values: [String] = []
    var timeout = "5m0s"
    var isInstall = false
    var waits = false
    var rollsBack = false
    var ignoresAbsence = false
    var createsNamespace = false
    var isJSON = false
  }

  /// A command line that is not understood, in Helm's words.
  struct UsageError: Error, Equatable {
    var message: String
  }

  /// Runs `helm ARGUMENTS`; `arguments` is without the program's name.
  /// - Parameter readFile: Gives the text of a values file.
  /// - Returns: What the process would leave: its exit code and what it wrote.
  public func run(
    arguments: [String], readFile: (String) throws -> String
  ) async -> (exitCode: Int32, stdout: String, stderr: String) {
    do {
      let command = try Self.parse(arguments)
      switch command.verb {
      case "version": return (0, Self.version, "")
      case "upgrade", "install": return await upgrade(command, readFile)
      case "template": return template(command, readFile)
      case "uninstall": return await uninstall(command)
      case "list": return await list(command)
      case "get": return await get(command)
      default: return (1, "", "Error: unknown command \"\(command.verb)\" for \"helm\"\n")
      }
    } catch {
      return (1, "", "Error: \(error.message)\n")
    }
  }

  /// Reads a command line.
  static func parse(_ arguments: [String]) throws(UsageError) -> Command {
    var command = Command(verb: "")
    var positional: [String] = []
    var rest = arguments[...]
    while var argument = rest.popFirst() {
      guard argument.hasPrefix("-"), argument.count > 1 else {
        positional.append(argument)
        continue
      }
      var given: String?
      if argument.hasPrefix("--"), let sign = argument.firstIndex(of: "=") {
        given = String(argument[argument.index(after: sign)...])
        argument = String(argument[..<sign])
      }
      func value() throws(UsageError) -> String {
        guard let value = given ?? rest.popFirst() else {
          throw UsageError(message: "flag needs an argument: \(argument)")
        }
        return value
      }
      switch argument {
      case "--install", "-i": command.isInstall = true
      case "--namespace", "-n": command.namespace = try value()
      case "--values", "-f": command.values.append(try value())
      case "--timeout": command.timeout = try value()
      case "--wait": command.waits = given != "hookOnly" && given != "false"
      case "--rollback-on-failure", "--atomic":
        command.rollsBack = true
        command.waits = true
      case "--ignore-not-found": command.ignoresAbsence = true
      case "--create-namespace": command.createsNamespace = true
      case "--output", "-o": command.isJSON = try value() == "json"
      case "--template", "--kubeconfig", "--kube-context", "--description", "--history-max", "--cascade", "--set",
        "--server-side", "--kube-version", "--api-versions", "--repo", "--version":
        _ = try value()
      case "--force-conflicts", "--take-ownership", "--cleanup-on-fail", "--reset-values", "--short", "--debug",
        "--include-crds", "--deployed", "--failed", "--pending", "--uninstalled", "--uninstalling", "--superseded":
        break
      default: throw UsageError(message: "unknown flag: \(argument)")
      }
    }
    if positional.first == "get", positional.count > 1 { command.subject = positional.remove(at: 1) }
    command.verb = positional.first ?? ""
    if positional.count > 1 { command.release = positional[1] }
    if positional.count > 2 { command.chart = positional[2] }
    let needed = ["upgrade": 3, "install": 3, "template": 3, "uninstall": 2, "get": 2][command.verb] ?? 1
    guard positional.count >= needed else {
      throw UsageError(message: "\"helm \(command.verb)\" requires \(needed - 1) arguments")
    }
    return command
  }

  /// Seconds of a Go duration such as `5m0s`, `90s`, `1h`.
  static func seconds(_ text: String) -> Double? {
    var total = 0.0
    var digits = ""
    for character in text {
      if character.isNumber || character == "." {
        digits.append(character)
        continue
      }
      guard let number = Double(digits), let unit = ["h": 3600.0, "m": 60, "s": 1][character] else { return nil }
      total += number * unit
      digits = ""
    }
    return digits.isEmpty ? total : nil
  }

  // MARK: Upgrade

  private func records(_ release: String, _ namespace: String) async -> [JSONValue] {
    await server.objects("secrets", namespace: namespace)
      .filter { $0["type"] == "helm.sh/release.v1" && $0.labels["name"] == release }
      .sorted { (Int($0.labels["version"] ?? "") ?? 0) < (Int($1.labels["version"] ?? "") ?? 0) }
  }

  private func upgrade(
    _ command: Command, _ readFile: (String) throws -> String
  ) async -> (exitCode: Int32, stdout: String, stderr: String) {
    let history = await records(command.release, command.namespace)
    let verb = history.isEmpty ? "INSTALLATION" : "UPGRADE"
    if history.isEmpty, command.verb == "upgrade", !command.isInstall {
      return (1, "", "Error: UPGRADE FAILED: \"\(command.release)\" has no deployed releases\n")
    }
    do {
      let (chart, user, defaults) = try Self.chart(command, readFile)
      if command.createsNamespace, await server.object("namespaces", name: command.namespace) == nil {
        try await server.put([
          "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(command.namespace)],
        ])
      }
      guard await server.object("namespaces", name: command.namespace) != nil else {
        return (1, "", "Error: create: failed to create: namespaces \"\(command.namespace)\" not found\n")
      }
      let now = Date()
      let stamp = Timestamp.seconds(now)
      var record = ReleaseRecord(
        name: command.release, namespace: command.namespace, chart: chart.chart,
        revision: (history.last.flatMap { Int($0.labels["version"] ?? "") } ?? 0) + 1, status: "deployed",
        description: history.isEmpty ? "Install complete" : "Upgrade complete",
        firstDeployed: history.first.flatMap(ReleaseRecord.document)?.value(at: ["info", "first_deployed"])?.string
          ?? stamp,
        lastDeployed: stamp, configuration: user, chartValues: defaults, objects: chart.objects)
      for object in chart.objects { try await server.apply(object, manager: "helm") }
      let isReady = command.waits ? await waits(for: chart, seconds: Self.seconds(command.timeout) ?? 300) : true
      let seconds = Int(now.timeIntervalSince1970)
      if isReady {
        for old in history where old.labels["status"] == "deployed" { try await relabel(old, status: "superseded") }
      } else {
        record.status = "failed"
        record.description = "Release \"\(command.release)\" failed: context deadline exceeded"
      }
      try await server.put(record.secret(seconds: seconds))
      if !isReady {
        let why =
          "resource Deployment/\(command.namespace)/\(chart.deploymentName) not ready. status: InProgress\ncontext deadline exceeded"
        if command.rollsBack, history.isEmpty {
          _ = await uninstall(command)
          return (
            1, "",
            "Error: release \(command.release) failed, and has been uninstalled due to rollback-on-failure being set: \(why)\n"
          )
        }
        return (1, "", "Error: \(verb) FAILED: \(why)\n")
      }
      if command.isJSON { return (0, JSONText.string(record.document) + "\n", "") }
      let head =
        history.isEmpty
        ? "Release \"\(command.release)\" does not exist. Installing it now.\n"
        : "Release \"\(command.release)\" has been upgraded. Happy Helming!\n"
      return (
        0,
        "\(head)NAME: \(command.release)\nLAST DEPLOYED: \(stamp)\nNAMESPACE: \(command.namespace)\nSTATUS: deployed\n"
          + "REVISION: \(record.revision)\nTEST SUITE: None\n", ""
      )
    } catch {
      let why = (error as? APIError)?.message ?? (error as? JSONSyntaxError)?.message ?? "\(error)"
      return (1, "", "Error: \(verb) FAILED: \(why)\n")
    }
  }

  /// The chart with the values of a command line over its own.
  private static func chart(
    _ command: Command, _ readFile: (String) throws -> String
  ) throws -> (chart: any StandInRelease, user: JSONValue, defaults: JSONValue) {
    let defaults = try BodyReader.read(StandInChart.files.first { $0.path == "values.yaml" }?.bytes ?? [], .yaml)
    var user: JSONValue = [:]
    var all = defaults
    for file in command.values {
      let values = try BodyReader.read(Array(try readFile(file).utf8), .yaml)
      if values == .null { continue }
      user = MergePatch.apply(values, to: user)
      // A null takes the chart's own value away.
      all = MergePatch.apply(values, to: all)
    }
    if let chart = IngressChart(
      command.chart, values: user, release: command.release, namespace: command.namespace)
    {
      return (chart, user, [:])
    }
    let chart = AgentChart(values: all, release: command.release, namespace: command.namespace)
    return (chart, user, defaults)
  }

  // MARK: Template

  private func template(
    _ command: Command, _ readFile: (String) throws -> String
  ) -> (exitCode: Int32, stdout: String, stderr: String) {
    do {
      let objects = try Self.chart(command, readFile).chart.objects
      return (0, objects.map { "---\n\(JSONText.string($0))\n" }.joined(), "")
    } catch {
      return (1, "", "Error: \((error as? JSONSyntaxError)?.message ?? "\(error)")\n")
    }
  }

  /// Gives a stored revision another status.
  private func relabel(_ secret: JSONValue, status: String) async throws {
    guard var document = ReleaseRecord.document(in: secret) else { return }
    document.set(.string(status), at: "info", "status")
    var new = secret
    let packed = Base64.encode(GzipStored.encode(JSONText.format(document)))
    new.set(.string(Base64.encode(Array(packed.utf8))), at: "data", "release")
    new.set(.string(status), at: "metadata", "labels", "status")
    new.set(nil, at: "metadata", "resourceVersion")
    try await server.put(new)
  }

  private func waits(for chart: any StandInRelease, seconds: Double) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
      let found = await server.object("deployments.apps", namespace: chart.namespace, name: chart.deploymentName)
      let isObserved = found?["metadata"]?["generation"] == found?["status"]?["observedGeneration"]
      if isObserved, found?["status"]?["availableReplicas"] == 1, found?["status"]?["updatedReplicas"] == 1 {
        return true
      }
      do { try await Task.sleep(for: .milliseconds(50)) } catch { return false }
    }
    return false
  }

  // MARK: Uninstall and list

  private func uninstall(_ command: Command) async -> (exitCode: Int32, stdout: String, stderr: String) {
    let history = await records(command.release, command.namespace)
    guard !history.isEmpty else {
      if command.ignoresAbsence { return (0, "", "") }
      return (1, "", "Error: uninstall: Release not loaded: \(command.release): release: not found\n")
    }
    for resource in [
      "deployments.apps", "rolebindings.rbac.authorization.k8s.io", "roles.rbac.authorization.k8s.io", "configmaps",
      "serviceaccounts", "services", "ingressclasses.networking.k8s.io",
    ] {
      for object in await server.objects(resource)
      where object.annotations["meta.helm.sh/release-name"] == command.release
        && object.annotations["meta.helm.sh/release-namespace"] == command.namespace
      {
        let namespace = object.value(at: ["metadata", "namespace"])?.string ?? ""
        await server.remove(resource, namespace: namespace, name: object.name)
      }
    }
    for record in history { await server.remove("secrets", namespace: command.namespace, name: record.name) }
    return (0, "release \"\(command.release)\" uninstalled\n", "")
  }

  private func get(_ command: Command) async -> (exitCode: Int32, stdout: String, stderr: String) {
    guard let document = await records(command.release, command.namespace).last.flatMap(ReleaseRecord.document) else {
      return (1, "", "Error: release: not found\n")
    }
    switch command.subject {
    case "values" where command.isJSON: return (0, JSONText.string(document["config"] ?? .null) + "\n", "")
    case "manifest": return (0, (document["manifest"]?.string ?? "") + "\n", "")
    default: return (1, "", "Error: unknown command \"\(command.subject)\" for \"helm get\"\n")
    }
  }

  private func list(_ command: Command) async -> (exitCode: Int32, stdout: String, stderr: String) {
    let found = await server.objects("secrets", namespace: command.namespace)
      .filter { $0["type"] == "helm.sh/release.v1" && $0.labels["status"] != "superseded" }
    let rows = found.compactMap(ReleaseRecord.document).map { document -> JSONValue in
      let metadata = document.value(at: ["chart", "metadata"]) ?? [:]
      return [
        "name": document["name"] ?? "", "namespace": document["namespace"] ?? "",
        "revision": .string(String(document["version"]?.integer ?? 0)),
        "updated": document.value(at: ["info", "last_deployed"]) ?? "",
        "status": document.value(at: ["info", "status"]) ?? "",
        "chart": .string("\(metadata["name"]?.string ?? "")-\(metadata["version"]?.string ?? "")"),
        "app_version": metadata["appVersion"] ?? "",
      ]
    }
    return (0, JSONText.string(.array(rows)) + "\n", "")
  }
}
