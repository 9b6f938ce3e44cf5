import Registry
import Testing

@Suite("Challenges")
struct ChallengeTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var fields: [String]
    var challenges: [Challenge]
    var testDescription: String { fields.joined(separator: " | ") }
  }

  static let bearer = Challenge(
    scheme: "bearer",
    parameters: ["realm": "https://auth.example.com/token", "service": "r.io", "scope": "repository:a/b:pull,push"])

  @Test(
    "WWW-Authenticate fields are read as they are written in the wild",
    arguments: [
      Case(fields: [], challenges: []),
      Case(fields: [""], challenges: []),
      Case(fields: ["Basic"], challenges: [Challenge(scheme: "basic")]),
      Case(
        fields: [#"Basic realm="Registry Realm""#],
        challenges: [Challenge(scheme: "basic", parameters: ["realm": "Registry Realm"])]),
      Case(
        fields: [
          #"Bearer realm="https://auth.example.com/token",service="r.io",scope="repository:a/b:pull,push""#
        ], challenges: [bearer]),
      Case(
        fields: [
          #"BEARER Realm = "https://auth.example.com/token" , SERVICE=r.io,scope="repository:a/b:pull,push""#
        ], challenges: [bearer]),
      Case(
        fields: [
          #"Basic realm="x, Bearer y", Bearer realm="https://auth.example.com/token",service="r.io","#
            + #"scope="repository:a/b:pull,push""#
        ], challenges: [Challenge(scheme: "basic", parameters: ["realm": "x, Bearer y"]), bearer]),
      Case(
        fields: ["Negotiate", #"Basic realm="x""#],
        challenges: [Challenge(scheme: "negotiate"), Challenge(scheme: "basic", parameters: ["realm": "x"])]),
      Case(
        fields: [#"Digest realm="a \"b\" \\c", nonce=1"#],
        challenges: [Challenge(scheme: "digest", parameters: ["realm": #"a "b" \c"#, "nonce": "1"])]),
      Case(
        fields: [#"Basic realm="one", realm="two""#],
        challenges: [Challenge(scheme: "basic", parameters: ["realm": "one"])]),
      Case(
        fields: [#"Basic realm="never closed"#],
        challenges: [Challenge(scheme: "basic", parameters: ["realm": "never closed"])]),
      Case(fields: [#"",=,,"=="#], challenges: []),
    ])
  func parse(_ example: Case) { #expect(Challenge.parse(example.fields) == example.challenges) }

  @Test("Any text at all is read to its end")
  func anyText() {
    let pieces = ["Bearer", "basic", " ", ",", "=", "\"", "\\", "realm", "https://a/b", "ä", "\t", "\u{0}", "scope"]
    for _ in 0..<5000 {
      let text = (0..<Int.random(in: 0...12)).map { _ in pieces[Int.random(in: 0..<pieces.count)] }.joined()
      #expect(Challenge.parse([text]).allSatisfy { !$0.scheme.isEmpty }, "\(text)")
    }
  }
}
