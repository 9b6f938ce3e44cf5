import Kubernetes
import Text

/// The models that agents have deployed into the namespace. The agent makes their objects and Helm does not know of
/// them, so they outlive the release.
struct DeployedModels: Sendable {
  /// One deployment of DataRobot.
  struct Model: Sendable, Equatable {
    /// The deployment's id in DataRobot.
    let deployment: String
    /// The model's id, where an object tells it.
    let model: String?
    /// In the order in which they are removed.
    let objects: [ModelObject]

    /// `deployment 65f0… (model 65e0…): Ingress, Service, Deployment, Secret`.
    var title: String {
      let model = model.map { " (model \(OutsideText.clean($0)))" } ?? ""
      let kinds = objects.map(\.kind).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      return "deployment \(OutsideText.clean(deployment))\(model): \(kinds.joined(separator: ", "))"
    }
  }

  /// One object of a model.
  struct ModelObject: Sendable, Equatable {
    let resource: Resource
    let kind: String
    let name: String
    let uid: String?
  }

  let models: [Model]

  /// What the agent's plugin makes for a deployment, in the order in which it is removed: traffic first.
  private static let kinds: [(Resource, String)] = [
    (.ingresses, "Ingress"), (.horizontalPodAutoscalers, "HorizontalPodAutoscaler"),
    (.podDisruptionBudgets, "PodDisruptionBudget"), (.services, "Service"), (.deployments, "Deployment"),
    (.pods, "Pod"), (.secrets, "Secret"),
  ]
  /// Every object of a deployment has the first; an image builder under way may have the second alone.
  private static let selectors = ["bosun.datarobot.com/deployment", "app.kubernetes.io/managed-by=Bosun"]

  /// Looks for them by the labels that the plugin gives.
  static func find(_ setup: Setup) async throws -> DeployedModels {
    var found: [String: (model: String?, objects: [ModelObject])] = [:]
    for (resource, kind) in kinds {
      for metadata in try await objects(resource, setup) {
        let id =
          metadata.labels["bosun.datarobot.com/deployment"]
          ?? metadata.name.split(separator: "-").last.map(String.init) ?? metadata.name
        var entry = found[id] ?? (nil, [])
        entry.model = entry.model ?? metadata.labels["bosun.datarobot.com/model"]
        entry.objects.append(ModelObject(resource: resource, kind: kind, name: metadata.name, uid: metadata.uid))
        found[id] = entry
      }
    }
    return DeployedModels(
      models: found.sorted { $0.key < $1.key }.map { id, entry in
        Model(deployment: id, model: entry.model, objects: entry.objects)
      })
  }

  /// The agent's objects of one kind. What another object owns goes with that: a Deployment's pods.
  private static func objects(_ resource: Resource, _ setup: Setup) async throws -> [ObjectMeta] {
    let client = try setup.kubernetes()
    let namespace = try setup.namespace()
    var found: [ObjectMeta] = []
    for selector in selectors {
      found += try await client.servedMetadata(resource, namespace: namespace, labelSelector: selector)
    }
    var names: Set<String> = []
    return found.filter { $0.ownerReferences.isEmpty && names.insert($0.name).inserted }
  }

  /// Each model as an uninstall finds it.
  static func traces(_ setup: Setup) async throws -> [Trace] {
    let client = try setup.kubernetes()
    let namespace = try setup.namespace()
    let models = try await find(setup).models
    if models.isEmpty { return [.gone("none")] }
    return models.map { model in
      .removable(model.title) { try await remove(model, client, namespace) }
    }
  }

  private static func remove(_ model: Model, _ client: KubernetesClient, _ namespace: String) async throws {
    for object in model.objects {
      do {
        _ = try await client.delete(object.resource, name: object.name, namespace: namespace, uid: object.uid)
      } catch {
        // One may go with another.
        if !error.isNotFound { throw error }
      }
    }
  }
}

extension KubernetesClient {
  /// The metadata of a list, which is empty where this cluster does not serve the kind.
  func servedMetadata(
    _ resource: Resource, namespace: String, labelSelector: String? = nil
  ) async throws(KubernetesError) -> [ObjectMeta] {
    do {
      let list = try await listMetadata(resource, namespace: namespace, labelSelector: labelSelector)
      return list.value.items.map(\.metadata)
    } catch {
      if error.isNotFound { return [] }
      throw error
    }
  }
}

extension Resource {
  /// `poddisruptionbudgets` of policy/v1.
  fileprivate static let podDisruptionBudgets = Resource(group: "policy", "poddisruptionbudgets", namespaced: true)
  /// `horizontalpodautoscalers` of autoscaling/v1.
  fileprivate static let horizontalPodAutoscalers = Resource(
    group: "autoscaling", "horizontalpodautoscalers", namespaced: true)
}
