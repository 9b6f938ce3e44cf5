import FoundationEssentials

extension Terminal {
  /// What xterm accepts at most, after base64.
  static let clipboardLimit = 74_994

  /// Offers a text to the clipboard of the terminal's user, also over ssh (OSC 52, xterm's control sequences).
  ///
  /// Returns false, and sends nothing, when it is too long. A terminal may ignore the request and gives no answer: say
  /// "sent to the clipboard", and show the text or a file as well.
  @discardableResult
  public func copy(_ text: String) -> Bool {
    guard isOpen, let sequence = clipboardSequence(text) else { return false }
    writeToTerminal(sequence)
    return true
  }
}

/// The sequence that asks a terminal to take a text into its clipboard, or nil when the text is too long.
func clipboardSequence(_ text: String) -> String? {
  let encoded = Data(text.utf8).base64EncodedString()
  guard encoded.utf8.count <= Terminal.clipboardLimit else { return nil }
  return "\u{1B}]52;c;\(encoded)\u{7}"
}
