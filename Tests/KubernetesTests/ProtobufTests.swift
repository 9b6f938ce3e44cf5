import CustomDump
import FoundationEssentials
import Testing

@testable import Kubernetes

@Suite("Protobuf")
struct ProtobufTests {
  /// Reads a body in pieces of that size.
  static func read(
    _ body: [UInt8], piece: Int = .max, kind: String = "NodeList"
  ) throws -> (nodes: [Node], list: ProtobufListReader) {
    var list = ProtobufListReader(kind: kind)
    var decoder = NodeDecoder()
    var nodes: [Node] = []
    var rest = body[...]
    while !rest.isEmpty {
      let part = Array(rest.prefix(piece))
      rest = rest.dropFirst(part.count)
      // The rethrow of withUnsafeBytes is untyped.
      try part.withUnsafeBytes { piece in
        try list.take(piece) { bytes throws(ProtobufError) in nodes.append(try decoder.node(bytes)) }
      }
    }
    try list.finish()
    return (nodes, list)
  }

  @Test("A node says the same in protobuf as in JSON")
  func sameAsJSON() throws {
    let fromProtobuf = try Self.read(ProtobufWriter.list([ProtobufWriter.node("n1")])).nodes[0]
    var fromJSON = try JSON.decode(Node.self, Array(ProtobufWriter.nodeJSON("n1").utf8))
    #expect(fromJSON.metadata.annotations.count == 1)
    fromJSON.metadata = fromJSON.metadata.ofNode
    expectNoDifference(fromProtobuf, fromJSON)
  }

  @Test("The pieces in which a list arrives make no difference", arguments: [1, 2, 3, 7, 64, 1000, 16_384])
  func pieces(_ size: Int) throws {
    let items = (0..<5).map { ProtobufWriter.node("node-\($0)") }
    let (nodes, list) = try Self.read(ProtobufWriter.list(items, continuation: "more"), piece: size)
    #expect(nodes.map(\.metadata.name) == ["node-0", "node-1", "node-2", "node-3", "node-4"])
    #expect(nodes[4].status.allocatable["memory"]?.value == 15 << 30)
    #expect(list.continuation == "more")
    #expect(list.resourceVersion == "7")
  }

  @Test("An empty list is empty, and the last page has no continuation")
  func empty() throws {
    let (nodes, list) = try Self.read(ProtobufWriter.list([]))
    #expect(nodes.isEmpty)
    #expect(list.continuation == nil)
  }

  @Test("Fields that nobody knows are stepped over, whatever their type")
  func unknownFields() throws {
    let node = ProtobufWriter.message {
      $0.number(900, .max)
      $0.message(1) {
        $0.text(77, "later")
        $0.text(1, "n1")
      }
      $0.varint(901 << 3 | 1)
      $0.bytes += [1, 2, 3, 4, 5, 6, 7, 8]
      $0.varint(902 << 3 | 5)
      $0.bytes += [1, 2, 3, 4]
    }
    #expect(try Self.read(ProtobufWriter.list([node])).nodes[0].metadata.name == "n1")
  }

  @Test("A list that ends too early is an error wherever it ends")
  func truncated() {
    let body = ProtobufWriter.list([ProtobufWriter.node("n1"), ProtobufWriter.node("n2")])
    // The last two fields of the envelope are empty and may be missing.
    for count in 0..<(body.count - 4) {
      #expect(throws: ProtobufError.self) { try Self.read(Array(body.prefix(count))) }
    }
  }

  @Test("A truncated message inside a whole list is an error wherever it ends")
  func truncatedInside() {
    let node = ProtobufWriter.node("n1")
    var read = 0
    for count in 0..<node.count {
      // Between two fields a shorter message is a whole one.
      if (try? Self.read(ProtobufWriter.list([Array(node.prefix(count))]))) != nil { read += 1 }
    }
    #expect(read == 3)
  }

  static let hostile: [(String, [UInt8])] = [
    ("field 0", [0x02, 0x00]),
    ("a group", [0x0B]),
    ("wire type 7", [0x0F]),
    ("a number of eleven bytes", [0x08] + Array(repeating: 0x80, count: 10) + [0x01]),
    ("a number of 65 bits", [0x08] + Array(repeating: 0xFF, count: 9) + [0x02]),
    ("a length beyond the end", [0x0A, 0x7F]),
    ("a length of 2^64-1", [0x0A] + Array(repeating: 0xFF, count: 9) + [0x01]),
    ("a fixed value beyond the end", [0x09, 0x00]),
    ("metadata that are a number", [0x08, 0x01]),
  ]

  @Test("What is no message is an error and does not trap", arguments: hostile)
  func hostileItems(_ name: String, _ item: [UInt8]) {
    #expect(throws: ProtobufError.self) { try Self.read(ProtobufWriter.list([item])) }
  }

  @Test("What is no list is an error and does not trap", arguments: hostile)
  func hostileLists(_ name: String, _ bytes: [UInt8]) {
    #expect(throws: ProtobufError.self) { try Self.read(ProtobufListReader.prefix + bytes) }
    let raw = ProtobufWriter.message { $0.bytes(2, bytes) }
    #expect(throws: ProtobufError.self) { try Self.read(ProtobufListReader.prefix + raw) }
  }

  @Test("A list of another kind, two lists, and one with an encoding are refused")
  func notThisList() throws {
    let pods = #expect(throws: ProtobufError.self) { try Self.read(ProtobufWriter.list([], kind: "PodList")) }
    #expect(pods?.message == "it is a PodList and no NodeList")
    let list = ProtobufWriter.list([])
    #expect(throws: ProtobufError.self) { try Self.read(list + list.dropFirst(4)) }
    #expect(throws: ProtobufError.self) { try Self.read(list + ProtobufWriter.message { $0.text(3, "gzip") }) }
    #expect(throws: ProtobufError.self) { try Self.read(Array("k8s\u{1}".utf8)) }
  }

  @Test("An object larger than any is refused when its length is seen, before it has come")
  func tooLarge() {
    var writer = ProtobufWriter()
    writer.varint(2 << 3 | 2)
    writer.varint(1 << 30)
    writer.varint(2 << 3 | 2)
    writer.varint(1 << 29)
    let error = #expect(throws: ProtobufError.self) { try Self.read(ProtobufListReader.prefix + writer.bytes) }
    #expect(error?.message.contains("more than 16777216") == true)
  }

  @Test("An amount that is none is an error, not a zero")
  func amount() {
    let node = ProtobufWriter.message { $0.message(3) { $0.quantity(2, "cpu", "many") } }
    let error = #expect(throws: ProtobufError.self) { try Self.read(ProtobufWriter.list([node])) }
    #expect(error?.message.hasPrefix("\"many\" is no resource quantity") == true)
  }

  @Test("Whatever byte is another, nothing traps")
  func damaged() {
    let body = ProtobufWriter.list([ProtobufWriter.node("n1")])
    var state: UInt64 = 42
    var refused = 0
    for index in body.indices {
      // A linear congruential generator: the same bytes in each run.
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      var damaged = body
      damaged[index] = UInt8(truncatingIfNeeded: state >> 33)
      do { _ = try Self.read(damaged, piece: 97) } catch { refused += 1 }
    }
    #expect(refused > 100)
  }

  @Test(
    "Times are written as the API writes them",
    arguments: [
      (0, "1970-01-01T00:00:00Z"), (1_795_501_767, "2026-11-24T06:29:27Z"), (951_782_400, "2000-02-29T00:00:00Z"),
      (-1, "1969-12-31T23:59:59Z"), (4_107_542_399, "2100-02-28T23:59:59Z"), (-62_135_596_800, "0001-01-01T00:00:00Z"),
      (253_402_300_799, "9999-12-31T23:59:59Z"),
    ])
  func times(_ seconds: Int64, _ text: String) {
    #expect(Timestamp.text(unixSeconds: seconds) == text)
    #expect(Timestamp.rfc3339(text)?.timeIntervalSince1970 == Double(seconds))
  }

  @Test("A time outside of the calendar is none", arguments: [Int64.min, -62_167_219_201, 253_402_300_800, .max])
  func noTime(_ seconds: Int64) { #expect(Timestamp.text(unixSeconds: seconds) == nil) }
}
