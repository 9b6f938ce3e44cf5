import FoundationEssentials

/// Makes tar archives member by member, also such as tar itself would not make.
public struct TarBuilder: Sendable {
  /// A member as it is stored.
  public struct Member: Sendable, Codable {
    /// The type flag of the format.
    public enum Kind: String, Sendable, Codable {
      case file = "0"
      case hardLink = "1"
      case symbolicLink = "2"
      case characterDevice = "3"
      case blockDevice = "4"
      case directory = "5"
      case pipe = "6"
      case unknown = "Z"
    }

    var name: String
    var kind: Kind
    var link: String
    var text: String
    var mode: Int
    /// The size that the header claims; nil: the text's.
    var claimed: UInt64?
  }

  private var members: [Member] = []

  /// An archive without members.
  public init() {}

  /// Adds a member.
  public func adding(
    _ name: String, _ kind: Member.Kind = .file, link: String = "", text: String = "x", mode: Int = 0o644,
    claimed: UInt64? = nil
  ) -> TarBuilder {
    var builder = self
    builder.members.append(
      Member(name: name, kind: kind, link: link, text: kind == .file ? text : "", mode: mode, claimed: claimed))
    return builder
  }

  /// Writes it, compressed as the name's ending says; `lacksEnd`: without the blocks of zeros at its end.
  @discardableResult
  public func write(to path: String, lacksEnd: Bool = false) async throws -> String {
    let script = """
      import io, json, sys, tarfile, gzip, lzma
      path, lacks_end = sys.argv[1], sys.argv[2] == "true"
      out = io.BytesIO()
      for member in json.load(sys.stdin):
          info = tarfile.TarInfo(member["name"])
          content = member["text"].encode()
          info.type, info.linkname, info.mode = member["kind"].encode(), member["link"], member["mode"]
          info.size = member.get("claimed") or len(content)
          out.write(info.tobuf(tarfile.GNU_FORMAT))
          out.write(content + bytes(-len(content) % 512))
      if not lacks_end:
          out.write(bytes(1024))
          out.write(bytes(-out.tell() % 10240))
      opener = gzip.open if path.endswith("gz") else lzma.open if path.endswith("xz") else open
      with opener(path, "wb") as file:
          file.write(out.getvalue())
      """
    let python = try TestProgram("python3", debianPackage: "python3")
    let input = String(decoding: try JSONEncoder().encode(members), as: UTF8.self)
    try await python.run(["-c", script, path, "\(lacksEnd)"], input: input)
    return path
  }
}
