import YAML

/// The values file that is made from the answers, for one chart. Several lists for one place are one list there.
struct ValuesFile: Equatable {
  /// Each setting under the path that the chart knows.
  let placed: [Placed]
  /// Settings that the chart has no key for, and that something needs.
  let missing: [ValueSetting]

  struct Placed: Equatable {
    let path: String
    let setting: ValueSetting
  }

  /// The settings, as far as the chart's own values know them.
  init(settings: [ValueSetting], chart: Chart) {
    let known = ChartValues(root: chart.values)
    self.init(settings, for: chart) { known.place($0) }
  }

  /// The settings as they are, for a chart that helm fetches itself and whose keys are known from its version.
  init(settings: [ValueSetting], fetched chart: Chart) { self.init(settings, for: chart) { $0.paths.first } }

  private init(_ settings: [ValueSetting], for chart: Chart, place: (ValueSetting) -> String?) {
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

  /// The file's text: nested mappings, each value under its reason. The same answers and chart give the same bytes.
  ///
  /// - Parameter more: The answer that names the user's own files.
  func text(release: String, chart: Chart, more: QuestionID = AnswerKey.valuesFiles.id) -> String {
    let header = [
      "Values of the release \(release) of \(chart.name) \(chart.version), made by mlops-setup from its answers.",
      "It is made anew by every run: put values of your own into a file and name it under \(more).",
    ]
    return YAMLWriter().write(YAMLDocument(.mapping(Self.nest(placed[...], depth: 0)), header: header))
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
