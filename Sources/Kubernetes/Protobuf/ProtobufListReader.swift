/// Reads a list in `application/vnd.kubernetes.protobuf` while it arrives, whatever the pieces it comes in. Only the
/// object that is under way is held.
///
/// In front of the object stand four bytes and a runtime.Unknown (apimachinery, pkg/runtime/generated.proto: typeMeta = 1,
/// raw = 2, contentEncoding = 3, contentType = 4). A list is its metadata (1) and its items (2), both repeatable fields of
/// the raw message (core/v1/generated.proto, NodeList and all others; meta/v1 ListMeta: resourceVersion = 2, continue = 3).
struct ProtobufListReader {
  private enum Stage: Equatable {
    case prefix
    case envelope
    /// Inside `raw`, which has that many bytes left.
    case list(remaining: Int)
  }

  /// What stands in front (apimachinery, pkg/runtime/serializer/protobuf).
  static let prefix: [UInt8] = [0x6B, 0x38, 0x73, 0x00]
  /// An API server stores objects of 1.5 MB at most by default, and of 8 MB where etcd is told so.
  static let maximumObjectBytes = 16 << 20

  /// `continue`; nil: this is the last page.
  private(set) var continuation: String?
  /// The version of the list.
  private(set) var resourceVersion: String?
  private let kind: String
  private var stage = Stage.prefix
  private var hasList = false
  private var pending: [UInt8] = []

  /// A reader of a list of that kind: `NodeList`.
  init(kind: String) { self.kind = kind }

  /// Takes a piece and hands out each object that is complete now. The bytes are lent for the call.
  mutating func take(
    _ piece: UnsafeRawBufferPointer, item: (UnsafeRawBufferPointer) throws(ProtobufError) -> Void
  ) throws(ProtobufError) {
    if pending.isEmpty { return pending += piece[try steps(piece, item)...] }
    // Moved out, so that it can be read while the rest of this value changes.
    var buffer = pending
    pending = []
    buffer += piece
    // withUnsafeBytes rethrows untyped.
    let outcome: Result<Int, ProtobufError> = buffer.withUnsafeBytes { bytes in
      do throws(ProtobufError) { return .success(try steps(bytes, item)) } catch { return .failure(error) }
    }
    let used = try outcome.get()
    if used == buffer.count {
      buffer.removeAll(keepingCapacity: true)
    } else if used > 0 {
      buffer.removeFirst(used)
    }
    pending = buffer
  }

  /// Reads what is complete: how many bytes it was.
  private mutating func steps(
    _ bytes: UnsafeRawBufferPointer, _ item: (UnsafeRawBufferPointer) throws(ProtobufError) -> Void
  ) throws(ProtobufError) -> Int {
    var used = 0
    while let count = try step(UnsafeRawBufferPointer(rebasing: bytes[used...]), item) { used += count }
    return used
  }

  /// Throws where something is still to come.
  func finish() throws(ProtobufError) {
    guard pending.isEmpty, stage == .envelope, hasList else { throw .truncated }
  }

  /// Reads one thing off the front: how many bytes it was, or nil where more must come first.
  private mutating func step(
    _ bytes: UnsafeRawBufferPointer, _ item: (UnsafeRawBufferPointer) throws(ProtobufError) -> Void
  ) throws(ProtobufError) -> Int? {
    switch stage {
    case .prefix:
      guard bytes.count >= Self.prefix.count else { return nil }
      guard bytes.starts(with: Self.prefix) else {
        throw ProtobufError(message: "it does not begin as Kubernetes' protobuf does")
      }
      stage = .envelope
      return Self.prefix.count
    case .envelope:
      guard let head = try Self.head(bytes) else { return nil }
      if head.number == 2 {
        guard !hasList else { throw ProtobufError(message: "it holds two objects") }
        hasList = true
        stage = head.length == 0 ? .envelope : .list(remaining: head.length)
        return head.bytes
      }
      guard let content = try Self.content(head, bytes) else { return nil }
      try readEnvelope(head.number, content)
      return head.bytes + head.length
    case .list(let remaining):
      let rest = UnsafeRawBufferPointer(rebasing: bytes.prefix(remaining))
      guard let head = try Self.head(rest) else {
        if rest.count == remaining { throw .truncated }
        return nil
      }
      guard head.bytes + head.length <= remaining else { throw .truncated }
      guard let content = try Self.content(head, rest) else { return nil }
      switch head.number {
      case 1: try readMetadata(content)
      case 2: try item(content)
      default: break
      }
      let left = remaining - head.bytes - head.length
      stage = left == 0 ? .envelope : .list(remaining: left)
      return head.bytes + head.length
    }
  }

  /// The tag and the length in front of a field; all fields at these levels have a length.
  private static func head(
    _ bytes: UnsafeRawBufferPointer
  ) throws(ProtobufError) -> (number: UInt64, bytes: Int, length: Int)? {
    let tag: (value: UInt64, count: Int)
    switch Varint.read(bytes, at: 0) {
    case .value(let value, let count): tag = (value, count)
    case .incomplete: return nil
    case .tooLong: throw ProtobufError(message: "a protobuf number is longer than 64 bits")
    }
    guard tag.value & 7 == 2, tag.value >> 3 != 0 else {
      throw ProtobufError(message: "protobuf field \(tag.value >> 3) of a list has wire type \(tag.value & 7)")
    }
    switch Varint.read(bytes, at: tag.count) {
    case .value(let length, let count):
      // Far above any body, far below where sums overflow.
      guard length <= 1 << 40 else { throw ProtobufError(message: "a protobuf field says it has \(length) bytes") }
      return (tag.value >> 3, tag.count + count, Int(length))
    case .incomplete: return nil
    case .tooLong: throw ProtobufError(message: "a protobuf number is longer than 64 bits")
    }
  }

  private static func content(
    _ head: (number: UInt64, bytes: Int, length: Int), _ bytes: UnsafeRawBufferPointer
  ) throws(ProtobufError) -> UnsafeRawBufferPointer? {
    guard head.length <= maximumObjectBytes else {
      throw ProtobufError(message: "an object has \(head.length) bytes, more than \(maximumObjectBytes)")
    }
    guard head.length <= bytes.count - head.bytes else { return nil }
    return UnsafeRawBufferPointer(rebasing: bytes[head.bytes..<head.bytes + head.length])
  }

  private func readEnvelope(_ number: UInt64, _ content: UnsafeRawBufferPointer) throws(ProtobufError) {
    switch number {
    case 1:
      var found = ""
      var reader = WireReader(content)
      while let (number, value) = try reader.next() {
        if number == 2 { found = String(decoding: try value.message, as: UTF8.self) }
      }
      guard found == kind else {
        throw ProtobufError(message: "it is a \(printable(found, limit: 60)) and no \(kind)")
      }
    case 3 where !content.isEmpty: throw ProtobufError(message: "its content has an encoding of its own")
    default: break
    }
  }

  private mutating func readMetadata(_ content: UnsafeRawBufferPointer) throws(ProtobufError) {
    var reader = WireReader(content)
    while let (number, value) = try reader.next() {
      switch number {
      case 2: resourceVersion = String(decoding: try value.message, as: UTF8.self)
      case 3:
        let text = String(decoding: try value.message, as: UTF8.self)
        continuation = text.isEmpty ? nil : text
      default: break
      }
    }
  }
}
