import TestSupport
import Testing

@testable import SetupCore

@Suite("Reading a chart")
struct ChartLoaderTests {
  private func load(_ files: [String: String]) async -> Observed<Chart> {
    await ChartLoader(world: .fake(files: MemoryFiles(files))).load("/charts/agent")
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
        "Name the folder datarobot-management-agent of the unpacked agent tarball, or what helm pull fetched."
      ),
      (
        ["/charts/agent/README.md": ""], .absent, "/charts/agent has no Chart.yaml, so it is no chart",
        "Name the folder that holds Chart.yaml."
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

  @Test(
    "What Chart.yaml depends on and is not below charts is missing, as Helm sees it",
    arguments: [
      ([:], [String]()),
      (["Chart.yaml": "dependencies: []\n"], []),
      (["Chart.yaml": Self.needsTwo], ["common", "redis"]),
      (["requirements.yaml": Self.needsTwo], ["common", "redis"]),
      (["Chart.yaml": Self.needsTwo, "charts/common-1.2.3.tgz": "", "charts/rediska-1.0.0.tgz": ""], ["redis"]),
      // A folder counts by what its chart is called.
      (["Chart.yaml": Self.needsTwo, "charts/x/Chart.yaml": "name: redis\n", "charts/common/README": ""], ["common"]),
      (["Chart.yaml": Self.needsTwo, "charts/common-1.tgz": "", "charts/redis/Chart.yaml": "name: redis\n"], []),
    ])
  func dependencies(_ files: [String: String], _ missing: [String]) async throws {
    var files = Dictionary(uniqueKeysWithValues: files.map { ("/charts/agent/\($0.key)", $0.value) })
    files["/charts/agent/Chart.yaml", default: ""] += "name: agent\nversion: 1.0.0\n"
    let chart = try #require(await load(files).value)
    #expect(chart.missingDependencies == missing)
  }

  private static let needsTwo = "dependencies: [{name: common, version: 1.x.x}, {name: redis, alias: cache}]\n"

  @Test(
    "An address is no path: the answer is what to run",
    arguments: [
      ("oci://registry.example.com/charts/agent", "helm pull oci://registry.example.com/charts/agent"),
      ("https://example.com/a b.tgz", "helm pull 'https://example.com/a b.tgz'"),
      ("./agent-1.0.0.tgz", nil), ("~/charts/agent", nil), ("/a/b:c//d", nil), ("a://b", "helm pull a://b"),
    ])
  func address(_ text: String, _ command: String?) {
    let expected = command.map {
      "is an address, and the chart is taken from this machine: fetch it with \($0), then name the archive"
    }
    for id in ["chart.path", "ingress.chart"] as [QuestionID] {
      let answers = Samples.answers(["ingress.install": .text("traefik"), id: .text(text)])
      let problems = Questionnaire.standard.problems(answers).filter { $0.question == id }
      #expect(problems.map(\.text) == [expected].compactMap { $0 })
    }
  }

  @Test("Why a chart cannot be used is told at its answer, but first what is wrong with the answer itself")
  func refusal() {
    var survey = Survey()
    survey.chart = .failed(ObservationFailure(.absent, "/c.tgz is cut short", remedy: Remedy("Fetch it again.")))
    func problems(_ path: String) -> [String] {
      let answers = Samples.answers(["chart.path": .text(path)])
      return Questionnaire.standard.problems(answers, survey).filter { $0.question == "chart.path" }.map(\.text)
    }
    #expect(problems("/c.tgz") == ["cannot be used: /c.tgz is cut short. Fetch it again."])
    #expect(problems("oci://c").map { $0.hasPrefix("is an address") } == [true])
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
