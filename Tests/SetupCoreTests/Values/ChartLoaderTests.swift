import Synchronization
import TestSupport
import Testing

@testable import SetupCore

@Suite("Reading a chart")
struct ChartLoaderTests {
  private func load(
    _ files: [String: String], _ path: String = "/charts/agent",
    helm: (@Sendable (ProcessCommand) async throws -> ProcessResult)? = nil
  ) async -> Observed<Chart> {
    let world = World.fake(files: MemoryFiles(files), programs: helm.map { ["helm": $0] } ?? [:])
    return await ChartLoader(world: world).load(path)
  }

  @Test("A folder's name, version and values are read")
  func folder() async throws {
    let chart = try #require(
      await load([
        "/charts/agent/Chart.yaml": "name: agent\nversion: 1.10\nappVersion: \"11.2.62\"\n",
        "/charts/agent/values.yaml": "a: {b: 1}\n",
      ]).value)
    #expect(chart.name == "agent")
    #expect(chart.version == "1.10")
    #expect(chart.appVersion == "11.2.62")
    #expect(ChartValues(root: chart.values).knows("a.b"))
  }

  @Test("A chart without values, or with only comments in them, knows none")
  func noValues() async throws {
    for values in [nil, "", "# nothing\n"] as [String?] {
      var files = ["/charts/agent/Chart.yaml": "name: agent\nversion: 1.0.0\n"]
      files["/charts/agent/values.yaml"] = values
      let chart = try #require(await load(files).value)
      #expect(chart.values == nil)
    }
  }

  @Test(
    "What is no chart is told with its place and what to do",
    arguments: [
      (
        [:], ObservationFailure.Kind.absent, "there is no chart at /charts/agent",
        "Set chart.path to the folder datarobot-management-agent of the unpacked agent tarball."
      ),
      (
        ["/charts/agent/README.md": ""], .absent, "/charts/agent has no Chart.yaml, so it is no chart",
        "Set chart.path to the folder that holds Chart.yaml."
      ),
      (
        ["/charts/agent/Chart.yaml": "name: agent\n"], .malformed,
        "the chart cannot be read: /charts/agent/Chart.yaml:1:1: a chart has a name and a version",
        "Correct that file."
      ),
      (
        ["/charts/agent/Chart.yaml": "name: a\nversion: 1.0.0\n", "/charts/agent/values.yaml": "a:\n  b: [1\nc: 2\n"],
        .malformed, "the chart cannot be read: /charts/agent/values.yaml:3:2: ", "Correct that file."
      ),
      (
        ["/charts/agent/Chart.yaml": "a: b: c\n"], .malformed,
        "the chart cannot be read: /charts/agent/Chart.yaml:1:", "Correct that file."
      ),
    ])
  func broken(_ files: [String: String], _ kind: ObservationFailure.Kind, _ message: String, _ remedy: String) async {
    guard case .failed(let failure) = await load(files) else {
      Issue.record("it was read")
      return
    }
    #expect(failure.kind == kind)
    #expect(failure.message.hasPrefix(message), "\(failure.message)")
    #expect(failure.remedy?.text == remedy)
  }

  @Test("A packed chart is read through helm, as two commands without a cluster")
  func packed() async throws {
    let asked = Mutex<[[String]]>([])
    let observed = await load(["/charts/agent-1.0.0.tgz": "\u{1f}\u{8b}"], "/charts/agent-1.0.0.tgz") { command in
      asked.withLock { $0.append([command.executable] + command.arguments) }
      return ProcessResult(
        exitCode: 0, output: command.arguments[1] == "chart" ? "name: agent\nversion: 1.0.0\n" : "a: {b: 1}\n")
    }
    let chart = try #require(observed.value)
    #expect(chart.path == "/charts/agent-1.0.0.tgz")
    #expect(ChartValues(root: chart.values).knows("a.b"))
    #expect(
      asked.withLock { $0 } == [
        ["helm", "show", "chart", "/charts/agent-1.0.0.tgz"], ["helm", "show", "values", "/charts/agent-1.0.0.tgz"],
      ])
  }

  @Test("A packed chart that helm cannot read says what helm said, cleaned")
  func packedBroken() async throws {
    let observed = await load(["/c.tgz": "x"], "/c.tgz") { _ in
      ProcessResult(exitCode: 1, errors: "Error: \u{1b}[1mgzip: invalid header\u{1b}[0m\n")
    }
    guard case .failed(let failure) = observed else {
      Issue.record("it was read")
      return
    }
    #expect(failure.kind == .malformed)
    #expect(failure.message == "helm cannot read the packed chart /c.tgz: Error: gzip: invalid header")
    #expect(failure.remedy?.text == "Unpack it and set chart.path to the folder.")
  }

  @Test("A packed chart without helm says what is missing")
  func packedWithoutHelm() async throws {
    let observed = await load(["/c.tgz": "x"], "/c.tgz") { _ in
      throw SetupError(.tool, "cannot run helm: no such program on PATH", next: "Install it.")
    }
    guard case .failed(let failure) = observed else {
      Issue.record("it was read")
      return
    }
    #expect(failure.message.hasPrefix("cannot run helm: no such program on PATH"))
  }

  @Test("The fingerprint changes with any file's content or name, and with nothing else")
  func fingerprint() throws {
    let base = ["/c/Chart.yaml": "name: a", "/c/templates/x.yaml": "one", "/c/templates/y.yaml": "two"]
    func print(_ files: [String: String], at path: String = "/c") throws -> String {
      let loader = ChartLoader(world: .fake(files: MemoryFiles(files)))
      return try loader.fingerprint(Chart(path: path, name: "a", version: "1", appVersion: nil, values: nil))
    }
    let first = try print(base)
    #expect(first == (try print(base)))
    #expect(first.count == 16)
    #expect(try print(base.merging(["/c/templates/x.yaml": "One"]) { $1 }) != first)
    #expect(try print(base.merging(["/c/new": ""]) { $1 }) != first)
    // The same bytes under other names, or moved from one file to the next.
    #expect(
      try print(["/c/Chart.yaml": "name: a", "/c/templates/x.yaml": "onetwo", "/c/templates/y.yaml": ""]) != first)
    #expect(
      try print(["/c/Chart.yaml": "name: a", "/c/templates/x.yaml": "one", "/c/templates/z.yaml": "two"]) != first)
    // Where the chart lies does not count.
    #expect(
      try print(
        ["/d/Chart.yaml": "name: a", "/d/templates/x.yaml": "one", "/d/templates/y.yaml": "two"], at: "/d") == first)
  }

  @Test(
    "Text is cut with an ellipsis and without blanks at its ends",
    arguments: [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("  a b \n", 9, "a b"), ("", 3, ""), ("   ", 3, "")])
  func trimmed(_ text: String, _ limit: Int, _ expected: String) {
    #expect(text.trimmed(to: limit) == expected)
  }
}
