import Testing

@testable import SetupCore

@Suite("A line of tar's listing")
struct TarMemberTests {
  private static let cases: [(String, TarMember.Kind, String, UInt64)] = [
    (#"block 0: drwxr-xr-x 0/0               0 1970-01-01 00:00:00 "pkg/""#, .directory, "pkg/", 0),
    (#"block 1: -rw-r--r-- 1000/1000 10737418240 2026-11-24 09:19:25.980300171 "pkg/a b""#, .file, "pkg/a b", 10 << 30),
    (#"block 2: -rw-r--r-- 0/0 1 1970-01-01 00:00:00 "a\" -> \"b""#, .file, #"a" -> "b"#, 1),
    (#"block 3: -rw-r--r-- 0/0 1 1970-01-01 00:00:00 "a\n\r\t\033\\x""#, .file, "a\n\r\t\u{1b}\\x", 1),
    (#"block 3: -rw-r--r-- 0/0 1 1970-01-01 00:00:00 "\303\2749""#, .file, "ü9", 1),
    (
      #"block 4: lrw-r--r-- 0/0 0 1970-01-01 00:00:00 "l" -> "a\" -> \"c""#,
      .symbolicLink(target: #"a" -> "c"#), "l", 0
    ),
    (
      #"block 5: hrw-r--r-- 0/0 0 1970-01-01 00:00:00 "h" link to "a b""#, .hardLink(target: "a b"), "h", 0
    ),
    (#"block 6: crw-rw-rw- 0/0 1,3 1970-01-01 00:00:00 "dev/null""#, .other("a device"), "dev/null", 0),
    (#"block 7: brw-rw---- 0/6 8,0 1970-01-01 00:00:00 "dev/sda""#, .other("a device"), "dev/sda", 0),
    (#"block 8: prw-r--r-- 0/0 0 1970-01-01 00:00:00 "p""#, .other("a named pipe"), "p", 0),
    (
      #"block 9: ?rw-r--r-- 0/0 1 1970-01-01 00:00:00 "u" unknown file type 'Z'"#,
      .other("of a kind that is not known"), "u", 0
    ),
    (
      #"block 9: Vrw-r--r-- 0/0 0 1970-01-01 00:00:00 "v"--Volume Header--"#, .other("of a kind that is not known"),
      "v", 0
    ),
    // A time beyond what the system can tell is written as a number.
    (#"block 9: -rw-r--r-- 0/0 7 67768036191676800 "late""#, .file, "late", 7),
  ]

  @Test("A member is read, whatever its name is", arguments: cases)
  func member(line: String, kind: TarMember.Kind, path: String, size: UInt64) {
    #expect(TarMember.read(line) == .member(TarMember(kind: kind, path: path, size: size)))
  }

  @Test("The end is told apart from a missing one")
  func end() {
    #expect(TarMember.read("block 41: ** Block of NULs **") == .end)
    #expect(TarMember.read("block 41: ** End of File **") == .missingEnd)
  }

  @Test(
    "What is no line of a listing is none",
    arguments: [
      "", "block 1:", "tar: something", #"block 1: -rw-r--r-- 0/0 1 1970-01-01 00:00:00 "open"#,
      #"block 1: -rw-r--r-- 0/0 big 1970-01-01 00:00:00 "a""#, #"block 1: -rw-r--r-- 0/0 1 1970-01-01 "a" b"#,
      #"block 1: lrw-r--r-- 0/0 0 1970-01-01 00:00:00 "a""#, #"block 1: -rw-r--r-- 0/0 1 1970-01-01 00:00:00 "\9""#,
      #"block 1: -rw-r--r-- 0/0 1 1970-01-01 00:00:00 "ü""#, #"block 1: "a""#,
      #"block 1: -rw-r--r-- 0/0 99999999999999999999999 1970-01-01 00:00:00 "a""#,
    ])
  func nothing(line: String) {
    #expect(TarMember.read(line) == nil)
  }
}
