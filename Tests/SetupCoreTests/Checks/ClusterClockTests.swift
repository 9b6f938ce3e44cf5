import FoundationEssentials
import HTTP
import Kubernetes
import TestSupport
import Testing

@testable import SetupCore

@Suite("The check of the clocks")
struct ClusterClockTests {
  private static let server = Date(timeIntervalSince1970: 1_800_000_000)

  private static func found(ahead: Double, roundTrip: Double = 0.2) throws -> Finding {
    // The server reads its clock in the middle of its second.
    let asked = server.addingTimeInterval(0.5 + ahead - roundTrip / 2)
    let clock = try #require(ClockReading(server, asked: asked, answered: asked.addingTimeInterval(roundTrip)))
    return finding(.clusterClock) { $0.clock = .seen(clock) }
  }

  @Test(
    "Up to one minute passes, up to five warn, more fails; half of the round trip is allowed for",
    arguments: [
      (0.0, 0.2, FindingStatus.pass), (60, 0.2, .pass), (-60, 0.2, .pass), (61, 0.2, .warn), (-61, 0.2, .warn),
      (63, 10, .pass), (66, 10, .warn), (300, 0.2, .warn), (301, 0.2, .fail), (-301, 0.2, .fail), (86_400, 0.2, .fail),
      (304, 10, .warn),
    ])
  func limits(_ ahead: Double, _ roundTrip: Double, _ expected: FindingStatus) throws {
    #expect(try Self.found(ahead: ahead, roundTrip: roundTrip).status == expected)
  }

  @Test("It says how far, in which direction, how sure, and what both clocks said")
  func evidence() throws {
    let found = try Self.found(ahead: -432)
    #expect(found.status == .fail)
    #expect(found.observed == "7 min 12 s behind the API server's clock, give or take 0.6 s")
    #expect(found.message == "This machine's clock is 7 min 12 s behind the API server's: logins will be refused.")
    #expect(found.details.first == "API server: 2027-01-15T08:00:00Z (Date header, whole seconds)")
    #expect(found.remedy?.command == "timedatectl status")
    #expect(try Self.found(ahead: 120).message == "This machine's clock is 2 min ahead of the API server's.")
    #expect(try Self.found(ahead: 0).message == "The clocks agree within 1 s.")
  }

  @Test("An answer without a time, or one that took minutes, proves nothing and is unknown")
  func unknown() throws {
    let none = finding(.clusterClock) { $0.clock = .seen(nil) }
    #expect(none.status == .unknown)
    #expect(none.observed == "no Date header")
    let slow = try Self.found(ahead: 30, roundTrip: 180)
    #expect(slow.status == .unknown)
    #expect(slow.message == "The API server took 3 min 1 s to answer: too long to compare the clocks.")
    #expect(finding(.clusterClock) { $0.clock = .failed(ObservationFailure(.timedOut, "late")) }.status == .unknown)
  }

  @Test("The Date header of a real exchange is what is compared")
  func probe() async throws {
    let cluster = try ScriptedCluster { request in
      guard request.url.hasSuffix("/version") else { return nil }
      return .text(
        200, #"{"major":"1","minor":"36","gitVersion":"v1.36.1"}"#,
        headers: ["Content-Type": "application/json", "Date": "Fri, 15 Jan 2027 07:50:00 GMT"])
    }
    let runner = CheckRunner(setup: try Samples.setup(http: cluster), checks: [.clusterReachable, .clusterClock])
    let found = try #require(await runner.run().results.last?.finding)
    #expect(found.status == .fail)
    #expect(found.observed == "10 min ahead of the API server's clock, give or take 0.5 s")
  }

  @Test("A refusal tells the time too; an answer that is no Kubernetes' does not", arguments: [401, 403, 500])
  func refused(_ status: Int) async throws {
    let cluster = try ScriptedCluster { request in
      guard request.url.hasSuffix("/version") else { return nil }
      return .text(
        status, #"{"kind":"Status","status":"Failure","code":\#(status)}"#,
        headers: ["Content-Type": "application/json", "Date": "Fri, 15 Jan 2027 07:50:00 GMT"])
    }
    let runner = CheckRunner(setup: try Samples.setup(http: cluster), checks: [.clusterCredentials, .clusterClock])
    let found = try #require(await runner.run().results.last?.finding)
    #expect(found.status == (status == 500 ? .unknown : .fail), "\(found)")
    if status != 500 { #expect(found.message.hasPrefix("This machine's clock is 10 min ahead of the API server's")) }
  }
}

extension ClusterSummary {
  /// A cluster of that version, seen on 2027-01-15.
  static func sample(
    _ git: String = "v1.36.1", server: String = Samples.server,
    at now: Date = Date(timeIntervalSince1970: 1_800_000_000)
  ) -> ClusterSummary {
    let version = ServerVersion(major: "", minor: "", gitVersion: git).version
    return ClusterSummary(
      context: "prod", server: server, gitVersion: git, major: version?.major ?? 0, minor: version?.minor ?? 0,
      serverDate: nil, localDate: now, credentials: .seen("admin"))
  }
}
