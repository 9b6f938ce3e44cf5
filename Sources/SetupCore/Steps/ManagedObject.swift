import Kubernetes
import OrderedCollections
import Text
import YAML

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

  /// The whole object with these further members (`data`, `type`); those of `metadata` are added to ours.
  func manifest(_ members: JSONValue) -> JSONValue {
    var metadata: JSONValue = ["name": .string(name)]
    if let namespace { metadata["namespace"] = .string(namespace) }
    metadata["labels"] = [Self.ownerLabel: .string(Self.owner)]
    for (key, value) in members["metadata"]?.object ?? [:] { metadata[key] = value }
    var object: JSONValue = [
      "apiVersion": .string(resource.apiVersion), "kind": .string(kind), "metadata": metadata,
    ]
    for (key, value) in members.object ?? [:] where key != "metadata" { object[key] = value }
    return object
  }

  /// Applies the object with these further members.
  func apply(_ members: JSONValue, _ client: KubernetesClient) async throws {
    _ = try await client.apply(
      PartialObject.self, resource, name: name, namespace: namespace, manifest(members))
  }

  /// The object as an uninstall finds it: it goes where it still carries our mark.
  func trace(_ client: KubernetesClient) async throws -> Trace {
    guard let live = try await client.find(PartialObject.self, resource, name: name, namespace: namespace)?.value
    else { return .gone("\(title) is not there") }
    guard Self.isOurs(live.metadata) else { return .stays("\(title) stays: it is not ours") }
    let writers = Self.otherWriters(live.metadata)
    let objection =
      writers.isEmpty ? nil : "\(writers.joined(separator: ", ")) \(writers.count == 1 ? "has" : "have") written to it"
    return .removable(title, objection: objection) {
      _ = try await client.delete(resource, name: name, namespace: namespace, uid: live.metadata.uid)
    }
  }

  /// Deletes the object where it still carries our mark.
  func remove(_ client: KubernetesClient) async throws {
    if case .removable(let removal) = try await trace(client) { _ = try await removal.perform() }
  }

  /// Whether an object carries our mark.
  static func isOurs(_ metadata: ObjectMeta) -> Bool { metadata.labels[ownerLabel] == owner }

  /// Who else has written content of an object. Its status, and what the cluster's own controllers add to every object
  /// of its kind, are nobody's change.
  static func otherWriters(_ metadata: ObjectMeta) -> [String] {
    metadata.managedFields
      .filter { $0.subresource != "status" && $0.manager != KubernetesRequest.fieldManager }
      .map(\.manager).filter { !isController($0) }
      .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// Kubernetes' controllers fill tokens into Secrets and list them in service accounts (before 1.24); OpenShift's
  /// annotate projects and service accounts and give these pull secrets.
  private static func isController(_ manager: String) -> Bool {
    manager.hasPrefix("openshift.io/")
      || [
        "kube-controller-manager", "kube-apiserver", "openshift-controller-manager", "openshift-apiserver",
        "cluster-policy-controller", "pod-security-admission-label-synchronization-controller",
      ].contains(manager)
  }

  /// Who else wrote an object, for a message.
  static func owners(_ metadata: ObjectMeta) -> String {
    let others = metadata.managers.filter { $0 != KubernetesRequest.fieldManager }
    return others.isEmpty ? "another hand" : others.joined(separator: ", ")
  }

  /// Why an object that differs is not changed; the answer that keeps it, where there is one.
  func foreign(_ metadata: ObjectMeta, differences: [String] = [], keepBy answer: String? = nil) -> StepState {
    let content = differences.isEmpty ? "other content" : "other content (\(differences.joined(separator: "; ")))"
    let keep = answer.map { "To keep it, set \($0): {existing: \(name)}; to have it made anew, delete it: " }
    return .blocked(
      "\(title) exists with \(content) and was written by \(Self.owners(metadata)), so it is not changed. "
        + (keep ?? "To have it made anew, delete it: ")
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

extension YAMLValue {
  /// A JSON value as YAML.
  init(_ json: JSONValue) {
    switch json {
    case .null: self = .null
    case .bool(let flag): self = .bool(flag)
    case .integer(let number): self = .integer(number)
    case .double(let number): self = .double(number)
    case .string(let text): self = .string(text)
    case .array(let elements): self = .sequence(elements.map { YAMLValue($0) })
    case .object(let members): self = .mapping(members.map { YAMLItem($0.key, YAMLValue($0.value)) })
    }
  }
}
