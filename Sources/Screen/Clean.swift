import Text

/// Text from outside, made safe to show; see `OutsideText.clean`.
public func clean(_ text: some StringProtocol, keepNewlines: Bool = false) -> String {
  OutsideText.clean(text, keepsLines: keepNewlines)
}
