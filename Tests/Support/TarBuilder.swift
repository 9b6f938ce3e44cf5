import FoundationEssentials

/// Makes tar archives member by member, also such as tar itself would not make.
public struct TarBuilder: Sendable {
  /// The type flag of the format.
  public enum Kind: Character, Sendable {
    case file = "0"
    case hardLink = "1"
    case symbolicLink = "2"
    case characterDevice = "3"
    case blockDevice = "4"
    case directory = "5"
    case pipe = "6"
    case unknown = "Z"
  }

  private var bytes: [UInt8] = []

  /// An archive without members.
  public init() {}

  /// Adds a member. `claimed`: the size in its header where that is not the text's.
  public func adding(
    _ name: String, _ kind: Kind = .file, link: String = "", text: String = "x", mode: Int = 0o644,
    claimed: UInt64? = nil
  ) -> TarBuilder {
    var builder = self
    let content = kind == .file ? Array(text.utf8) : []
    // GNU's way for what does not fit a header: a member of its own before it.
    for (value, flag) in [(name, Character("L")), (link, "K")] where value.utf8.count > 100 {
      let long = Array(value.utf8) + [0]
      builder.bytes += Self.header("././@LongLink", flag, link: "", mode: 0, size: UInt64(long.count))
      builder.bytes += Self.padded(long)
    }
    builder.bytes += Self.header(name, kind.rawValue, link: link, mode: mode, size: claimed ?? UInt64(content.count))
    builder.bytes += Self.padded(content)
    return builder
  }

  /// A header block as GNU tar lays it out.
  private static func header(_ name: String, _ flag: Character, link: String, mode: Int, size: UInt64) -> [UInt8] {
    var block = [UInt8](repeating: 0, count: 512)
    func put(_ bytes: some Sequence<UInt8>, _ offset: Int, limit: Int) {
      for (index, byte) in bytes.enumerated().prefix(limit) { block[offset + index] = byte }
    }
    func octal(_ value: UInt64, digits: Int) -> [UInt8] {
      let text = String(value, radix: 8)
      return Array((String(repeating: "0", count: max(0, digits - text.count)) + text).utf8)
    }
    put(name.utf8, 0, limit: 100)
    put(octal(UInt64(mode), digits: 7), 100, limit: 8)
    for offset in [108, 116] { put(octal(0, digits: 7), offset, limit: 8) }
    if size < 1 << 33 {
      put(octal(size, digits: 11), 124, limit: 12)
    } else {
      // What does not fit its octal digits is binary.
      block[124] = 0x80
      put((0..<8).reversed().map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }, 128, limit: 8)
    }
    put(octal(0, digits: 11), 136, limit: 12)
    put(Array("        ".utf8), 148, limit: 8)
    put("\(flag)".utf8, 156, limit: 1)
    put(link.utf8, 157, limit: 100)
    put("ustar  ".utf8, 257, limit: 8)
    let sum = block.reduce(0) { $0 + UInt64($1) }
    put(octal(sum, digits: 6) + [0], 148, limit: 8)
    return block
  }

  private static func padded(_ content: [UInt8]) -> [UInt8] {
    content + [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
  }

  /// Writes it, compressed as the name's ending says; `lacksEnd`: without the blocks of zeros at its end.
  @discardableResult
  public func write(to path: String, lacksEnd: Bool = false) async throws -> String {
    let end = lacksEnd ? 0 : 1024 + (10240 - (bytes.count + 1024) % 10240) % 10240
    try Data(bytes + [UInt8](repeating: 0, count: end)).write(to: URL(filePath: path))
    for (suffix, program, package) in [("gz", "gzip", "gzip"), ("xz", "xz", "xz-utils")] where path.hasSuffix(suffix) {
      // The name decides what the program calls its own result.
      let plain = path + ".plain"
      try FileManager.default.moveItem(atPath: path, toPath: plain)
      try await TestProgram(program, debianPackage: package).run(["--suffix=.packed", "--", plain])
      try FileManager.default.moveItem(atPath: plain + ".packed", toPath: path)
    }
    return path
  }
}
