/// YAML text as it grows, line by line.
struct YAMLOutput {
  private(set) var text = ""
  private let commentWidth: Int?
  /// Simple keys end at 1024 characters in every libyaml; longer ones are written with `? `.
  private static let longestSimpleKey = 1000

  init(commentWidth: Int?) { self.commentWidth = commentWidth }

  mutating func root(_ value: YAMLValue) {
    switch value {
    case .mapping(let items) where !items.isEmpty:
      let lines = MappingLines(items)
      mapping(lines, indent: 0, isInline: false)
    case .sequence(let values) where !values.isEmpty: sequence(values, indent: 0, isInline: false)
    case .string(let string):
      // Never a block: its lines would have to be told from document markers.
      text += YAMLQuoting.inline(string) + "\n"
    default: scalar(value, indent: 0, trailing: nil)
    }
  }

  // MARK: - Collections

  /// - Parameter isInline: The first item continues a line that is already begun; what stands before it has been written.
  private mutating func mapping(_ lines: MappingLines, indent: Int, isInline: Bool) {
    for (number, (item, before)) in lines.live.enumerated() {
      if number > 0 || !isInline {
        write(before, indent: indent)
        pad(indent)
      }
      let key = YAMLQuoting.inline(item.key)
      if key.unicodeScalars.count > Self.longestSimpleKey {
        text += "? " + key + "\n"
        pad(indent)
        text += ":"
      } else {
        text += key + ":"
      }
      value(item.value, indent: indent, trailing: item.trailingComment)
    }
    write(lines.rest, indent: indent)
  }

  /// What follows `key:`, up to and with the line break.
  private mutating func value(_ value: YAMLValue, indent: Int, trailing: String?) {
    switch value {
    case .mapping(let items) where !items.isEmpty:
      let lines = MappingLines(items)
      if lines.live.isEmpty { text += " {}" }
      endLine(trailing)
      mapping(lines, indent: indent + 2, isInline: false)
    case .sequence(let values) where !values.isEmpty:
      endLine(trailing)
      sequence(values, indent: indent + 2, isInline: false)
    default:
      text += " "
      scalar(value, indent: indent + 2, trailing: trailing)
    }
  }

  private mutating func sequence(_ values: [YAMLValue], indent: Int, isInline: Bool) {
    for (number, value) in values.enumerated() {
      if number > 0 || !isInline {
        head(of: value, indent: indent)
        pad(indent)
      }
      text += "- "
      switch value {
      case .mapping(let items) where !items.isEmpty:
        let lines = MappingLines(items)
        if lines.live.isEmpty { text += "{}\n" }
        mapping(lines, indent: indent + 2, isInline: true)
      case .sequence(let values) where !values.isEmpty:
        sequence(values, indent: indent + 2, isInline: true)
      default:
        scalar(value, indent: indent + 2, trailing: nil)
      }
    }
  }

  /// Comments cannot stand between `- ` and what follows, so those of the first item stand before the `-`.
  private mutating func head(of value: YAMLValue, indent: Int) {
    switch value {
    case .mapping(let items):
      if let first = MappingLines(items).live.first { write(first.before, indent: indent) }
    case .sequence(let values):
      if let first = values.first { head(of: first, indent: indent) }
    default: break
    }
  }

  // MARK: - Scalars

  /// A scalar, or an empty list or mapping. `indent` is where the lines of a block stand.
  private mutating func scalar(_ value: YAMLValue, indent: Int, trailing: String?) {
    switch value {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .double(let value): text += YAMLQuoting.number(value)
    case .sequence: text += "[]"
    case .mapping: text += "{}"
    case .string(let string):
      if let block = YAMLQuoting.literalBlock(string) {
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

  /// One blank line, unless the text begins here or has one already.
  mutating func blankLine() {
    if text.isEmpty || text.utf8.suffix(2).elementsEqual("\n\n".utf8) { return }
    text += "\n"
  }

  mutating func comments(_ comments: [String], indent: Int) {
    write(comments.map { .comment($0) }, indent: indent)
  }

  private mutating func write(_ lines: [MappingLines.Line], indent: Int) {
    for line in lines {
      switch line {
      case .blank: blankLine()
      case .code(let code): commentLine(code, indent: indent)
      case .comment(let comment):
        let width = commentWidth.map { $0 - indent - 2 }
        for line in CommentText.lines(of: comment) {
          for part in CommentText.wrapped(line, width: width) { commentLine(part, indent: indent) }
        }
      }
    }
  }

  private mutating func commentLine(_ line: String, indent: Int) {
    pad(indent)
    text += line.isEmpty ? "#\n" : "# " + line + "\n"
  }

  private mutating func pad(_ indent: Int) { text += String(repeating: " ", count: indent) }

  private mutating func endLine(_ comment: String?) {
    if let comment {
      let words = CommentText.lines(of: comment).filter { !$0.isEmpty }.joined(separator: " ")
      if !words.isEmpty { text += " # " + words }
    }
    text += "\n"
  }
}

/// The items of a mapping that are written as such, each with the lines before it, and the lines after the last of them.
private struct MappingLines {
  enum Line {
    case blank
    /// A comment in words.
    case comment(String)
    /// A line of an item that is commented out.
    case code(String)
  }

  private(set) var live: [(item: YAMLItem, before: [Line])] = []
  private(set) var rest: [Line] = []

  init(_ items: [YAMLItem]) {
    for var item in items {
      if item.blankLineBefore { rest.append(.blank) }
      rest += item.comments.map { .comment($0) }
      if item.isCommentedOut {
        item.blankLineBefore = false
        item.comments = []
        item.isCommentedOut = false
        var output = YAMLOutput(commentWidth: nil)
        output.root(.mapping([item]))
        rest += output.text.split(separator: "\n").map { .code(String($0)) }
      } else {
        live.append((item, rest))
        rest = []
      }
    }
  }
}
