internal import HTTP

/// A repository's tags.
public struct TagList: Sendable, Equatable {
  /// The tags in the registry's order.
  public var tags: [String]
  /// No more were left; false where the bound was reached.
  public var isComplete: Bool

  /// A list from its parts.
  public init(tags: [String], isComplete: Bool) {
    self.tags = tags
    self.isComplete = isComplete
  }
}

extension RegistryClient {
  /// Lists tags, page by page, up to about `limit` of them and at most 50 pages.
  public func tags(_ repository: String, limit: Int = 1000) async throws(RegistryError) -> TagList {
    let tried = "asked for the tags of \(repository)"
    var result = TagList(tags: [], isComplete: false)
    guard var url = RegistryURL(endpoint.url("/v2/\(repository)/tags/list?n=\(min(max(limit, 1), 100))")) else {
      throw RegistryError(code: .malformedAnswer, message: "\(endpoint.host) is no host name")
    }
    for _ in 0..<50 {
      let response = try await send(
        HTTPRequest(url: url.text, tls: endpoint.tls, maximumBodyBytes: 8 << 20), scope: "repository:\(repository):pull"
      )
      guard response.status == 200, !response.isHTML else {
        var error = RegistryError.unexpected(response, host: endpoint.host, tried: tried)
        if RegistryErrorBody(response.body).contains("NAME_UNKNOWN") { error.code = .repositoryMissing }
        throw error
      }
      let page: TagPage = try decode(response.body, tried)
      result.tags += page.tags ?? []
      guard let next = Self.next(response.headers.values("Link"), from: url), next != url else {
        result.isComplete = true
        return result
      }
      if result.tags.count >= limit { return result }
      url = next
    }
    return result
  }

  /// The target of `<…>; rel="next"`, where it lies at the same registry.
  static func next(_ fields: [String], from base: RegistryURL) -> RegistryURL? {
    for field in fields {
      for link in field.split(separator: "<").map(String.init) {
        guard let end = link.firstIndex(of: ">") else { continue }
        let parameters = link[end...].lowercased()
        guard parameters.contains("rel=\"next\"") || parameters.contains("rel=next"),
          let url = RegistryURL(String(link[..<end]), relativeTo: base), url.isSameOrigin(as: base)
        else { continue }
        return url
      }
    }
    return nil
  }
}

private struct TagPage: Decodable {
  var tags: [String]?
}
