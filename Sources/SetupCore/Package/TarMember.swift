/// A member of a tar archive, as GNU tar's listing describes it.
struct TarMember: Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    case file
    case directory
    case symbolicLink(target: String)
    case hardLink(target: String)
    /// What nobody packs to hand it on, in words: "a device".
    case other(String)
  }

  var kind: Kind
  /// As it is stored, so it may be anything.
  var path: String
  /// Bytes once unpacked, holes of a sparse file included.
  var size: UInt64

  /// What a line of the listing is about.
  enum Line: Equatable {
    case member(TarMember)
    /// The blocks of zeros that end an archive.
    case end
    /// The archive stopped without them.
    case missingEnd
  }

  /// The options that make a listing which can be read without guessing: names in quotes, owners and times without words.
  static let listing = [
    "--list", "--verbose", "--block-number", "--full-time", "--numeric-owner", "--quoting-style=c", "--absolute-names",
  ]

  /// Reads a line of a listing made with these options; nil where it is none. For instance
  /// `block 3: lrwxrwxrwx 0/0 0 2026-01-31 12:00:00.5 "lib/a" -> "b"`.
  static func read(_ line: String) -> Line? {
    // In the C locale tar writes everything else as numbers.
    guard line.utf8.allSatisfy({ $0 < 0x80 }), line.hasPrefix("block ") else { return nil }
    var rest = line[...]
    // A block that is no header is counted, and nothing said of it on this line.
    while rest.hasPrefix("block "), let colon = rest.firstRange(of: ": ") { rest = rest[colon.upperBound...] }
    if rest == "** Block of NULs **" { return .end }
    if rest == "** End of File **" { return .missingEnd }
    // Nothing that stands before the name can hold a quote.
    guard let quote = rest.firstIndex(of: "\""), let (path, afterPath) = unquote(rest[quote...]) else { return nil }
    let words = rest[..<quote].split(separator: " ")
    guard words.count >= 4, let type = words[0].first else { return nil }
    func member(_ kind: Kind, size: UInt64 = 0) -> Line { .member(TarMember(kind: kind, path: path, size: size)) }
    switch type {
    case "-", "C":
      guard afterPath.isEmpty, let size = UInt64(words[2]) else { return nil }
      return member(.file, size: size)
    case "d": return afterPath.isEmpty ? member(.directory) : nil
    case "l": return target(afterPath, behind: " -> ").map { member(.symbolicLink(target: $0)) }
    case "h": return target(afterPath, behind: " link to ").map { member(.hardLink(target: $0)) }
    case "b", "c": return member(.other("a device"))
    case "p": return member(.other("a named pipe"))
    case "s": return member(.other("a socket"))
    default: return member(.other("of a kind that is not known"))
    }
  }

  private static func target(_ text: Substring, behind arrow: String) -> String? {
    guard text.hasPrefix(arrow), let (target, rest) = unquote(text.dropFirst(arrow.count)), rest.isEmpty else {
      return nil
    }
    return target
  }

  /// The text in C's quotes at the start, and what stands behind them.
  private static func unquote(_ text: Substring) -> (String, Substring)? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    guard rest.popFirst() == UInt8(ascii: "\"") else { return nil }
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\"") { return (String(decoding: bytes, as: UTF8.self), Substring(rest)) }
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      guard let escaped = rest.popFirst() else { return nil }
      if let plain = escapes[escaped] {
        bytes.append(plain)
      } else {
        let digits = [escaped] + rest.prefix(2)
        rest = rest.dropFirst(2)
        guard digits.count == 3, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8) else {
          return nil
        }
        bytes.append(value)
      }
    }
    return nil
  }

  private static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "\\"): UInt8(ascii: "\\"), UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "a"): 7,
    UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
    UInt8(ascii: "v"): 11,
  ]
}
