import Kubernetes
import SetupCore
import TestSupport
import Testing

@testable import Commands

@Suite("mlops-setup verify")
struct VerifyCommandTests {
  /// Runs the program with a demonstration's files in a folder of the test.
  private static func demo(_ arguments: String...) async throws -> ProgramEnding {
    try await withScratchDirectory { await Demonstration.run(["verify"] + arguments, in: $0) }
  }

  @Test("An agent that is installed and well is green, in words that stay the same")
  func installed() async throws {
    let ending = try await Self.demo("--demo", "installed")
    #expect(ending.code == 0, "\(ending)")
    if let difference = try goldenDifference("Commands/verify-installed.txt", ending.out) {
      Issue.record("\(difference)")
    }
  }

  @Test("A broken one is red where it is broken, and only there")
  func broken() async throws {
    let ending = try await Self.demo("--demo", "installed-broken", "--format", "short")
    #expect(ending.code == 3, "\(ending)")
    let lines = ending.out.split(separator: "\n")
    #expect(lines.count == 3, "\(ending.out)")
    #expect(
      lines[0].hasPrefix(
        "fail     agent.logs: The cluster does not let system:serviceaccount:datarobot-mlops:bosun-datarobot-management-agent"
      ))
    #expect(lines[1].hasPrefix("fail     agent.builder: The image builder may not push to registry.demo.example/"))
    #expect(!ending.out.contains("demo-password") && !ending.out.contains("demo-token"))
  }

  @Test("Where nothing is installed, one check says so and the others leave it to that")
  func nothing() async throws {
    let ending = try await Self.demo("--demo", "--format", "json")
    #expect(ending.code == 3, "\(ending)")
    #expect(try await Validator.problems(ofJSON: ending.out, schema: PreflightReportSchema.text) == "")
    let root = try JSONText.parse(Array(ending.out.utf8))
    #expect(root["kind"] == "VerifyReport")
    let failed = (root["checks"]?.array ?? []).filter { $0["status"] == "fail" }
    #expect(failed.map { $0["id"]?.string } == ["agent.release"], "\(failed)")
  }

  @Test(
    "The formats are preflight's, under its own name",
    arguments: [
      ("junit", "<testsuites name=\"mlops-setup verify\""), ("markdown", "### Verification of context prod"),
      ("text", "Verification of context prod"), ("json", "\"kind\": \"VerifyReport\""),
    ])
  func formats(_ format: String, _ text: String) async {
    let ending = await PreflightStage().run("--check", "cluster.reachable", "--format", format, verb: ["verify"])
    #expect(ending.code == 0, "\(ending)")
    #expect(ending.out.contains(text), "\(ending.out)")
  }

  @Test("Its list and its options know its own checks, and preflight's know none of them")
  func lists() async throws {
    let list = await PreflightStage().run("--list", "--format", "json", verb: ["verify"])
    let ids = try JSONText.parse(Array(list.out.utf8))["checks"]?.array?.map { $0["id"]?.string }
    #expect(ids == Inspection.verify.all.map(\.id.name))
    #expect(ids?.contains("agent.builder") == true)
    let wrong = await PreflightStage().run("--check", "nodes.fit", verb: ["verify"])
    #expect(wrong.code == 2)
    #expect(wrong.progress.contains("--check nodes.fit: there is no such check or category"))
    let other = await PreflightStage().run("--check", "agent.builder")
    #expect(other.code == 2, "preflight never writes")
    let schema = await PreflightStage().run("--schema", verb: ["verify"])
    #expect(schema.out == PreflightReportSchema.text)
  }

  @Test("A baseline of preflight is not one of verify")
  func baseline() async {
    let stage = PreflightStage()
    stage.files.put("/home/admin/work/old.json", ReportSamples.good.json())
    let ending = await stage.run("--baseline", "old.json", verb: ["verify"])
    #expect(ending.code == 2)
    #expect(
      ending.progress.contains(
        "the baseline old.json cannot be read: its kind is PreflightReport, not VerifyReport\n"
          + "Name a report that verify --format json wrote."), "\(ending.progress)")
  }
}
