import FoundationEssentials
import Kubernetes
import Testing

@Suite("Versions and times")
struct VersionTests {
  @Test(
    "A server's version is read through its vendor's decorations",
    arguments: [
      ("1", "24", "v1.24.0+0", "1.24.0+0", ServerVersion.Vendor.other),
      ("1", "29+", "v1.29.4-eks-036c24b", "1.29.4", .eks), ("1", "30+", "v1.30.5-gke.1014001", "1.30.5", .gke),
      ("1", "30", "v1.30.2+k3s1", "1.30.2+k3s1", .k3s), ("1", "28", "v1.28.10+rke2r1", "1.28.10+rke2r1", .rke2),
      ("", "", "v1.27.3", "1.27.3", .other), ("1", "32+", "", "1.32.0", .other),
      ("1", "35", "v1.35.0-alpha.1", "1.35.0-alpha.1", .other), ("1", "21", "v1.21", "1.21.0", .other),
    ])
  func server(major: String, minor: String, git: String, expected: String, vendor: ServerVersion.Vendor) throws {
    let version = ServerVersion(major: major, minor: minor, gitVersion: git)
    #expect(version.version?.description == expected)
    #expect(version.vendor == vendor)
  }

  @Test("A server's version without numbers is none")
  func noVersion() { #expect(ServerVersion(major: "", minor: "x", gitVersion: "devel").version == nil) }

  @Test("Versions are ordered as semver.org orders them")
  func order() throws {
    let texts = [
      "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
      "v1.0.0", "1.0.1", "1.2", "1.10.0", "v4.0.0-rc.1", "4",
    ]
    let versions = try texts.map { try #require(SemanticVersion($0), "\($0)") }
    for (index, version) in versions.enumerated() {
      for later in versions[(index + 1)...] { #expect(version < later) }
    }
    #expect(SemanticVersion("1.2.3+a") == SemanticVersion("1.2.3+b"))
  }

  @Test(
    "What is no version is none",
    arguments: ["", "v", "1.2.3.4", "a.b", "1.-2", "1.2.3-", "1.2.3-a..b", "1.2.3+", "1..2"])
  func notAVersion(text: String) { #expect(SemanticVersion(text) == nil) }

  @Test(
    "Times of RFC 3339 are read to the second since 1970",
    arguments: [
      ("1970-01-01T00:00:00Z", 0), ("2026-11-23T22:34:52Z", 1_795_473_292), ("2000-02-29T12:00:00Z", 951_825_600),
      ("2026-11-23T23:34:52+01:00", 1_795_473_292), ("2026-11-23T17:04:52-05:30", 1_795_473_292),
      ("2026-11-23T22:34:52.5Z", 1_795_473_292.5), ("1969-12-31T23:59:59Z", -1),
      ("2100-03-01T00:00:00Z", 4_107_542_400),
    ] as [(String, Double)])
  func rfc3339(text: String, seconds: Double) { #expect(Timestamp.rfc3339(text)?.timeIntervalSince1970 == seconds) }

  @Test(
    "What is no time is none",
    arguments: [
      "", "2026-11-23", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-23T22:34:52", "2026-11-23T22:34:52.Z",
      "2026-11-23T22:34:52Zx",
    ])
  func notATime(text: String) { #expect(Timestamp.rfc3339(text) == nil) }

  @Test("HTTP dates are read")
  func http() {
    #expect(Timestamp.http("Sun, 06 Nov 1994 08:49:37 GMT")?.timeIntervalSince1970 == 784_111_777)
    #expect(Timestamp.http("yesterday") == nil)
  }
}
