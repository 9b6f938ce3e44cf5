import YAML

/// The values file that is made from the answers, for one chart. Several lists for one place are one list there.
struct ValuesFile: Equatable {
  /// Each setting under the path that the chart knows.
  let placed: [Placed]
  /// Settings that the chart has no key for, and that something needs.
  let missing: [ValueSetting]
  /// Values of the chart that the answers set themselves, over the settings.
  let chosen: [ChosenValue]
  private let comments: [String: String]

  struct Placed: Equatable {
    let path: String
    let setting: ValueSetting
  }

  /// The settings, as far as the chart's own values know them.
  init(settings: [ValueSetting], chosen: [ChosenValue] = [], chart: Chart) {
    let known = ChartValues(root: chart.values)
    self.init(settings, chosen, for: chart) { known.place($0) }
  }

  /// The settings as they are, for a chart that helm fetches itself and whose keys are known from its version.
  init(settings: [ValueSetting], fetched chart: Chart) { self.init(settings, [], for: chart) { $0.paths.first } }

  private init(
    _ settings: [ValueSetting], _ chosen: [ChosenValue], for chart: Chart, place: (ValueSetting) -> String?
  ) {
    self.chosen = chosen
    comments = Dictionary(
      chosen.isEmpty ? [] : chart.keys.map { ($0.path, $0.comment) }, uniquingKeysWith: { first, _ in first })
    var placed: [Placed] = []
    var missing: [ValueSetting] = []
    for setting in settings {
      if let path = place(setting) {
        if let index = placed.firstIndex(where: { $0.path == path }),
          let joined = placed[index].setting.joined(with: setting)
        {
          placed[index] = Placed(path: path, setting: joined)
        } else {
          placed.append(Placed(path: path, setting: setting))
        }
      } else if setting.isRequired && !setting.isImplied(by: chart) {
        missing.append(setting)
      }
    }
    self.placed = placed
    self.missing = missing
  }

  /// What the answers mean for a chart.
  init(_ answers: Answers, chart: Chart) {
    let example = chart.examples.first { $0.name == answers[.chartExample] }
    var settings = AgentValues.settings(answers, for: chart)
    settings += example.map { Self.withdrawals(from: $0, settings) } ?? []
    self.init(settings: settings, chosen: answers[.chosenValues], chart: chart)
  }

  /// The image builder takes its login from a Secret or from a ConfigMap, and refuses to have both: where the answers give
  /// one, the example's other is taken back.
  private static func withdrawals(from example: ChartExample, _ settings: [ValueSetting]) -> [ValueSetting] {
    let names = ["configMap", "secretName"]
    return zip(names, names.reversed()).compactMap { given, other in
      func isSet(_ name: String) -> Bool { settings.contains { $0.paths.first == "imageBuilder.\(name)" } }
      guard isSet(given), !isSet(other), example.values?["imageBuilder"]?[other] != nil else { return nil }
      return ValueSetting(
        "imageBuilder.\(other)", value: "", comment: "Not the example's: the login is the one above.",
        isRequired: false,
        from: AnswerKey<String>.chartExample.id)
    }
  }

  /// Whether something is set at a dotted path, above or below it.
  func sets(_ path: String) -> Bool {
    (placed.map(\.path) + chosen.map(\.path)).contains {
      $0 == path || $0.hasPrefix(path + ".") || path.hasPrefix($0 + ".")
    }
  }

  /// The answer that a value comes from; nil: none.
  func origin(of names: [String]) -> String? {
    if chosen.contains(where: { names.starts(with: $0.names) || $0.names.starts(with: names) }) {
      return "values.\(ChosenValue.path(names))"
    }
    let path = names.joined(separator: ".")
    return placed.first { path == $0.path || path.hasPrefix($0.path + ".") }?.setting.question?.path
  }

  /// Whether a chosen value stands in the place of one that the answers give by another question.
  func isReplacement(_ chosen: ChosenValue) -> Bool { placed.contains { $0.path == chosen.path } }

  /// The file's text: nested mappings, each value under its reason. The same answers and chart give the same bytes.
  ///
  /// - Parameter more: The answer that names the user's own files.
  func text(release: String, chart: Chart, more: QuestionID = AnswerKey.valuesFiles.id) -> String {
    let isAgents = more == AnswerKey.valuesFiles.id
    let place =
      isAgents ? "set values of your own under `values:` of the answers, or in" : "put values of your own into"
    let header = [
      "Values of the release \(release) of \(chart.name) \(chart.version), made by mlops-setup from its answers.",
      "It is made anew by every run: \(place) a file under \(more).",
    ]
    var items = Self.nest(placed[...], depth: 0)
    for value in chosen {
      let comment = comments[value.path].flatMap { $0.isEmpty ? nil : [$0] } ?? []
      value.lay(over: &items, comments: comment + ["Set under `values:` of the answers."])
    }
    return YAMLWriter(commentWidth: 120).write(YAMLDocument(.mapping(items), header: header))
  }

  /// Groups the settings by their path's next name, in the order in which each name first comes.
  private static func nest(_ placed: ArraySlice<Placed>, depth: Int) -> [YAMLItem] {
    var names: [String] = []
    var groups: [String: [Placed]] = [:]
    for entry in placed {
      let name = entry.path.split(separator: ".").map(String.init)[depth]
      if groups[name] == nil { names.append(name) }
      groups[name, default: []].append(entry)
    }
    return names.map { name in
      let group = groups[name] ?? []
      if let entry = group.first, entry.path.split(separator: ".").count == depth + 1 {
        return YAMLItem(
          name, entry.setting.value, comments: [entry.setting.comment], blankLineBefore: depth == 0)
      }
      return YAMLItem(
        name, .mapping(nest(group[...], depth: depth + 1)), blankLineBefore: depth == 0)
    }
  }
}

extension ValueSetting {
  /// Both lists as one; nil: they are none.
  fileprivate func joined(with other: ValueSetting) -> ValueSetting? {
    guard case .sequence(let first) = value, case .sequence(let second) = other.value else { return nil }
    var joined = self
    joined.value = .sequence(first + second)
    joined.comment = "\(comment) \(other.comment)"
    return joined
  }

  /// Whether the chart does it anyway: agent charts run their appVersion where no tag is given.
  fileprivate func isImplied(by chart: Chart) -> Bool {
    paths.contains("managementAgent.tag") && chart.appVersion.map { value == .string($0) } == true
  }
}
