import Kubernetes

/// Reads the body of a write: JSON, or YAML where the media type allows it.
enum BodyReader {
  static func read(_ bytes: [UInt8], isYAML: Bool) throws(JSONSyntaxError) -> JSONValue {
    try JSONText.parse(bytes)
  }
}
