/// What libyaml says about a text it cannot read, to be said in a person's words.
struct SyntaxProblem {
  var problem: String
  var mark: YAMLMark
  var context: String
  var contextMark: YAMLMark

  /// The error, with what to do. Never the value itself: it may be a secret.
  func error(in text: SourceText) -> YAMLError {
    let (message, mark) = explain(in: text)
    return YAMLError(code: .syntax, message: message, mark: mark)
  }

  private func explain(in text: SourceText) -> (String, YAMLMark) {
    // A tab in the indentation shows up as many different problems; it is the one to name.
    if let tab = tabInIndentation(in: text) {
      return ("the line is indented with a tab; YAML allows only spaces there", tab)
    }
    if let template = template(in: text) {
      return ("this looks like a template ({{ … }}), not finished YAML; render it first, or quote the value", template)
    }
    if let conflict = mergeConflict(in: text) {
      return ("a mark of an unfinished merge (<<<<<<<, =======, >>>>>>>) stands here; finish the merge", conflict)
    }
    let suspects = [
      "mapping values are not allowed in this context": mark.line - 1, "could not find expected ':'": contextMark.line,
    ]
    if let line = suspects[problem], let key = keyWithoutBlank(onLine: line, in: text) {
      return ("a blank is missing after the ':' on this line", key)
    }
    return (words(in: text), mark)
  }

  private func words(in text: SourceText) -> String {
    let opened = "line \(contextMark.line)"
    switch problem {
    case "found unexpected end of stream":
      return "the quote opened on \(opened) is never closed"
    case "found unexpected document indicator":
      return "the quote opened on \(opened) is not closed before the document ends"
    case "could not find expected ':'":
      return "a colon is missing: \(opened) reads as a key, and no ': ' follows it"
    case "mapping values are not allowed in this context":
      return "a ': ' cannot stand here; quote the value if the colon belongs to it, or check the indentation"
    case "block sequence entries are not allowed in this context":
      return "a list item ('- ') cannot stand here; put it on a line of its own and check the indentation"
    case "mapping keys are not allowed in this context":
      return "a key ('? ') cannot stand here; quote the value if the question mark belongs to it"
    case "did not find expected key" where !isFirstOfItsLine(in: text):
      return "the value has already ended here; a quote inside of single quotes is written twice (''), "
        + "inside of double quotes it is written \\\""
    case "did not find expected key":
      return "this line fits nowhere in the mapping that begins on \(opened); "
        + "check its indentation, and the quotes and colons before it"
    case "did not find expected '-' indicator":
      return
        "this line fits nowhere in the list that begins on \(opened); check its indentation, and that it begins with '- '"
    case "did not find expected ',' or ']'":
      return "the list opened with '[' on \(opened) needs a ',' or its ']' before this"
    case "did not find expected ',' or '}'":
      return "the mapping opened with '{' on \(opened) needs a ',' or its '}' before this"
    case "did not find expected node content":
      return "a value is missing here; quote it if it begins with a special character"
    case "did not find expected <document start>":
      return "the document has already ended here; check the indentation, or begin a new document with '---'"
    case "found character that cannot start any token":
      return "a value cannot begin with \(character(in: text)); put it in quotes"
    case "found unknown escape character":
      return "in double quotes a backslash begins an escape, and this is not one; write \\\\ for a backslash, "
        + "or use single quotes"
    case "did not find expected hexdecimal number", "found invalid Unicode character escape code":
      return
        "in double quotes a backslash begins an escape, and this one names no character; write \\\\ for a backslash, "
        + "or use single quotes"
    case "did not find expected alphabetic or numeric character":
      let sign = context == "while scanning an alias" ? "'*' begins an alias" : "'&' begins an anchor"
      return "\(sign) and needs a name of letters and digits; put the value in quotes if the sign belongs to it"
    case "found undefined tag handle", "did not find expected tag URI", "did not find expected '!'",
      "did not find the expected '>'", "did not find expected whitespace or line break",
      "did not find URI escaped octet":
      return "'!' begins a tag, and this is not one; put the value in quotes if the sign belongs to it"
    case "did not find expected comment or line break", "found an indentation indicator equal to 0":
      return
        "after '|' or '>' only '+', '-', a digit from 1 to 9 and a comment may follow; the text begins on the next line"
    case "found incompatible YAML document":
      return "the %YAML directive asks for a version that is not read here; remove the line"
    default:
      return context.isEmpty ? problem : "\(problem) \(context) on \(opened)"
    }
  }

  /// The first tab in the leading blanks of the line in question, or of the one it continues.
  private func tabInIndentation(in text: SourceText) -> YAMLMark? {
    // Inside of quotes a tab may stand anywhere.
    if context.hasSuffix("quoted scalar") { return nil }
    let line = text.line(mark.line)
    let blanks = line.prefix { $0 == " " || $0 == "\t" }
    guard blanks.count < line.count, let tab = blanks.firstIndex(of: "\t") else { return nil }
    return YAMLMark(source: mark.source, line: mark.line, column: tab + 1)
  }

  private func template(in text: SourceText) -> YAMLMark? {
    let lines = contextMark.line == mark.line ? [mark.line] : [mark.line, contextMark.line]
    for number in lines {
      let line = text.line(number)
      if let column = line.indices.dropLast().first(where: { line[$0] == "{" && line[$0 + 1] == "{" }) {
        return YAMLMark(source: mark.source, line: number, column: column + 1)
      }
    }
    return nil
  }

  /// Marks that version control leaves in a file, near the problem.
  private func mergeConflict(in text: SourceText) -> YAMLMark? {
    for number in [contextMark.line, mark.line - 1, mark.line, mark.line + 1] {
      let line = text.line(number)
      for sign in "<=>".unicodeScalars where line.count >= 7 && line.prefix(7).allSatisfy({ $0 == sign }) {
        return YAMLMark(source: mark.source, line: number, column: 1)
      }
    }
    return nil
  }

  /// The colon of a line such as `key:value`, which reads as text that goes on.
  private func keyWithoutBlank(onLine number: Int, in text: SourceText) -> YAMLMark? {
    let line = text.line(number)
    guard let colon = line.firstIndex(of: ":"), colon + 1 < line.count, line[colon + 1] != " ", line[colon + 1] != "/"
    else {
      return nil
    }
    let key = line[..<colon].drop { $0 == " " || $0 == "-" }
    guard !key.isEmpty, key.allSatisfy({ $0.properties.isAlphabetic || "0123456789_-.".unicodeScalars.contains($0) })
    else {
      return nil
    }
    return YAMLMark(source: mark.source, line: number, column: colon + 1)
  }

  private func isFirstOfItsLine(in text: SourceText) -> Bool {
    text.line(mark.line).prefix(mark.column - 1).allSatisfy { $0 == " " }
  }

  private func character(in text: SourceText) -> String {
    let line = text.line(mark.line)
    guard line.indices.contains(mark.column - 1) else { return "this character" }
    let scalar = line[mark.column - 1]
    return scalar == "\t" ? "a tab" : "'\(scalar)'"
  }
}
