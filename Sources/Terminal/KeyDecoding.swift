import CNcurses
import Screen

/// Codes that `define_key` gives to the markers of a bracketed paste; beyond any that ncurses takes itself.
let pasteStartCode: Int32 = 2000
let pasteEndCode: Int32 = 2001

/// The key for what `wget_wch` returned: `status` is OK for a character, KEY_CODE_YES for a key; nil for what the wizard has no
/// use for.
func decodeKey(status: Int32, code: UInt32) -> Key? {
  switch status {
  case OK: decodeCharacter(code)
  case KEY_CODE_YES: Int32(exactly: code).flatMap(decodeKeyCode)
  default: nil
  }
}

private func decodeCharacter(_ code: UInt32) -> Key? {
  switch code {
  // The terminal sends CR (nonl leaves it), a paste without brackets may bring LF.
  case 0x0A, 0x0D: return .enter
  case 0x09: return .tab
  case 0x1B: return .escape
  // Terminals disagree about the key left of the top row's end.
  case 0x08, 0x7F: return .backspace
  case 0x00: return .control(" ")
  case 0x01...0x1A: return Unicode.Scalar(code + 0x60).map { .control(Character($0)) }
  case 0x1C...0x1F: return Unicode.Scalar(code + 0x40).map { .control(Character($0)) }
  case 0x80...0x9F: return nil
  default: return Unicode.Scalar(code).map { .character(Character($0)) }
  }
}

private func decodeKeyCode(_ code: Int32) -> Key? {
  switch code {
  case KEY_UP: .up
  case KEY_DOWN: .down
  case KEY_LEFT: .left
  case KEY_RIGHT: .right
  // Home and End are Find and Select on terminals after the VT220.
  case KEY_HOME, KEY_FIND: .home
  case KEY_END, KEY_SELECT: .end
  case KEY_PPAGE: .pageUp
  case KEY_NPAGE: .pageDown
  case KEY_BACKSPACE: .backspace
  case KEY_DC: .delete
  case KEY_ENTER: .enter
  case KEY_BTAB: .backTab
  case (KEY_F0 + 1)...(KEY_F0 + 63): .function(Int(code - KEY_F0))
  default: nil
  }
}
