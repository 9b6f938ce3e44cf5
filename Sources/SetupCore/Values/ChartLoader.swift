import Kubernetes
import Text
import YAML

/// Reads a chart from the disk: an unpacked one by itself, a packed one through helm.
struct ChartLoader {
  let world: World

  /// The chart at an absolute path, or why it cannot be taken.
  func load(_ path: String) async -> Observed<Chart> {
    do {
      switch try world.files.kind(path) {
      case .directory?: return .seen(try unpacked(path))
      case .file?: return .seen(try await packed(path))
      case .other?, nil:
        throw ObservationFailure(
          .absent, "there is no chart at \(path)",
          remedy: Remedy("Set chart.path to the folder datarobot-management-agent of the unpacked agent tarball."))
      }
    } catch let failure as ObservationFailure {
      return .failed(failure)
    } catch {
      return .failed(ObservationFailure(.malformed, "\(error)"))
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

  private func unpacked(_ path: String) throws -> Chart {
    guard let metadata = try world.files.read(path + "/Chart.yaml") else {
      throw ObservationFailure(
        .absent, "\(path) has no Chart.yaml, so it is no chart",
        remedy: Remedy("Set chart.path to the folder that holds Chart.yaml."))
    }
    let values = try world.files.read(path + "/values.yaml") ?? []
    var chart = try chart(
      path, metadata: (metadata, path + "/Chart.yaml"), values: (values, path + "/values.yaml"))
    if let schema = try world.files.read(path + "/values.schema.json") {
      do throws(JSONSyntaxError) {
        chart.schema = try JSONText.parse(schema)
      } catch {
        throw ObservationFailure(
          .malformed, "the chart cannot be read: \(path)/values.schema.json: \(error.message)",
          remedy: Remedy("Correct that file."))
      }
    }
    let folder = "\(path)/\(Chart.examplesFolder)"
    guard try world.files.kind(folder) == .directory else { return chart }
    for name in try world.files.list(folder).sorted() where name.hasSuffix(".yaml") || name.hasSuffix(".yml") {
      let file = "\(folder)/\(name)"
      guard try world.files.kind(file) == .file, let content = try world.files.read(file) else { continue }
      chart.examples.append(ChartExample(name: name, content))
    }
    return chart
  }

  private func packed(_ path: String) async throws -> Chart {
    func show(_ what: String) async throws -> [UInt8] {
      let command = ProcessCommand("helm", ["show", what, path], deadline: .seconds(30))
      let result = try await world.processes.run(command)
      guard result.exitCode == 0 else {
        let said = OutsideText.clean(result.errors).trimmed(to: 300)
        throw ObservationFailure(
          .malformed, "helm cannot read the packed chart \(path): \(said)",
          remedy: Remedy("Unpack it and set chart.path to the folder."))
      }
      return Array(result.output.utf8)
    }
    let metadata = try await show("chart")
    let values = try await show("values")
    return try chart(path, metadata: (metadata, "Chart.yaml of \(path)"), values: (values, "values.yaml of \(path)"))
  }

  private func chart(_ path: String, metadata: ([UInt8], String), values: ([UInt8], String)) throws -> Chart {
    do throws(YAMLError) {
      let root = try YAML.parse(metadata.0, source: metadata.1)
      guard let name = root?["name"]?.text, let version = root?["version"]?.text else {
        throw YAMLError(
          code: .syntax, message: "a chart has a name and a version", mark: YAMLMark(source: metadata.1))
      }
      var chart = Chart(
        path: path, name: name, version: version, appVersion: root?["appVersion"]?.text,
        values: try YAML.parse(values.0, source: values.1))
      chart.valuesText = String(decoding: values.0, as: UTF8.self)
      return chart
    } catch {
      throw ObservationFailure(.malformed, "the chart cannot be read: \(error)", remedy: Remedy("Correct that file."))
    }
  }

  /// A number that changes when any file of the chart does.
  func fingerprint(_ chart: Chart) throws -> String {
    var fingerprint = Fingerprint()
    func add(_ path: String) throws {
      switch try world.files.kind(path) {
      case .directory?: for name in try world.files.list(path) { try add(path + "/" + name) }
      case .file?:
        fingerprint.add(path.dropFirst(chart.path.count).utf8)
        fingerprint.add(try world.files.read(path) ?? [])
      case .other?, nil: break
      }
    }
    try add(chart.path)
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
