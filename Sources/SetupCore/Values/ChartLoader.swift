import Kubernetes
import Text
import YAML

/// Reads a chart from the disk. A packed one is unpacked into the user's cache and read as any other.
struct ChartLoader {
  let world: World

  /// The chart at an absolute path, or why it cannot be taken.
  func load(_ path: String) async -> Observed<Chart> {
    do {
      switch try world.files.kind(path) {
      case .directory?: return .seen(try read(path, as: path) { "\(path)/\($0)" })
      case .file?: return .seen(try await packed(path))
      case .other?, nil:
        throw ObservationFailure(
          .absent, "there is no chart at \(path)",
          remedy: Remedy(
            "Name the folder datarobot-management-agent of the unpacked agent tarball, or what helm pull fetched."))
      }
    } catch {
      return .failed(ObservationFailure(error))
    }
  }

  /// The same where there must be one.
  func chart(_ path: String) async throws -> Chart {
    switch await load(path) {
    case .seen(let chart): return chart
    case .failed(let failure): throw SetupError(wrapping: failure, code: .tool)
    case .notAsked: throw SetupError(.tool, "the chart was not read")
    }
  }

  /// Reads a folder.
  ///
  /// - Parameters:
  ///   - path: What a person named: this folder, or the archive that it was unpacked of.
  ///   - place: What a file of it is called in messages.
  func read(_ folder: String, as path: String, _ place: (String) -> String) throws -> Chart {
    guard let metadata = try world.files.read(folder + "/Chart.yaml") else {
      throw ObservationFailure(
        .absent, "\(path) has no Chart.yaml, so it is no chart",
        remedy: Remedy("Name the folder that holds Chart.yaml."))
    }
    let root = try Self.parse(metadata, place("Chart.yaml"))
    guard let name = root?["name"]?.text, let version = root?["version"]?.text else {
      throw Self.unreadable("\(YAMLMark(source: place("Chart.yaml"))): a chart has a name and a version")
    }
    let values = try world.files.read(folder + "/values.yaml") ?? []
    var chart = Chart(
      path: path, name: name, version: version, appVersion: root?["appVersion"]?.text,
      values: try Self.parse(values, place("values.yaml")))
    chart.folder = folder
    chart.valuesText = String(decoding: values, as: UTF8.self)
    chart.missingDependencies = try missingDependencies(root, in: folder, place)
    if let schema = try world.files.read(folder + "/values.schema.json") {
      do throws(JSONSyntaxError) {
        chart.schema = try JSONText.parse(schema)
      } catch {
        throw Self.unreadable("\(place("values.schema.json")): \(error.message)")
      }
    }
    let examples = "\(folder)/\(Chart.examplesFolder)"
    guard try world.files.kind(examples) == .directory else { return chart }
    for name in try world.files.list(examples).sorted() where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
      let file = "\(examples)/\(name)"
      guard try world.files.kind(file) == .file, let content = try world.files.read(file) else { continue }
      chart.examples.append(ChartExample(name: name, content))
    }
    return chart
  }

  /// The charts that Chart.yaml depends on and that are not below `charts`, as helm looks for them.
  private func missingDependencies(
    _ metadata: YAMLNode?, in folder: String, _ place: (String) -> String
  ) throws -> [String] {
    var needed = metadata?["dependencies"]
    // Charts of Helm 2 keep them in a file of its own.
    if needed == nil, let content = try world.files.read(folder + "/requirements.yaml") {
      needed = try Self.parse(content, place("requirements.yaml"))?["dependencies"]
    }
    var names = (needed?.sequence ?? []).compactMap { $0["name"]?.text }
    if names.isEmpty { return [] }
    for entry in try world.files.list(folder + "/charts") {
      let file = "charts/\(entry)/Chart.yaml"
      if let content = try world.files.read("\(folder)/\(file)") {
        let name = try Self.parse(content, place(file))?["name"]?.text
        names.removeAll { $0 == name }
      } else if entry.hasSuffix(".tgz") {
        names.removeAll { entry.hasPrefix($0 + "-") }
      }
    }
    return names
  }

  private static func parse(_ content: [UInt8], _ source: String) throws(ObservationFailure) -> YAMLNode? {
    do throws(YAMLError) { return try YAML.parse(content, source: source) } catch { throw unreadable("\(error)") }
  }

  private static func unreadable(_ problem: String) -> ObservationFailure {
    ObservationFailure(.malformed, "the chart cannot be read: \(problem)", remedy: Remedy("Correct that file."))
  }

  /// A number that changes when any file of the chart does.
  func fingerprint(_ chart: Chart) throws -> String {
    var fingerprint = Fingerprint()
    func add(_ path: String) throws {
      switch try world.files.kind(path) {
      case .directory?: for name in try world.files.list(path) { try add(path + "/" + name) }
      case .file?:
        fingerprint.add(path.dropFirst(chart.folder.count).utf8)
        fingerprint.add(try world.files.read(path) ?? [])
      case .other?, nil: break
      }
    }
    try add(chart.folder)
    return fingerprint.text
  }
}

/// A 64-bit FNV-1a hash, to see that something has changed by accident or on purpose. It guards nothing.
struct Fingerprint {
  private var state: UInt64 = 0xcbf2_9ce4_8422_2325

  /// Adds a part; parts are kept apart, so that moving bytes from one to the next changes the result.
  mutating func add(_ bytes: some Sequence<UInt8>) {
    var count: UInt64 = 0
    for byte in bytes {
      step(byte)
      count &+= 1
    }
    withUnsafeBytes(of: count.littleEndian) { for byte in $0 { step(byte) } }
  }

  private mutating func step(_ byte: UInt8) {
    state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
  }

  /// Sixteen hexadecimal digits.
  var text: String {
    let digits = String(state, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

extension String {
  /// At most that many characters, cut with an ellipsis, without white space at the ends.
  func trimmed(to limit: Int) -> String {
    let text = self.drop { $0.isWhitespace }
    let end = text.lastIndex { !$0.isWhitespace }.map { text.index(after: $0) } ?? text.startIndex
    let trimmed = text[..<end]
    return trimmed.count <= limit ? String(trimmed) : trimmed.prefix(limit - 1) + "…"
  }
}
