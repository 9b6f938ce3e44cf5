extension Collection {
  /// The one element there is, which needs no choice; nil: there are none or several.
  var only: Element? { count == 1 ? first : nil }
}
