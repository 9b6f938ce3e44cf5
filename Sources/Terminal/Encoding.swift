import Glibc
import Screen

/// What the effective locale says about the terminal's encoding, and what is drawn because of it.
struct Encoding: Equatable {
  /// The characters to draw with.
  var glyphs: GlyphSet
  /// The locale to use for LC_CTYPE after all, or nil to keep the one in effect.
  var override: String?

  /// The rule. `codeset` is that of the locale in effect; `accepted` whether the environment's locale exists here.
  ///
  /// A locale that names UTF-8 but is not installed (usual over ssh) still says that the terminal is UTF-8. In a locale of
  /// another encoding only ASCII is drawn, so C.UTF-8 can do no harm there and lets typed UTF-8 arrive whole.
  static func choose(environment: [String: String], codeset: String, accepted: Bool) -> Encoding {
    // The console's font has 256 or 512 glyphs: lines perhaps, marks and spinners not.
    let wanted: GlyphSet = environment["TERM"] == "linux" ? .ascii : .unicode
    if isUTF8(codeset) { return Encoding(glyphs: wanted, override: nil) }
    let named = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    let names = named.split(separator: ".", maxSplits: 1).last.map { $0.prefix { $0 != "@" } } ?? ""
    if !accepted, named.contains("."), isUTF8(String(names)) { return Encoding(glyphs: wanted, override: "C.UTF-8") }
    return Encoding(glyphs: .ascii, override: "C.UTF-8")
  }

  private static func isUTF8(_ codeset: String) -> Bool {
    ["utf-8", "utf8"].contains(codeset.lowercased())
  }

  /// Sets LC_CTYPE from the process' environment and chooses. Only LC_CTYPE: numbers and messages stay as they are.
  static func apply(environment: [String: String]) -> Encoding {
    let accepted = setlocale(LC_CTYPE, "") != nil
    let codeset = String(cString: nl_langinfo(Int32(CODESET)))
    var choice = choose(environment: environment, codeset: codeset, accepted: accepted)
    if let override = choice.override, setlocale(LC_CTYPE, override) == nil { choice.glyphs = .ascii }
    return choice
  }
}
