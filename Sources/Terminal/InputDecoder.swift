import CNcurses
import Screen

/// Turns what `wget_wch` returns into events: keys one by one, a bracketed paste whole, sequences that terminfo does not
/// know (mouse, focus, modified keys) into nothing instead of an Escape and typed text. No I/O.
struct InputDecoder {
  /// Bytes of UTF-8 that a paste keeps; the rest is read and thrown away.
  static let pasteLimit = 64 * 1024

  /// What came out.
  enum Output: Equatable {
    case event(InputEvent)
    /// Ctrl-L: paint everything again.
    case redraw
  }

  private enum State: Equatable {
    case normal
    /// An Escape that may begin a sequence if more follows at once.
    case escape
    /// Within an unknown sequence: `ESC [` up to its final character, or `ESC O` and one character.
    case sequence(singleCharacter: Bool)
    case paste
  }

  private var state = State.normal
  private var pasted = String.UnicodeScalarView()
  private var pastedBytes = 0
  private var lastWasReturn = false

  /// Whether a paste has begun and not ended.
  var isPasting: Bool { state == .paste }
  /// Whether nothing is half read.
  var isAtRest: Bool { state == .normal }

  /// Takes one result of `wget_wch` other than ERR.
  mutating func handle(status: Int32, code: UInt32) -> [Output] {
    let isKey = status == KEY_CODE_YES
    switch state {
    case .paste:
      if isKey { return code == UInt32(pasteEndCode) ? endPaste() : [] }
      if status == OK { append(code) }
      return []
    case .sequence(let singleCharacter):
      // A key or a control character is not part of a sequence.
      guard status == OK, code >= 0x20 else { break }
      if singleCharacter || (0x40...0x7E).contains(code) { state = .normal }
      return []
    case .escape:
      if status == OK, code == 0x5B || code == 0x4F {
        state = .sequence(singleCharacter: code == 0x4F)
        return []
      }
      state = .normal
      return [.event(.key(.escape))] + handle(status: status, code: code)
    case .normal:
      break
    }
    state = .normal
    if isKey, code == UInt32(pasteStartCode) {
      state = .paste
      pasted = String.UnicodeScalarView()
      pastedBytes = 0
      lastWasReturn = false
      return []
    }
    switch decodeKey(status: status, code: code) {
    case nil: return []
    case .control("l")?: return [.redraw]
    case .escape?:
      state = .escape
      return []
    case let key?: return [.event(.key(key))]
    }
  }

  /// Nothing more is waiting: an Escape was the Escape key, a sequence is over.
  mutating func idle() -> [Output] {
    switch state {
    case .escape:
      state = .normal
      return [.event(.key(.escape))]
    case .sequence:
      state = .normal
      return []
    case .normal, .paste:
      return []
    }
  }

  /// Ends a paste, also one whose end never came.
  mutating func endPaste() -> [Output] {
    guard state == .paste else { return [] }
    state = .normal
    defer { pasted = String.UnicodeScalarView() }
    return [.event(.paste(String(pasted)))]
  }

  private mutating func append(_ code: UInt32) {
    // Terminals send a pasted line end as CR, some as CR LF.
    let wasReturn = lastWasReturn
    lastWasReturn = code == 0x0D
    if code == 0x0A, wasReturn { return }
    guard let scalar = code == 0x0D ? "\n" : Unicode.Scalar(code) else { return }
    let bytes = UTF8.width(scalar)
    guard pastedBytes + bytes <= Self.pasteLimit else { return }
    pastedBytes += bytes
    pasted.append(scalar)
  }
}
