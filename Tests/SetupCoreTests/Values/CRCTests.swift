import Testing

@testable import SetupCore

@Suite("Checksums that a shell computes as well")
struct CRCTests {
  @Test(
    "They are those of cksum",
    arguments: [[], [0], Array("123456789".utf8), Array(repeating: 255, count: 70_000), Array("a: {b: 1}\n".utf8)])
  func cksum(_ bytes: [UInt8]) async throws {
    let result = try await Processes.live(environment: ["PATH": "/usr/bin:/bin"]).run(
      ProcessCommand("cksum", input: bytes, deadline: .seconds(10)))
    #expect(CRC.cksum(bytes) + "\n" == result.output)
  }
}
