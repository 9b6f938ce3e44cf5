/// A whole list.
public struct ObjectList<Object: Sendable>: Sendable {
  /// The objects.
  public var items: [Object]
  /// The version of the list, from which a watch goes on.
  public var resourceVersion: String?

  /// A list from its parts.
  public init(items: [Object], resourceVersion: String? = nil) {
    self.items = items
    self.resourceVersion = resourceVersion
  }
}

extension ObjectList: Equatable where Object: Equatable {}

/// An object of which only the metadata are read.
public struct PartialObject: Codable, Sendable, Equatable, Emptiable {
  /// Name, labels and the rest.
  @Defaulted public var metadata: ObjectMeta

  /// Everything empty.
  public init() {}
}

/// One page as the server sends it. A Go server writes an empty list as null.
struct ObjectPage<Object: Decodable & Sendable>: Decodable, Sendable {
  struct Metadata: Decodable, Sendable {
    var resourceVersion: String?
    var `continue`: String?
  }
  var metadata: Metadata
  var items: [Object]

  private enum Keys: String, CodingKey { case metadata, items }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Keys.self)
    metadata = try container.decodeIfPresent(Metadata.self, forKey: .metadata) ?? Metadata()
    items = try container.decodeIfPresent([Object].self, forKey: .items) ?? []
  }
}

/// An object that says what it is. Narrow types accept any JSON object, so a gateway's own JSON would pass as an empty one.
struct APIObject<Object: Decodable>: Decodable {
  var kind: String
  var object: Object

  private enum Keys: String, CodingKey { case kind }

  init(from decoder: any Decoder) throws {
    kind = try decoder.container(keyedBy: Keys.self).decode(String.self, forKey: .kind)
    object = try Object(from: decoder)
  }
}

extension APIObject: Sendable where Object: Sendable {}
