import Glibc

/// Gives equal texts one storage: label keys, messages and amounts repeat from node to node. A text may drive another
/// out of its place; the memory is bounded whatever comes.
struct TextPool {
  private var texts: [String]
  private var quantities: [(text: String, value: Quantity)]
  private static let mask = 1023

  init() {
    texts = Array(repeating: "", count: Self.mask + 1)
    quantities = Array(repeating: ("", Quantity()), count: Self.mask + 1)
  }

  /// The text of these bytes; what is no UTF-8 is mended.
  mutating func text(_ bytes: UnsafeRawBufferPointer) -> String {
    // Up to 15 bytes a String needs no storage.
    if bytes.count <= 15 { return String(decoding: bytes, as: UTF8.self) }
    let place = Self.place(bytes)
    if Self.isEqual(texts[place], bytes) { return texts[place] }
    let text = String(decoding: bytes, as: UTF8.self)
    texts[place] = text
    return text
  }

  /// The text, or nil where it is empty: in JSON it would not be there.
  mutating func nonEmpty(_ bytes: UnsafeRawBufferPointer) -> String? { bytes.isEmpty ? nil : text(bytes) }

  /// The amount that the bytes write.
  mutating func quantity(_ bytes: UnsafeRawBufferPointer) throws(ProtobufError) -> Quantity {
    let place = Self.place(bytes)
    if !bytes.isEmpty, Self.isEqual(quantities[place].text, bytes) { return quantities[place].value }
    let text = String(decoding: bytes, as: UTF8.self)
    do {
      let value = try Quantity(text)
      quantities[place] = (text, value)
      return value
    } catch {
      throw ProtobufError(message: error.description)
    }
  }

  /// FNV-1a.
  private static func place(_ bytes: UnsafeRawBufferPointer) -> Int {
    var hash: UInt32 = 2_166_136_261
    for byte in bytes { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    return Int(truncatingIfNeeded: hash ^ hash >> 16) & mask
  }

  private static func isEqual(_ text: String, _ bytes: UnsafeRawBufferPointer) -> Bool {
    guard text.utf8.count == bytes.count else { return false }
    return text.utf8.withContiguousStorageIfAvailable { own in
      guard let left = own.baseAddress, let right = bytes.baseAddress else { return true }
      return memcmp(left, right, own.count) == 0
    } ?? text.utf8.elementsEqual(bytes)
  }
}
