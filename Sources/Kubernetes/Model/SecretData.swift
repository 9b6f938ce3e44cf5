import FoundationEssentials
import Text

/// One value of a Secret: base64 on the wire, `<secret>` wherever it is printed.
public struct SecretData: Codable, Sendable, Hashable {
  private let encoded: SecretText

  /// A value from its bytes.
  public init(_ bytes: [UInt8]) { encoded = SecretText(Data(bytes).base64EncodedString()) }

  /// The bytes; nil where the API's text is no base64.
  public func reveal() -> [UInt8]? { Data(base64Encoded: encoded.reveal()).map(Array.init) }

  /// Decodes the API's base64; null is empty.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    encoded = SecretText(container.decodeNil() ? "" : try container.decode(String.self))
  }

  /// Encodes the API's base64.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(encoded.reveal())
  }
}
