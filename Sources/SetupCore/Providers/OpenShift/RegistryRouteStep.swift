import Kubernetes
import Text

/// The default route of OpenShift's registry, which its operator makes where its configuration says so.
struct RegistryRouteStep: Step {
  let id: StepID = "registry-route"
  let title = "Registry route"
  private let kubectl: Kubectl

  init(_ answers: Answers) { kubectl = Kubectl(answers) }

  private static let config = "configs.imageregistry.operator.openshift.io/cluster"
  private static let patch = #"{"spec":{"defaultRoute":true}}"#
  /// What a cluster administrator types.
  static let patchCommand = Shell.line(["kubectl", "patch", config, "--type=merge", "--patch=\(patch)"])

  /// It is the whole cluster's, and others may use it by now.
  var staysUnlessNamed: Bool { true }

  func commands(_ setup: Setup) -> [EquivalentCommand] {
    let look = kubectl.command(
      "get", "routes.route.openshift.io/\(RegistryRoute.name)", "--namespace=\(OpenShiftRegistry.namespace)",
      "--output=name"
    ).shell
    return [
      kubectl.command("patch", Self.config, "--type=merge", "--patch=\(Self.patch)"),
      EquivalentCommand(Shell.waiting(until: "\(look) >/dev/null 2>&1", for: "the registry's route")),
    ]
  }

  func access(namespaceExists: Bool) -> [AccessRequest] {
    ["get", "patch"].map { AccessRequest($0, .imageRegistryConfigs, name: "cluster") }
      + [AccessRequest("get", .routes, namespace: OpenShiftRegistry.namespace, name: RegistryRoute.name)]
  }

  func inspect(_ setup: Setup) async throws -> StepState {
    let client = try setup.kubernetes()
    if let host = try await host(client) { return .done("the registry has a route: \(host)") }
    let attributes = ResourceAttributes("patch", .imageRegistryConfigs, name: "cluster")
    guard try await client.review(attributes).value.allowed else {
      return .blocked(
        "The registry has no route to the outside, and you may not change its configuration. Have a cluster "
          + "administrator run: \(Self.patchCommand); or set registry.exposeRoute: no")
    }
    return .needed([
      "set spec.defaultRoute of \(Self.config) to true: the registry gets a route to the outside, for the whole cluster"
    ])
  }

  private func host(_ client: KubernetesClient) async throws -> String? {
    switch await RegistryRoute.find(client, project: nil) {
    case .seen(let host): return host
    case .failed(let failure) where failure.kind != .denied: throw failure
    case .failed, .notAsked: return nil
    }
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    let client = try setup.kubernetes()
    _ = try await client.mergePatch(
      PartialObject.self, .imageRegistryConfigs, name: "cluster", ["spec": ["defaultRoute": true]] as JSONValue)
    progress(StepProgress("waiting for the route"))
    for _ in 0..<60 {
      if try await host(client) != nil { return }
      try await setup.world.sleep(.seconds(1))
    }
    throw SetupError(
      .installFailed, "the registry's operator made no route within a minute",
      next: "See why: kubectl get clusteroperators.config.openshift.io/image-registry --output=yaml")
  }

  func traces(_ setup: Setup) async throws -> [Trace] {
    let client = try setup.kubernetes()
    let live = try await client.find(JSONValue.self, .imageRegistryConfigs, name: "cluster")?.value
    guard live?[path: "spec", "defaultRoute"] == true else { return [.gone("there is no default route")] }
    guard Self.isOurs(live) else { return [.stays("the default route stays: it was not made by us")] }
    return [
      .removable(
        Removal("the default route", verb: "take back") {
          _ = try await client.mergePatch(
            PartialObject.self, .imageRegistryConfigs, name: "cluster", ["spec": ["defaultRoute": false]] as JSONValue)
          return .gone("took the default route back")
        })
    ]
  }

  /// Whether it was us who wrote `spec.defaultRoute`: an object of another's cannot carry our label.
  static func isOurs(_ config: JSONValue?) -> Bool {
    (config?[path: "metadata", "managedFields"]?.array ?? []).contains { entry in
      entry["manager"]?.string == KubernetesRequest.fieldManager
        && entry[path: "fieldsV1", "f:spec", "f:defaultRoute"] != nil
    }
  }
}

extension Shell {
  /// A loop that waits a minute at most for a condition.
  static func waiting(until condition: String, for what: String) -> String {
    """
    tries=0
    until \(condition); do
      tries=$((tries + 1))
      if [ "$tries" -gt 60 ]; then echo \(quote("\(what) did not come within a minute")) >&2; exit 1; fi
      sleep 1
    done
    """
  }
}
