import FoundationEssentials
import TestSupport
import Testing

@Suite("Preflight of simulated clusters", .serialized)
struct SimulatedClusterTests {
  @Test("Says of each what its administrator would say, and changes nothing", arguments: SimulatedCluster.all)
  func report(_ simulated: SimulatedCluster) async throws {
    let ending = try await ClusterStage.preflight(simulated)
    let report = try ClusterReport(ending)
      .text
      .replacing(Stage.repository, with: "REPOSITORY")
      .replacing(/127\.0\.0\.1:[0-9]+/, with: "127.0.0.1:PORT")
    let difference = try goldenDifference("Clusters/\(simulated.name).txt", report)
    #expect(difference == nil, "\(difference ?? "")\n\(ending.progress)")
    #expect(ending.writes == [])
    // What was given up before it was answered is not logged.
    #expect(!ending.requests.isEmpty || ending.code == 5)
    #expect(ending.openUploads == 0)
  }

  @Test("Each has a name of its own") func names() {
    #expect(Set(SimulatedCluster.all.map(\.name)).count == SimulatedCluster.all.count)
  }
}

/// A report a line a check, without what changes from run to run.
private struct ClusterReport {
  private struct Document: Decodable {
    struct Item: Decodable {
      struct Remedy: Decodable {
        var text: String
        var command: String?
      }

      var id: String
      var status: String
      var blocking: Bool
      var observed: String
      var message: String
      var remedy: Remedy?
    }

    var result: String
    var checks: [Item]
  }

  let text: String

  init(_ ending: ClusterStage.Ending) throws {
    let document = try JSONDecoder().decode(Document.self, from: Data(ending.document.utf8))
    var lines = ["\(document.result), exit \(ending.code)"]
    for check in document.checks {
      lines.append("\(check.status) \(check.id): \(check.message)")
      guard !["pass", "skipped"].contains(check.status) else { continue }
      lines.append("  observed: \(check.observed)")
      if let remedy = check.remedy { lines.append("  remedy: \(remedy.text)") }
      if let command = check.remedy?.command { lines.append("  $ \(command)") }
    }
    text = lines.map { $0 + "\n" }.joined()
  }
}
