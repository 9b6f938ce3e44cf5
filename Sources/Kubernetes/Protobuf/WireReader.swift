/// A body that is no protobuf, or none that an API server writes.
struct ProtobufError: Error, Equatable {
  /// What is wrong, to follow "the answer cannot be read: ".
  var message: String

  static let truncated = ProtobufError(message: "a protobuf message ends in the middle of a field")
}

/// Walks over the fields of one protobuf message (protobuf.dev, "Encoding"). What is not asked for is stepped over by its
/// length and never looked into. Every length is compared with what is there; nothing traps.
///
/// Own code and not swift-protobuf: generated code for core/v1 would build every image of every node, and the walk is short.
struct WireReader {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  /// A reader of one message. The bytes are borrowed: the reader stays inside the closure that lent them.
  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// A field of a message.
  enum Value {
    case number(UInt64)
    case bytes(UnsafeRawBufferPointer)
    /// A 32 or 64 bit value, which no field that we read has.
    case fixed
  }

  /// The next field, or nil at the end.
  mutating func next() throws(ProtobufError) -> (number: UInt64, value: Value)? {
    guard position < bytes.count else { return nil }
    let tag = try varint()
    guard tag >> 3 != 0 else { throw ProtobufError(message: "a protobuf field has the number 0") }
    switch tag & 7 {
    case 0: return (tag >> 3, .number(try varint()))
    case 1:
      try skip(8)
      return (tag >> 3, .fixed)
    case 2:
      let length = try varint()
      guard length <= UInt64(bytes.count - position) else { throw .truncated }
      let field = UnsafeRawBufferPointer(rebasing: bytes[position..<position + Int(length)])
      position += Int(length)
      return (tag >> 3, .bytes(field))
    case 5:
      try skip(4)
      return (tag >> 3, .fixed)
    default: throw ProtobufError(message: "protobuf field \(tag >> 3) has wire type \(tag & 7), which is not used")
    }
  }

  private mutating func skip(_ count: Int) throws(ProtobufError) {
    guard count <= bytes.count - position else { throw .truncated }
    position += count
  }

  private mutating func varint() throws(ProtobufError) -> UInt64 {
    // Nearly all numbers have one byte.
    if position < bytes.count, bytes[position] < 0x80 {
      position += 1
      return UInt64(bytes[position - 1])
    }
    switch Varint.read(bytes, at: position) {
    case .value(let value, let count):
      position += count
      return value
    case .incomplete: throw .truncated
    case .tooLong: throw ProtobufError(message: "a protobuf number is longer than 64 bits")
    }
  }
}

/// A base-128 number, least significant group first.
enum Varint {
  case value(UInt64, length: Int)
  case incomplete
  case tooLong

  static func read(_ bytes: UnsafeRawBufferPointer, at start: Int) -> Varint {
    var result: UInt64 = 0
    for index in 0..<10 {
      guard start + index < bytes.count else { return .incomplete }
      let byte = bytes[start + index]
      // The tenth byte holds the 64th bit alone.
      if index == 9, byte > 1 { return .tooLong }
      result |= UInt64(byte & 0x7F) << UInt64(7 * index)
      if byte & 0x80 == 0 { return .value(result, length: index + 1) }
    }
    return .tooLong
  }
}

extension WireReader.Value {
  /// The bytes of a string, a message or a map's entry.
  var message: UnsafeRawBufferPointer {
    get throws(ProtobufError) {
      guard case .bytes(let bytes) = self else {
        throw ProtobufError(message: "a protobuf field has a wire type that is not its own")
      }
      return bytes
    }
  }

  /// A number that is signed or a truth value.
  var integer: Int64 {
    get throws(ProtobufError) {
      guard case .number(let number) = self else {
        throw ProtobufError(message: "a protobuf field has a wire type that is not its own")
      }
      return Int64(bitPattern: number)
    }
  }
}
