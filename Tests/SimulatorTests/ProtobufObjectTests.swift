import Foundation
import Kubernetes
import Testing

@testable import Simulator

@Suite("Kubernetes protobuf, as Go's clients write it")
struct ProtobufObjectTests {
  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Fixtures/Simulator/protobuf")

  private static func fixture(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: fixtures.appending(path: name)))
  }

  @Test("A Secret that Helm recorded reads as its JSON would")
  func readsASecret() throws {
    let secret = try ProtobufObject.decode(Self.fixture("release-secret"))
    #expect(secret["kind"] == .string("Secret"))
    #expect(secret["apiVersion"] == .string("v1"))
    #expect(secret["type"] == .string("helm.sh/release.v1"))
    #expect(secret["metadata"]?["name"] == .string("sh.helm.release.v1.rel.v1"))
    #expect(secret["metadata"]?["labels"]?["owner"] == .string("helm"))
    #expect(secret["metadata"]?["labels"]?["status"] == .string("pending-install"))
    // The release is base64 of a gzip file, and as a Secret's data it is base64 once more.
    let release = try #require(secret["data"]?["release"]?.string.flatMap { Data(base64Encoded: $0) })
    let archive = try #require(Data(base64Encoded: release))
    #expect(archive.starts(with: [0x1F, 0x8B, 0x08]))
  }

  @Test("An object cut short anywhere is an error, not a crash", arguments: [3, 4, 5, 20, 60, 200])
  func refusesTruncation(length: Int) throws {
    let body = try Self.fixture("release-secret").prefix(length)
    #expect(throws: ProtobufError.self) { try ProtobufObject.decode(Array(body)) }
  }

  @Test("What is no protobuf, or of another kind, is refused in words")
  func refusesOtherBodies() {
    #expect(throws: ProtobufError(message: "provided data does not appear to be a protobuf message")) {
      try ProtobufObject.decode(Array("{}".utf8))
    }
    // An envelope of apiVersion v1, kind Pod, with empty content.
    let pod: [UInt8] =
      [0x6B, 0x38, 0x73, 0x00, 0x0A, 0x09, 0x0A, 0x02] + Array("v1".utf8) + [0x12, 0x03] + Array("Pod".utf8)
      + [0x12, 0x00]
    #expect(throws: ProtobufError(message: "the simulator reads no protobuf of kind Pod")) {
      try ProtobufObject.decode(pod)
    }
  }
}
