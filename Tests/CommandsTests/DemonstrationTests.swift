import SetupCore
import TestSupport
import Testing

@testable import Commands

@Suite("The simulated world")
struct DemonstrationTests {
  @Test("It installs a packed chart with one of its examples, and keeps what it unpacks to itself")
  func packedChart() async throws {
    try await withScratchDirectory { folder in
      let plan = await Demonstration.run(["plan", "--demo"], in: folder)
      #expect(plan.code == 0, "\(plan)")
      let own = ".local/state/mlops-setup/demo"
      let chart = folder.file("agent-2.1.0.tgz")
      try await PackedChart(changes: ["examples/lab.yaml": "managementAgent: {logLevel: DEBUG}\n"]).write(to: chart)
      let answers = String(decoding: try folder.read("\(own)/answers.yaml"), as: UTF8.self)
        .replacing(#/\.\/datarobot-management-agent/#, with: "\(chart), example: lab.yaml")
      try folder.write(answers, to: "\(own)/packed.yaml")
      let packed = await Demonstration.run(["plan", "--demo", "--answers", "\(own)/packed.yaml"], in: folder)
      #expect(packed.out.contains("example: managementAgent.logLevel: \"INFO\" -> \"DEBUG\""), "\(packed)")
      #expect(try Files.live.list(folder.path) == [".local", "agent-2.1.0.tgz"])
      let ending = await Demonstration.run(["--demo", "--answers", "\(own)/packed.yaml"], in: folder)
      #expect(ending.code == 0, "\(ending)")
      #expect(ending.out.contains("The agent is installed."), "\(ending)")
    }
  }
}
