import Kubernetes
import YAML

/// Reads the body of a write: JSON, YAML or protobuf, as the media type says.
enum BodyReader {
  enum Format {
    case json
    /// YAML, which JSON is a part of.
    case yaml
    case protobuf
  }

  static func read(_ bytes: [UInt8], _ format: Format) throws(JSONSyntaxError) -> JSONValue {
    switch format {
    case .json: return try JSONText.parse(bytes)
    case .yaml:
      // Nearly all clients send JSON under the name of YAML.
      if bytes.first == UInt8(ascii: "{") { return try JSONText.parse(bytes) }
      do {
        return try YAML.parse(bytes, source: "body").map { JSONValue($0) } ?? .null
      } catch {
        throw JSONSyntaxError(message: "error converting YAML to JSON: \(error)")
      }
    case .protobuf:
      do {
        return try ProtobufObject.decode(bytes)
      } catch {
        throw JSONSyntaxError(message: "\(error)")
      }
    }
  }
}
