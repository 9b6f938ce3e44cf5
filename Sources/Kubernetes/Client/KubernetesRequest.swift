public import OrderedCollections

/// A request to an API server: a value made by pure functions. What is sent depends on the connection as well; see
/// `httpRequest(connection:authorization:deadline:)`.
public struct KubernetesRequest: Sendable, Equatable {
  /// What it does, for messages and for `kubectl auth can-i`.
  public struct Action: Sendable, Equatable {
    /// `list`, `create`, `patch`.
    public var verb: String
    /// The resource; nil for a bare path.
    public var resource: Resource?
    /// The namespace; nil: all of them, or none.
    public var namespace: String?
    /// The object.
    public var name: String?
    /// `log`, `attach`.
    public var subresource: String?

    /// An action from its parts.
    public init(
      verb: String, resource: Resource? = nil, namespace: String? = nil, name: String? = nil, subresource: String? = nil
    ) {
      self.verb = verb
      self.resource = resource
      self.namespace = namespace
      self.name = name
      self.subresource = subresource
    }
  }

  /// `GET`.
  public var method: String
  /// The path below the server's URL, percent-encoded.
  public var path: String
  /// The query; values not yet encoded.
  public var query: OrderedDictionary<String, String>
  /// The media type that is asked for.
  public var accept: String
  /// The body's media type.
  public var contentType: String?
  /// The body.
  public var body: [UInt8]?
  /// The time for the whole exchange with all its retries; nil: no limit.
  public var deadline: Duration?
  /// What it does.
  public var action: Action

  /// A request from its parts.
  public init(
    method: String, path: String, query: OrderedDictionary<String, String> = [:], accept: String = "application/json",
    contentType: String? = nil, body: [UInt8]? = nil, deadline: Duration? = .seconds(30), action: Action
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.accept = accept
    self.contentType = contentType
    self.body = body
    self.deadline = deadline
    self.action = action
  }
}
