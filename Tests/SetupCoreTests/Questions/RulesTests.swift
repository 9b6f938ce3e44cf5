import TestSupport
import Testing
import Text

@testable import SetupCore

@Suite("Rules for answers")
struct RulesTests {
  private static let labelRule = "must be lower-case letters, digits and '-', and begin and end with a letter or digit"
  private static let subdomainRule =
    "must be lower-case letters, digits, '-' and '.', and each part begin and end with a letter or digit"

  @Test(
    "A namespace is an RFC 1123 label",
    arguments: [
      ("a", nil), ("datarobot-mlops", nil), ("0a", nil), (String(repeating: "a", count: 63), nil),
      (String(repeating: "a", count: 64), "has 64 characters; 63 are allowed"), ("", labelRule), ("-a", labelRule),
      ("a-", labelRule), ("A", labelRule), ("a_b", labelRule), ("a.b", labelRule), ("ä", labelRule), ("a b", labelRule),
      ("..", labelRule), ("٣", labelRule),
    ] as [(String, String?)])
  func labels(_ name: String, _ problem: String?) {
    #expect(KubernetesNames.labelProblem(name) == problem)
  }

  @Test(
    "Most names are RFC 1123 subdomains, a release's at most 53 characters long",
    arguments: [
      ("a.b-c.d", nil, nil), ("nginx", nil, nil), ("a..b", subdomainRule, subdomainRule),
      (".a", subdomainRule, subdomainRule), ("a.-b", subdomainRule, subdomainRule), ("", subdomainRule, subdomainRule),
      (String(repeating: "a", count: 53), nil, nil),
      (String(repeating: "a", count: 54), nil, "has 54 characters; Helm allows 53"),
      (String(repeating: "a", count: 253), nil, "has 253 characters; Helm allows 53"),
      (
        String(repeating: "a", count: 254), "has 254 characters; 253 are allowed",
        "has 254 characters; Helm allows 53"
      ),
    ] as [(String, String?, String?)])
  func subdomains(_ name: String, _ subdomain: String?, _ release: String?) {
    #expect(KubernetesNames.subdomainProblem(name) == subdomain)
    #expect(KubernetesNames.releaseProblem(name) == release)
  }

  @Test(
    "A web address has a scheme and a host, and no password and no blanks",
    arguments: [
      ("https://app.datarobot.com", nil), ("http://10.0.0.1:8080/x?y#z", nil), ("https://[::1]/", nil),
      ("app.datarobot.com", "must begin with https:// or http://"), ("", "must begin with https:// or http://"),
      ("ftp://x", "must begin with https:// or http://"), ("https://", "names no host"),
      ("https:///path", "names no host"),
      ("https://user:pw@host/", "must not hold a user or password"), ("https://host/a@b", nil),
      ("https://ho st/", "must not hold blanks"), ("https://host/\n", "must not hold blanks"),
    ] as [(String, String?)])
  func web(_ url: String, _ problem: String?) {
    #expect(URLRules.webProblem(url) == problem)
  }

  @Test(
    "An outfacing URL's host must not look like an address to the agent unless it is one",
    arguments: [
      ("https://models.example.com/deployments/", true), ("https://10.1.2.3/x", true),
      ("https://10.1.2.3:8080/x", true),
      ("https://3models.example.com/", false), ("https://.example.com/", false), ("http://7.example.com:80/", false),
      ("models.example.com", false),
    ])
  func outfacing(_ url: String, _ isGood: Bool) {
    #expect((URLRules.outfacingProblem(url) == nil) == isGood, "\(URLRules.outfacingProblem(url) ?? "")")
  }

  @Test(
    "Durations are read as Go reads them",
    arguments: [
      ("10m", Duration.seconds(600)), ("1h30m", .seconds(5400)), ("90s", .seconds(90)), ("1.5h", .seconds(5400)),
      ("300ms", .milliseconds(300)), ("1m0.5s", .milliseconds(60500)), (".5s", .milliseconds(500)), ("", nil),
      ("10", nil),
      ("m", nil), ("-5m", nil), ("0s", nil), ("0", nil), ("10 m", nil), ("1d", nil), ("ten", nil), ("1..5s", nil),
      ("1m 30s", nil), ("٣m", nil), ("99999999999999h", nil), ("infs", nil), ("1e3s", nil),
    ] as [(String, Duration?)])
  func durations(_ text: String, _ expected: Duration?) {
    #expect(GoDuration(text)?.duration == expected)
  }
}
