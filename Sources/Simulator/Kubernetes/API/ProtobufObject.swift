import FoundationEssentials
import Kubernetes
import OrderedCollections

/// A body that is no Kubernetes protobuf, or one of a kind or with a field that is not read here.
struct ProtobufError: Error, Equatable {
  var message: String
}

/// Reads `application/vnd.kubernetes.protobuf`, in which Go's typed clients write since client-go 0.37: Helm its release
/// secrets. Of the kinds that such clients write here, into the same tree as JSON would have given.
enum ProtobufObject {
  /// What stands in front of each object (apimachinery, runtime/serializer/protobuf).
  private static let prefix: [UInt8] = [0x6B, 0x38, 0x73, 0x00]

  /// The object of a whole body.
  static func decode(_ body: [UInt8]) throws(ProtobufError) -> JSONValue {
    guard body.starts(with: prefix) else {
      throw ProtobufError(message: "provided data does not appear to be a protobuf message")
    }
    let envelope = try ProtobufMessage.unknown.decode(body.dropFirst(prefix.count))
    let apiVersion = envelope["typeMeta"]?["apiVersion"]?.string ?? ""
    let kind = envelope["typeMeta"]?["kind"]?.string ?? ""
    guard let raw = envelope["raw"]?.string.flatMap({ Data(base64Encoded: $0) }) else {
      throw ProtobufError(message: "the envelope of \(kind) is empty")
    }
    guard let schema = ProtobufMessage.kinds[kind] else {
      throw ProtobufError(message: "the simulator reads no protobuf of kind \(kind)")
    }
    let fields = try schema.decode(Array(raw)[...]).object ?? [:]
    var object: OrderedDictionary<String, JSONValue> = ["kind": .string(kind), "apiVersion": .string(apiVersion)]
    object.merge(fields) { old, _ in old }
    return .object(object)
  }
}

/// The fields of one protobuf message, by their numbers.
struct ProtobufMessage: Sendable {
  enum Field: Sendable {
    case string(String)
    /// Becomes base64 text, as in JSON.
    case bytes(String)
    case integer(String)
    case flag(String)
    case strings(String)
    case stringMap(String)
    case bytesMap(String)
    case message(String, ProtobufMessage)
    case messages(String, ProtobufMessage)
    /// What the server sets itself and clients send along.
    case ignored
  }

  var fields: [Int: Field]

  /// runtime.Unknown.
  static let unknown = ProtobufMessage(fields: [
    1: .message("typeMeta", ProtobufMessage(fields: [1: .string("apiVersion"), 2: .string("kind")])),
    2: .bytes("raw"), 3: .string("contentEncoding"), 4: .string("contentType"),
  ])

  /// core/v1 Secret.
  static let secret = ProtobufMessage(fields: [
    1: .message("metadata", metadata), 2: .bytesMap("data"), 3: .string("type"), 4: .stringMap("stringData"),
    5: .flag("immutable"),
  ])

  /// meta/v1 ObjectMeta.
  static let metadata = ProtobufMessage(fields: [
    1: .string("name"), 2: .string("generateName"), 3: .string("namespace"), 4: .ignored, 5: .string("uid"),
    6: .string("resourceVersion"), 7: .integer("generation"), 8: .ignored, 9: .ignored, 10: .ignored,
    11: .stringMap("labels"), 12: .stringMap("annotations"), 13: .messages("ownerReferences", ownerReference),
    14: .strings("finalizers"), 17: .ignored,
  ])

  /// meta/v1 OwnerReference.
  static let ownerReference = ProtobufMessage(fields: [
    1: .string("kind"), 3: .string("name"), 4: .string("uid"), 5: .string("apiVersion"), 6: .flag("controller"),
    7: .flag("blockOwnerDeletion"),
  ])

  /// meta/v1 DeleteOptions.
  static let deleteOptions = ProtobufMessage(fields: [
    1: .integer("gracePeriodSeconds"),
    2: .message("preconditions", ProtobufMessage(fields: [1: .string("uid"), 2: .string("resourceVersion")])),
    3: .flag("orphanDependents"), 4: .string("propagationPolicy"), 5: .strings("dryRun"),
    6: .flag("ignoreStoreReadErrorWithClusterBreakingPotential"),
  ])

  func decode(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) -> JSONValue {
    var reader = WireReader(rest: bytes)
    var result = OrderedDictionary<String, JSONValue>()
    while let (number, value) = try reader.next() {
      guard let field = fields[number] else {
        throw ProtobufError(message: "the simulator does not know protobuf field \(number)")
      }
      switch (field, value) {
      case (.ignored, _): break
      case (.string(let name), .bytes(let bytes)):
        // Go writes empty strings too; JSON leaves them out.
        if !bytes.isEmpty { result[name] = .string(String(decoding: bytes, as: UTF8.self)) }
      case (.bytes(let name), .bytes(let bytes)): result[name] = .string(Data(bytes).base64EncodedString())
      case (.integer(let name), .number(let number)):
        if number != 0 || name == "gracePeriodSeconds" { result[name] = .integer(Int(bitPattern: UInt(number))) }
      case (.flag(let name), .number(let number)): result[name] = .bool(number != 0)
      case (.strings(let name), .bytes(let bytes)):
        result[name] = .array((result[name]?.array ?? []) + [.string(String(decoding: bytes, as: UTF8.self))])
      case (.stringMap(let name), .bytes(let bytes)), (.bytesMap(let name), .bytes(let bytes)):
        var entry = WireReader(rest: bytes)
        var key = ""
        var content: ArraySlice<UInt8> = []
        while case (let part, .bytes(let bytes))? = try entry.next() {
          if part == 1 { key = String(decoding: bytes, as: UTF8.self) } else { content = bytes }
        }
        var map = result[name]?.object ?? [:]
        if case .bytesMap = field {
          map[key] = .string(Data(content).base64EncodedString())
        } else {
          map[key] = .string(String(decoding: content, as: UTF8.self))
        }
        result[name] = .object(map)
      case (.message(let name, let message), .bytes(let bytes)): result[name] = try message.decode(bytes)
      case (.messages(let name, let message), .bytes(let bytes)):
        result[name] = .array((result[name]?.array ?? []) + [try message.decode(bytes)])
      default: throw ProtobufError(message: "protobuf field \(number) has a wire type that is not its own")
      }
    }
    return .object(result)
  }
}

/// The wire format: a sequence of numbered values (protobuf.dev, "Encoding").
private struct WireReader {
  enum Value {
    case number(UInt64)
    case bytes(ArraySlice<UInt8>)
  }

  var rest: ArraySlice<UInt8>

  /// The next field, or nil at the end.
  mutating func next() throws(ProtobufError) -> (number: Int, value: Value)? {
    guard !rest.isEmpty else { return nil }
    let tag = try varint()
    let number = Int(truncatingIfNeeded: tag >> 3)
    switch tag & 7 {
    case 0: return (number, .number(try varint()))
    case 2:
      let length = try varint()
      guard length <= UInt64(rest.count) else { throw ProtobufError(message: "unexpected EOF") }
      let bytes = rest.prefix(Int(length))
      rest = rest.dropFirst(Int(length))
      return (number, .bytes(bytes))
    default:
      throw ProtobufError(message: "protobuf field \(number) has wire type \(tag & 7), which no Kubernetes object has")
    }
  }

  private mutating func varint() throws(ProtobufError) -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while let byte = rest.popFirst() {
      guard shift < 64 else { throw ProtobufError(message: "integer overflow") }
      result |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return result }
      shift += 7
    }
    throw ProtobufError(message: "unexpected EOF")
  }
}
