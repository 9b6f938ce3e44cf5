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

  /// The text of a document, ending with a line break.
  public func write(_ document: YAMLDocument) -> String {
    var output = Output(commentWidth: commentWidth)
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

/// The text as it grows.
private struct Output {
  var text = ""
  let commentWidth: Int?
  /// Simple keys end at 1024 characters in every libyaml; longer ones are written with `? `.
  private let longestSimpleKey = 1000

  init(commentWidth: Int?) { self.commentWidth = commentWidth }

  mutating func root(_ value: YAMLValue) {
    switch value {
    case .mapping(let items) where !items.isEmpty: mapping(items, indent: 0, isInline: false)
    case .sequence(let values) where !values.isEmpty: sequence(values, indent: 0, isInline: false)
    default:
      text += ""
      scalar(value, indent: 0, trailing: nil, separator: "")
    }
  }

  /// - Parameter isInline: The first item continues a line that is already begun; its comments have been written.
  private mutating func mapping(_ items: [YAMLItem], indent: Int, isInline: Bool) {
    for (number, item) in items.enumerated() {
      if number > 0 || !isInline {
        head(of: item, indent: indent, mayBlank: number > 0 || !text.isEmpty)
        pad(indent)
      }
      let key = YAMLQuoting.inline(item.key)
      if key.unicodeScalars.count > longestSimpleKey {
        text += "? " + key + "\n"
        pad(indent)
        text += ":"
      } else {
        text += key + ":"
      }
      value(item.value, indent: indent, trailing: item.trailingComment)
    }
  }

  /// What follows `key:`, up to and with the line break.
  private mutating func value(_ value: YAMLValue, indent: Int, trailing: String?) {
    switch value {
    case .mapping(let items) where !items.isEmpty:
      endLine(trailing)
      mapping(items, indent: indent + 2, isInline: false)
    case .sequence(let values) where !values.isEmpty:
      endLine(trailing)
      sequence(values, indent: indent + 2, isInline: false)
    default:
      scalar(value, indent: indent + 2, trailing: trailing, separator: " ")
    }
  }

  private mutating func sequence(_ values: [YAMLValue], indent: Int, isInline: Bool) {
    for (number, value) in values.enumerated() {
      if number > 0 || !isInline {
        head(ofElement: value, indent: indent)
        pad(indent)
      }
      text += "-"
      switch value {
      case .mapping(let items) where !items.isEmpty:
        text += " "
        mapping(items, indent: indent + 2, isInline: true)
      case .sequence(let values) where !values.isEmpty:
        text += " "
        sequence(values, indent: indent + 2, isInline: true)
      default:
        scalar(value, indent: indent + 2, trailing: nil, separator: " ")
      }
    }
  }

  /// Comments cannot stand between `- ` and what follows, so those of the first item stand before the `-`.
  private mutating func head(ofElement value: YAMLValue, indent: Int) {
    switch value {
    case .mapping(let items):
      if let first = items.first { head(of: first, indent: indent, mayBlank: !text.isEmpty) }
    case .sequence(let values):
      if let first = values.first { head(ofElement: first, indent: indent) }
    default: break
    }
  }

  private mutating func head(of item: YAMLItem, indent: Int, mayBlank: Bool) {
    if item.blankLineBefore, mayBlank { blankLine() }
    comments(item.comments, indent: indent)
  }

  /// A scalar, or an empty list or mapping. `indent` is where the lines of a block stand.
  private mutating func scalar(_ value: YAMLValue, indent: Int, trailing: String?, separator: String) {
    text += separator
    switch value {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .double(let value): text += YAMLQuoting.number(value)
    case .sequence: text += "[]"
    case .mapping: text += "{}"
    case .string(let string):
      // At the root a block's lines would have to be told from document markers.
      if !separator.isEmpty, let block = YAMLQuoting.literalBlock(string) {
        text += block.header
        endLine(trailing)
        for line in block.lines {
          if !line.isEmpty { pad(indent) }
          text += line + "\n"
        }
        return
      }
      text += YAMLQuoting.inline(string)
    }
    endLine(trailing)
  }

  // MARK: - Lines

  private mutating func pad(_ indent: Int) { text += String(repeating: " ", count: indent) }

  private mutating func endLine(_ comment: String?) {
    if let comment {
      let line = CommentText.lines(of: comment).joined(separator: " ")
      if !line.allSatisfy({ $0 == " " }) { text += " # " + line }
    }
    text += "\n"
  }

  /// One blank line, unless the text begins here or has one already.
  mutating func blankLine() {
    if text.isEmpty || text.utf8.suffix(2).elementsEqual("\n\n".utf8) { return }
    text += "\n"
  }

  mutating func comments(_ comments: [String], indent: Int) {
    for line in comments.flatMap(CommentText.lines) {
      let width = commentWidth.map { $0 - indent - 2 }
      for part in CommentText.wrapped(line, width: width) {
        pad(indent)
        text += part.isEmpty ? "#\n" : "# " + part + "\n"
      }
    }
  }
}
