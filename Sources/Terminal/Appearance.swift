import CNcurses
import Screen

/// How a style looks. Attributes alone tell styles apart, so that colour only ever adds.
struct Appearance: Equatable {
  var bold = false
  var dim = false
  var reverse = false
  var underline = false
  /// One of the eight ANSI colours by number, or nil for the terminal's own; the background is always its own.
  var foreground: Int16?

  /// The look of a style.
  static func of(_ style: Style) -> Appearance {
    switch style {
    case .plain: Appearance()
    case .title: Appearance(bold: true, foreground: 6)
    case .faint: Appearance(dim: true)
    case .label: Appearance()
    case .focused: Appearance(reverse: true)
    case .input: Appearance(underline: true)
    case .good: Appearance(bold: true, foreground: 2)
    case .warning: Appearance(bold: true, underline: true, foreground: 3)
    case .bad: Appearance(bold: true, reverse: true, foreground: 1)
    case .unknown: Appearance(underline: true, foreground: 5)
    case .key: Appearance(bold: true)
    case .border: Appearance(dim: true, foreground: 6)
    }
  }

  /// The attributes as curses wants them.
  var attributes: attr_t {
    var result = cncurses_normal()
    if bold { result |= cncurses_bold() }
    if dim { result |= cncurses_dim() }
    if reverse { result |= cncurses_reverse() }
    if underline { result |= cncurses_underline() }
    return result
  }
}

/// The attributes and the colour pair of every style.
struct Palette {
  private var looks: [(attributes: attr_t, pair: Int32)]

  /// Defines the colour pairs, one for each style that has a colour. Curses must be up.
  init(colour: Bool) {
    looks = []
    for (index, style) in Style.allCases.enumerated() {
      let appearance = Appearance.of(style)
      var pair: Int32 = 0
      if colour, let foreground = appearance.foreground, init_pair(Int16(index + 1), foreground, -1) == OK {
        pair = Int32(index + 1)
      }
      looks.append((appearance.attributes, pair))
    }
  }

  subscript(style: Style) -> (attributes: attr_t, pair: Int32) {
    looks[Style.allCases.firstIndex(of: style) ?? 0]
  }
}
