/// What `/api/v1` and `/apis/GROUP/VERSION` answer (meta/v1 APIResourceList).
public struct APIResourceList: Codable, Sendable, Equatable, Emptiable {
  /// The resources of one group in one version, subresources among them.
  @Defaulted public var resources: [APIResource]

  /// Everything empty.
  public init() {}
}

/// A resource as discovery describes it (meta/v1 APIResource).
public struct APIResource: Codable, Sendable, Equatable, Emptiable {
  /// The plural, `deployments`; a subresource has a slash, `deployments/scale`.
  @Defaulted public var name: String
  /// `Deployment`.
  @Defaulted public var kind: String
  /// Whether its objects live in namespaces.
  @Defaulted public var namespaced: Bool

  /// Everything empty.
  public init() {}
}

/// Which resource serves a kind, by the server's own discovery documents (what client-go calls a RESTMapper).
public struct ResourceMap: Sendable {
  private var documents: [String: Result<[APIResource]?, KubernetesError>] = [:]

  /// A map of nothing.
  public init() {}

  /// The resource of a kind; nil: the server has no such kind.
  ///
  /// - Parameter apiVersion: `apps/v1`, or `v1` for the core group.
  /// - Throws: why its discovery document could not be read; `undecodable` where nobody asked for it.
  public func resource(apiVersion: String, kind: String) throws(KubernetesError) -> Resource? {
    guard let document = documents[apiVersion] else {
      throw KubernetesError(.undecodable, "the resources of \(printable(apiVersion)) were not read")
    }
    guard let found = try document.get()?.first(where: { $0.kind == kind && !$0.name.contains("/") }) else {
      return nil
    }
    let parts = apiVersion.split(separator: "/", maxSplits: 1).map(String.init)
    return Resource(
      group: parts.count == 2 ? parts[0] : "", version: parts.last ?? apiVersion, found.name,
      namespaced: found.namespaced)
  }

  /// Takes a discovery document; nil: the server does not serve that group in that version.
  public mutating func take(_ apiVersion: String, _ document: Result<[APIResource]?, KubernetesError>) {
    documents[apiVersion] = document
  }
}

extension KubernetesClient {
  /// The resources of these API versions, each document read once and all side by side. One that cannot be read says so
  /// when a kind of it is looked up.
  public func resourceMap(_ apiVersions: Set<String>) async -> ResourceMap {
    await withTaskGroup(of: DiscoveryDocument.self) { group in
      for apiVersion in apiVersions {
        group.addTask { await document(apiVersion) }
      }
      var map = ResourceMap()
      for await document in group { map.take(document.apiVersion, document.resources) }
      return map
    }
  }

  private func document(_ apiVersion: String) async -> DiscoveryDocument {
    do throws(KubernetesError) {
      return DiscoveryDocument(apiVersion: apiVersion, resources: .success(try await resources(apiVersion)))
    } catch {
      return DiscoveryDocument(apiVersion: apiVersion, resources: .failure(error))
    }
  }

  private func resources(_ apiVersion: String) async throws(KubernetesError) -> [APIResource]? {
    let parts = apiVersion.split(separator: "/").map { percentEncoded(String($0)) }
    let path = (parts.count == 1 ? "/api/" : "/apis/") + parts.joined(separator: "/")
    do {
      return try await raw(APIResourceList.self, path).value.resources
    } catch {
      if error.isNotFound { return nil }
      throw error
    }
  }
}

/// What one API version serves, or why that could not be read. A tuple in its place is miscompiled by Swift 6.3.1 with
/// optimisation: the string in it is freed too early.
private struct DiscoveryDocument: Sendable {
  let apiVersion: String
  let resources: Result<[APIResource]?, KubernetesError>
}
