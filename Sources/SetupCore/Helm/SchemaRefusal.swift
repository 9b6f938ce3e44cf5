import Text

/// What helm says of values that the chart's schema refuses.
enum SchemaRefusal {
  /// The values it names, each as the names on the way to it. Helm 4 and 3.18 write `- at '/imageBuilder/ppsImage': …`,
  /// older ones `- imageBuilder.ppsImage: …`.
  static func places(_ errors: String) -> [[String]] {
    var places: [[String]] = []
    for line in errors.split(whereSeparator: \.isNewline) {
      let line = line.drop { $0.isWhitespace }
      guard line.hasPrefix("- ") else { continue }
      let said = line.dropFirst(2)
      let names: [String]
      if said.hasPrefix("at '") {
        // A JSON pointer (RFC 6901).
        names = said.dropFirst(4).prefix { $0 != "'" }.split(separator: "/").map {
          String($0).replacing("~1", with: "/").replacing("~0", with: "~")
        }
      } else {
        names = said.prefix { $0 != ":" }.split(separator: ".").map(String.init)
      }
      if !names.isEmpty, !places.contains(names) { places.append(names) }
    }
    return places
  }

  /// The same with what in the answers each comes from: `imageBuilder.ppsImage comes from images.predictionServer`.
  static func origins(_ errors: String, _ layers: [ValuesLayer]) -> [String] {
    places(errors).compactMap { names in
      let origin = layers.reversed().lazy.compactMap { $0.origin(of: names) }.first
      return origin.map { "\(OutsideText.clean(ChosenValue.path(names), limit: 200)) comes from \($0)" }
    }
  }
}
