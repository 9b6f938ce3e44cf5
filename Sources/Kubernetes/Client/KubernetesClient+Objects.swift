extension KubernetesClient {
  /// Reads an object.
  public func get<Object: Decodable & Sendable>(
    _ type: Object.Type, _ resource: Resource, name: String, namespace: String? = nil
  ) async throws(KubernetesError) -> Answer<Object> {
    try await object(.get(resource, name: name, namespace: namespace))
  }

  /// Reads an object, or nil where there is none. A missing namespace or resource counts as none.
  public func find<Object: Decodable & Sendable>(
    _ type: Object.Type, _ resource: Resource, name: String, namespace: String? = nil
  ) async throws(KubernetesError) -> Answer<Object>? {
    do {
      return try await get(type, resource, name: name, namespace: namespace)
    } catch {
      if error.isNotFound { return nil }
      throw error
    }
  }

  /// Creates an object.
  public func create<Object: Decodable & Sendable>(
    _ type: Object.Type = JSONValue.self, _ resource: Resource, _ value: some Encodable, name: String? = nil,
    namespace: String? = nil, subresource: String? = nil, dryRun: Bool = false, fieldValidation: FieldValidation? = nil
  ) async throws(KubernetesError) -> Answer<Object> {
    try await object(
      .create(
        resource, name: name, namespace: namespace, subresource: subresource, body: KubernetesError.encode(value),
        dryRun: dryRun, fieldValidation: fieldValidation))
  }

  /// Applies an object on the server. The value must carry `apiVersion` and `kind`.
  public func apply<Object: Decodable & Sendable>(
    _ type: Object.Type = JSONValue.self, _ resource: Resource, name: String, namespace: String? = nil,
    _ value: some Encodable, fieldManager: String = KubernetesRequest.fieldManager, force: Bool = false,
    dryRun: Bool = false, fieldValidation: FieldValidation? = nil
  ) async throws(KubernetesError) -> Answer<Object> {
    try await object(
      .apply(
        resource, name: name, namespace: namespace, body: KubernetesError.encode(value), fieldManager: fieldManager,
        force: force, dryRun: dryRun, fieldValidation: fieldValidation))
  }

  /// Changes an object by a JSON merge patch.
  public func mergePatch<Object: Decodable & Sendable>(
    _ type: Object.Type = JSONValue.self, _ resource: Resource, name: String, namespace: String? = nil,
    subresource: String? = nil, _ patch: some Encodable, dryRun: Bool = false
  ) async throws(KubernetesError) -> Answer<Object> {
    try await object(
      .mergePatch(
        resource, name: name, namespace: namespace, subresource: subresource, body: KubernetesError.encode(patch),
        dryRun: dryRun))
  }

  /// Deletes an object; with a uid or a version only if it still is that one.
  public func delete(
    _ resource: Resource, name: String, namespace: String? = nil, propagation: DeletePropagation = .background,
    uid: String? = nil, resourceVersion: String? = nil, dryRun: Bool = false
  ) async throws(KubernetesError) -> Answer<Deletion> {
    let request = try KubernetesRequest.delete(
      resource, name: name, namespace: namespace, propagation: propagation, uid: uid, resourceVersion: resourceVersion,
      dryRun: dryRun)
    let answer: Answer<DeletionAnswer> = try await object(request)
    return Answer(
      value: answer.value.kind == "Status" || answer.value.metadata.deletionTimestamp == nil ? .gone : .begun,
      metadata: answer.metadata)
  }
}

/// How far a deletion is.
public enum Deletion: Sendable, Equatable {
  /// The object is gone.
  case gone
  /// It goes once its finalizers are done.
  case begun
}

private struct DeletionAnswer: Decodable, Sendable {
  var kind: String?
  @Defaulted var metadata: ObjectMeta
}
