import Kubernetes
import OrderedCollections
import Text

/// An object that we make: labelled as ours, written by server-side apply, and never taken from another owner.
struct ManagedObject: Sendable {
  /// The label that says so (kubernetes.io, "Recommended Labels").
  static let ownerLabel = "app.kubernetes.io/managed-by"
  /// Its value.
  static let owner = "mlops-setup"

  let resource: Resource
  let kind: String
  let name: String
  let namespace: String?

  /// `Secret mlops-api-key`.
  var title: String { "\(kind) \(name)" }

  /// Applies the object with these further members (`data`, `type`).
  func apply(_ members: JSONValue, _ client: KubernetesClient) async throws {
    var metadata: JSONValue = ["name": .string(name), "labels": [Self.ownerLabel: .string(Self.owner)]]
    if let namespace { metadata["namespace"] = .string(namespace) }
    var object: JSONValue = [
      "apiVersion": .string(resource.apiVersion), "kind": .string(kind), "metadata": metadata,
    ]
    for (key, value) in members.object ?? [:] { object[key] = value }
    _ = try await client.apply(PartialObject.self, resource, name: name, namespace: namespace, object)
  }

  /// Deletes the object where it still carries our mark.
  func undo(_ client: KubernetesClient) async throws -> String {
    guard let live = try await client.find(PartialObject.self, resource, name: name, namespace: namespace)?.value
    else { return "\(title) is not there" }
    guard Self.isOurs(live.metadata) else { return "\(title) stays: it is not ours" }
    _ = try await client.delete(resource, name: name, namespace: namespace, uid: live.metadata.uid)
    return "deleted \(title)"
  }

  /// Whether an object carries our mark.
  static func isOurs(_ metadata: ObjectMeta) -> Bool { metadata.labels[ownerLabel] == owner }

  /// Who else wrote an object, for a message.
  static func owners(_ metadata: ObjectMeta) -> String {
    let others = metadata.managers.filter { $0 != KubernetesRequest.fieldManager }
    return others.isEmpty ? "another hand" : others.joined(separator: ", ")
  }

  /// Why an object that differs is not changed.
  func foreign(_ metadata: ObjectMeta, keepBy answer: String) -> StepState {
    .blocked(
      "\(title) exists with other content and was written by \(Self.owners(metadata)), so it is not changed. "
        + "To keep it, set \(answer): {existing: \(name)}; to have it made anew, delete it: "
        + Shell.line(
          ["kubectl", "delete", kind.lowercased(), name] + (namespace.map { ["--namespace", $0] } ?? [])))
  }

  /// What applying needs.
  var access: [AccessRequest] {
    ["get", "create", "patch"].map { verb in
      // A create cannot be allowed by name.
      AccessRequest(verb, resource, namespace: namespace, name: verb == "create" ? nil : name)
    }
  }
}
