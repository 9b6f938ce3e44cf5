import Kubernetes
import Text

extension Probe {
  /// Every object of the chart, and the pods it will start, sent to the API server as dry runs.
  static let dryRun = Probe(
    "dry-run", \.dryRun, page: .dataRobot, after: [.namespace, .render, .values, .discovery]
  ) { setup, survey in try await DryRunProbe.look(setup, survey) }
}

/// Rehearses the installation at the API server: authorization, schema, admission, quota and webhooks speak, and nothing is
/// kept (kubernetes.io, "API Concepts", dry-run).
enum DryRunProbe {
  static func look(_ setup: Setup, _ survey: Survey) async throws -> [DryRunResult] {
    let rendered = try survey.rendered.get("the chart was not rendered")
    let discovery = try survey.discovery.get("the API server was not asked for its resources")
    let hasNamespace: Bool
    switch survey.namespace {
    case .seen(let namespace):
      hasNamespace = namespace != nil
      // Every object would be refused, and not for anything that is wrong with it.
      if namespace?.isTerminating == true { return [] }
    // Who may not read the namespace may still be allowed in it; the API server will say whether it is there.
    case .failed(let failure) where failure.kind == .denied: hasNamespace = true
    case .failed(let failure): throw failure
    case .notAsked: throw ObservationFailure(.absent, "the namespace was not looked at")
    }
    let namespace = try setup.namespace()
    var trials = rendered.objects.map { trial($0, discovery.resources, rendered, namespace) }
    if hasNamespace {
      trials += pods(rendered, survey.values.value, namespace)
    } else {
      trials.insert(newNamespace(namespace), at: 0)
    }
    let client = try setup.kubernetes()
    return await withTaskGroup(of: (Int, DryRunResult).self) { group in
      for (index, trial) in trials.enumerated() {
        group.addTask { (index, await send(trial, client, hasNamespace: hasNamespace, ours: namespace)) }
      }
      var results = [DryRunResult?](repeating: nil, count: trials.count)
      for await (index, result) in group { results[index] = result }
      return results.compactMap { $0 }
    }
  }

  /// One object to try, or what is known of it already.
  private struct Trial: Sendable {
    var title: String
    var resource: Resource?
    var namespace: String?
    var name: String
    var json: JSONValue
    var outcome: DryRunResult.Outcome?
    /// Posted as a new object, where there is no name to apply it by or nothing that it could stand for.
    var isNew: Bool { name.isEmpty }
  }

  private static func trial(
    _ object: ChartObject, _ map: ResourceMap, _ rendered: RenderedChart, _ namespace: String
  ) -> Trial {
    var trial = Trial(title: object.title, name: object.name, json: object.json)
    do throws(KubernetesError) {
      trial.resource = try map.resource(apiVersion: object.apiVersion, kind: object.kind)
      if trial.resource == nil {
        let isOwn = rendered.objects.contains { crd in
          crd.kind == "CustomResourceDefinition"
            && crd.json[path: "spec", "names", "kind"]?.string == object.kind
        }
        trial.outcome =
          isOwn
          ? .skipped("its kind is made by the chart itself")
          : .refused("the cluster has no kind \(object.kind) in \(object.apiVersion)")
      }
    } catch {
      trial.outcome = .unknown(error.message)
    }
    if trial.resource?.isNamespaced == true {
      trial.namespace = object.namespace ?? namespace
      if trial.json["metadata"]?["namespace"] == nil { trial.json["metadata"]?["namespace"] = .string(namespace) }
    }
    return trial
  }

  private static func newNamespace(_ name: String) -> Trial {
    Trial(
      title: "Namespace \(name)", resource: .namespaces, name: name,
      json: [
        "apiVersion": "v1", "kind": "Namespace",
        "metadata": ["name": .string(name), "labels": [ManagedObject.ownerLabel: .string(ManagedObject.owner)]],
      ])
  }

  /// The pods that the chart's workloads will start, and the image builder's: a dry run of a Deployment makes none, and
  /// quotas and pod security speak of pods alone.
  private static func pods(_ rendered: RenderedChart, _ values: EffectiveValues?, _ namespace: String) -> [Trial] {
    let made = Set(rendered.objects.filter { $0.kind == "ServiceAccount" }.map(\.name))
    func pod(_ title: String, _ name: String, _ spec: JSONValue, labels: JSONValue?) -> Trial {
      var spec = spec
      // An account that is yet to be made would be refused for being absent.
      if let account = spec["serviceAccountName"]?.string, made.contains(account) { spec["serviceAccountName"] = nil }
      var metadata: JSONValue = ["name": .string("\(name)-rehearsal"), "namespace": .string(namespace)]
      metadata["labels"] = labels
      return Trial(
        title: title, resource: .pods, namespace: namespace, name: "",
        json: ["apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec])
    }
    var trials = rendered.objects.compactMap { object -> Trial? in
      guard object.kind != "Pod", let spec = object.podSpec, (object.namespace ?? namespace) == namespace else {
        return nil
      }
      return pod(
        "pod of \(object.title)", object.name, spec,
        labels: object.json[path: "spec", "template", "metadata", "labels"])
    }
    if let values {
      trials.append(
        pod("pod of the image builder", "image-builder", ImageBuilder(values).podSpec(), labels: nil))
    }
    return trials
  }

  private static func send(
    _ trial: Trial, _ client: KubernetesClient, hasNamespace: Bool, ours: String
  ) async -> DryRunResult {
    var result = DryRunResult(title: trial.title, outcome: .accepted, warnings: [])
    guard let resource = trial.resource, trial.outcome == nil else {
      result.outcome = trial.outcome ?? .unknown("its resource is not known")
      return result
    }
    if trial.namespace == ours, !hasNamespace {
      result.outcome = .skipped(DryRunResult.noNamespace)
      return result
    }
    do throws(KubernetesError) {
      let metadata: ResponseMetadata
      if trial.isNew {
        metadata = try await client.create(
          JSONValue.self, resource, trial.json, namespace: trial.namespace, dryRun: true
        ).metadata
      } else {
        metadata = try await client.apply(
          JSONValue.self, resource, name: trial.name, namespace: trial.namespace, trial.json, force: true, dryRun: true
        ).metadata
      }
      result.warnings = metadata.warnings.map { OutsideText.clean($0) }
    } catch {
      // Who may not bind any role is asked for the role's rights, and the role is yet to be made: permissions.install asks.
      result.outcome =
        error.isNotFound && resource.name.hasSuffix("rolebindings")
        ? .skipped("its role is not there yet") : outcome(error)
    }
    return result
  }

  /// What a refusal means. Authorization and admission both answer 403; only the former speaks of a user who "cannot".
  static func outcome(_ error: KubernetesError) -> DryRunResult.Outcome {
    let said = OutsideText.clean(error.status?.message ?? error.message)
    switch error.code {
    // A namespace gets its default account from a controller, a moment after it was made.
    case .forbidden where said.contains("error looking up service account"):
      return .skipped("its service account is not there yet")
    case .forbidden:
      return said.contains(": User \"") && said.contains("\" cannot ") ? .notPermitted(error.message) : .refused(said)
    case .invalid, .badRequest, .conflict, .alreadyExists, .notFound, .fieldManagerConflict, .methodNotAllowed:
      return .refused(said)
    case .server where said.contains("denied the request") || said.contains("field not declared in schema"):
      return .refused(said)
    default: return .unknown(error.message)
    }
  }
}

/// What the API server said of one object.
struct DryRunResult: Sendable, Equatable {
  enum Outcome: Sendable, Equatable {
    case accepted
    case refused(String)
    /// We may not even try.
    case notPermitted(String)
    case unknown(String)
    case skipped(String)
  }

  /// `Deployment bosun-agent`, `pod of Deployment bosun-agent`.
  var title: String
  var outcome: Outcome
  /// The server's warnings.
  var warnings: [String]

  /// Why nothing in a namespace that is yet to be made was tried.
  static let noNamespace = "the namespace does not exist yet"
  var awaitsNamespace: Bool { outcome == .skipped(Self.noNamespace) }
}

extension Observed {
  /// The value, or why it was not seen.
  func get(_ absence: String) throws -> Value {
    switch self {
    case .seen(let value): value
    case .failed(let failure): throw failure
    case .notAsked: throw ObservationFailure(.absent, absence)
    }
  }
}

extension Survey {
  /// What the API server said of the chart's objects.
  var dryRun: Observed<[DryRunResult]> {
    get { self["cluster/dryRun"] }
    set { self["cluster/dryRun"] = newValue }
  }
}
