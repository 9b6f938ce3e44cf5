/// Reads YAML text into nodes with source marks. One parser: the system's libyaml (YAML 1.1 grammar, as Kubernetes tools use).
///
/// Anchors, aliases and merge keys are resolved; duplicate keys, keys that are not scalars, and documents that would grow past
/// ``YAMLLimits`` are refused with the place.
public enum YAML {
  /// Reads the only document of a text.
  ///
  /// - Parameters:
  ///   - text: The YAML. A byte order mark at its beginning is skipped.
  ///   - source: What the text was read from, for marks and errors: a path, or a name.
  ///   - limits: How large and deep the document may be.
  /// - Returns: The root node, or nil when the text holds nothing but blanks, comments and document markers.
  /// - Throws: ``YAMLError``; `severalDocuments` names the line where the second document begins.
  public static func parse(
    _ text: String, source: String, limits: YAMLLimits = .standard
  ) throws(YAMLError) -> YAMLNode? {
    try parse(Array(text.utf8), source: source, limits: limits)
  }

  /// Reads the only document of a file's bytes, which must be UTF-8. See ``parse(_:source:limits:)-(String,_,_)``.
  public static func parse(
    _ bytes: [UInt8], source: String, limits: YAMLLimits = .standard
  ) throws(YAMLError) -> YAMLNode? {
    try compose(bytes, source: source, limits: limits, several: false).first
  }

  /// Reads every document of a stream separated by `---`, such as the output of `helm template`. Empty documents are left out.
  ///
  /// - Parameters:
  ///   - text: The YAML. A byte order mark at its beginning is skipped.
  ///   - source: What the text was read from, for marks and errors.
  ///   - limits: How large the whole stream, and how deep each document, may be.
  public static func parseAll(
    _ text: String, source: String, limits: YAMLLimits = .standard
  ) throws(YAMLError) -> [YAMLNode] {
    try parseAll(Array(text.utf8), source: source, limits: limits)
  }

  /// Reads every document of a stream's bytes, which must be UTF-8. See ``parseAll(_:source:limits:)-(String,_,_)``.
  public static func parseAll(
    _ bytes: [UInt8], source: String, limits: YAMLLimits = .standard
  ) throws(YAMLError) -> [YAMLNode] {
    try compose(bytes, source: source, limits: limits, several: true)
  }

  private static func compose(
    _ bytes: [UInt8], source: String, limits: YAMLLimits, several: Bool
  ) throws(YAMLError) -> [YAMLNode] {
    guard bytes.count <= limits.maximumBytes else {
      throw YAMLError(
        code: .tooLarge,
        message: "the text has \(bytes.count) bytes; at most \(limits.maximumBytes) are read",
        mark: YAMLMark(source: source))
    }
    let text = try SourceText(bytes, source: source)
    var composer = try Composer(text: text, limits: limits, several: several)
    return try composer.documents()
  }
}
