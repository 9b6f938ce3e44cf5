/// Text for a POSIX shell.
public enum Shell {
  /// One word, quoted where the shell would read it as anything else.
  public static func quote(_ word: String) -> String {
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "-_./:=,@%+".utf8.contains(byte)
        }
      }
    return isPlain
      ? word : "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }

  /// A command that reads a text, which stands below it as it is.
  public static func hereDocument(_ text: String, to command: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var end = "END"
    while lines.contains(where: { $0 == end }) { end += "_" }
    return "\(command) <<'\(end)'\n\(text)\(text.hasSuffix("\n") ? "" : "\n")\(end)"
  }

  /// A command line.
  public static func line(_ words: [String]) -> String { words.map(quote).joined(separator: " ") }
}
