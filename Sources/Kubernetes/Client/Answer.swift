public import FoundationEssentials

/// What came with an answer besides its body.
public struct ResponseMetadata: Sendable, Equatable {
  /// The HTTP status.
  public var status: Int
  /// The server's clock, from the Date header.
  public var serverDate: Date?
  /// What the server warns of, for a person.
  public var warnings: [String]

  /// Metadata from their parts.
  public init(status: Int, serverDate: Date? = nil, warnings: [String] = []) {
    self.status = status
    self.serverDate = serverDate
    self.warnings = warnings
  }
}

/// A value with what came with it.
public struct Answer<Value: Sendable>: Sendable {
  /// The value.
  public var value: Value
  /// What came with it. For a list of several pages: of the last page, with the warnings of all.
  public var metadata: ResponseMetadata

  /// An answer from its parts; tests make them.
  public init(value: Value, metadata: ResponseMetadata = ResponseMetadata(status: 200)) {
    self.value = value
    self.metadata = metadata
  }

  func map<Other>(_ transform: (Value) throws(KubernetesError) -> Other) throws(KubernetesError) -> Answer<Other> {
    Answer<Other>(value: try transform(value), metadata: metadata)
  }
}

extension Answer: Equatable where Value: Equatable {}
