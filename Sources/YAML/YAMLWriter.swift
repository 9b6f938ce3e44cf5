/// Writes YAML text with comments: block style, two blanks a level, quotes wherever some reader would see more than a string.
///
/// The text is written here and not by libyaml's emitter, which knows no comments, writes characters beyond U+FFFF as escapes and
/// leaves `yes` unquoted.
public struct YAMLWriter: Sendable, Equatable {
  /// Columns after which words of head comments go to the next line; nil leaves lines as they are.
  public var commentWidth: Int?

  /// A writer.
  ///
  /// - Parameter commentWidth: Columns, indentation and `# ` included, after which words of comments before a key, of header and of
  ///   footer go to the next line. Lines that begin with a blank (examples) are never wrapped. Nil wraps nothing.
  public init(commentWidth: Int? = nil) {
    self.commentWidth = commentWidth
  }

  /// The text of a document, ending with a line break. A root mapping whose items are all commented out makes an empty document.
  public func write(_ document: YAMLDocument) -> String {
    var output = YAMLOutput(commentWidth: commentWidth)
    if !document.header.isEmpty {
      output.comments(document.header, indent: 0)
      output.blankLine()
    }
    output.root(document.root)
    if !document.footer.isEmpty {
      output.blankLine()
      output.comments(document.footer, indent: 0)
    }
    return output.text
  }

  /// The text of a value without header and footer.
  public func write(_ value: YAMLValue) -> String { write(YAMLDocument(value)) }

  /// Several documents in one stream, each begun by `---`.
  public func write(_ documents: [YAMLDocument]) -> String {
    documents.map { "---\n" + write($0) }.joined()
  }
}
