import Kubernetes
import OrderedCollections
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
        return try YAML.parse(bytes, source: "body").map(value) ?? .null
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

  private static func value(_ node: YAMLNode) -> JSONValue {
    switch node.value {
    case .sequence(let nodes): return .array(nodes.map(value))
    case .mapping(let entries):
      var members = OrderedDictionary<String, JSONValue>()
      for entry in entries { members[entry.key] = value(entry.value) }
      return .object(members)
    case .scalar(let scalar):
      switch scalar.resolved {
      case .null: return .null
      case .bool(let flag): return .bool(flag)
      case .integer(let number): return .integer(number)
      case .float(let number): return .double(number)
      case .string(let text): return .string(text)
      }
    }
  }
}
