import TestSupport
import Testing

@testable import SetupCore

@Suite("A packed chart", .serialized, .timeLimit(.minutes(2)))
struct PackedChartTests {
  private func failure(_ path: String, _ stage: PackageStage) async -> ObservationFailure? {
    guard case .failed(let failure) = await ChartLoader(world: stage.world).load(path) else { return nil }
    return failure
  }

  @Test("It is read like its folder, without helm, and unpacked once", arguments: AgentTarball.Generation.allCases)
  func likeFolder(_ generation: AgentTarball.Generation) async throws {
    try await withPackageStage { stage in
      let packed = PackedChart(generation, changes: ["values.schema.json": #"{"type": "object"}"#])
      let folder = try packed.unpacked(in: stage.scratch.path)
      let path = try await packed.write(to: stage.scratch.file("datarobot-management-agent-2.1.0.tgz"))
      let loader = ChartLoader(world: stage.world)
      let plain = try await loader.chart(folder)
      var chart = try await loader.chart(path)
      #expect(chart.path == path)
      #expect(chart.isPacked)
      #expect(!plain.isPacked)
      #expect(
        chart.exampleFile("AWS_values.yaml").hasPrefix(
          stage.scratch.file("cache/mlops-setup/charts/datarobot-management-agent-2.1.0-")))
      #expect(try stage.world.files.kind(chart.exampleFile("AWS_values.yaml")) == .file)
      #expect(chart.examples.map(\.name) == plain.examples.map(\.name))
      #expect(chart.schema != nil)
      // The same chart, whichever way it lies there: a release need not be made anew.
      #expect(try loader.fingerprint(chart) == loader.fingerprint(plain))
      #expect(try await loader.chart(path) == chart)
      #expect(stage.extractions == 1)
      #expect(!stage.commands.contains { $0.executable == "helm" })

      chart.path = plain.path
      chart.folder = plain.folder
      chart.values = plain.values
      #expect(chart == plain)
    }
  }

  /// An archive that is no chart.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// What the message says behind the archive's path.
    let says: String
    let remedy: String
    let builder: TarBuilder

    init(
      _ name: String, says: String,
      remedy: String = "Pack the chart with helm package, or name its unpacked folder.",
      _ build: (TarBuilder) -> TarBuilder
    ) {
      testDescription = name
      self.says = says
      self.remedy = remedy
      builder = build(TarBuilder())
    }
  }

  private static let metadata = "name: a\nversion: 1.0.0\n"

  static let cases = [
    Case("something else", says: "is no packed chart: it has no docs/Chart.yaml") { $0.adding("docs/README.md") },
    Case("a chart in a folder's folder", says: "is no packed chart: it has no package/Chart.yaml") {
      $0.adding("package/agent/Chart.yaml", text: metadata)
    },
    Case("two charts", says: "is no packed chart: it has several folders, agent, other") {
      $0.adding("agent/Chart.yaml", text: metadata).adding("other/Chart.yaml", text: metadata)
    },
    Case("a chart without its folder", says: "is no packed chart: Chart.yaml is in no folder") {
      $0.adding("Chart.yaml", text: metadata)
    },
    Case("a file beside the chart's folder", says: "is no packed chart: ._agent is in no folder") {
      $0.adding("._agent").adding("agent/Chart.yaml", text: metadata)
    },
    Case(
      "names that helm does not understand", says: "cannot be read by helm: what is in it is called ./agent/Chart.yaml"
    ) {
      $0.adding("./agent/", .directory).adding("./agent/Chart.yaml", text: metadata)
    },
    Case(
      "one that would harm", says: "is refused: agent/x is a link to ../../x, which leads out of the archive",
      remedy:
        "Nothing was unpacked. Fetch the archive anew from where it is offered, and compare its checksum."
    ) {
      $0.adding("agent/Chart.yaml", text: metadata).adding("agent/x", .symbolicLink, link: "../../x")
    },
    Case(
      "more than Helm takes", says: "is refused: agent/x has 200 MiB; 100 MiB is the most for one file",
      remedy:
        "Nothing was unpacked. Fetch the archive anew from where it is offered, and compare its checksum."
    ) {
      $0.adding("agent/Chart.yaml", text: metadata).adding("agent/x", claimed: 200 << 20)
    },
  ]

  @Test("One that is no chart is told by its file and what is wrong, and nothing of it is unpacked", arguments: cases)
  func refused(_ archive: Case) async throws {
    try await withPackageStage { stage in
      let path = stage.scratch.file("agent-1.0.0.tgz")
      try await archive.builder.write(to: path)
      let failure = try #require(await failure(path, stage))
      #expect(failure.message == "\(path) \(archive.says)")
      #expect(failure.remedy?.text == archive.remedy)
      #expect(stage.extractions == 0)
      #expect(try Files.live.kind(stage.scratch.file("cache")) == nil)
    }
  }

  @Test("One that was cut short, that is no archive, or is not compressed as Helm's are")
  func broken() async throws {
    try await withPackageStage { stage in
      let path = stage.scratch.file("agent-1.0.0.tgz")
      try await PackedChart().write(to: path)
      let whole = try stage.scratch.read("agent-1.0.0.tgz")
      try Files.live.write(path, Array(whole.prefix(whole.count / 2)), 0o600)
      #expect(await failure(path, stage)?.message == "\(path) is cut short")
      #expect(await failure(path, stage)?.remedy?.text.contains("fetch it again") == true)
      try stage.scratch.write("<html>Sign in", to: "agent-1.0.0.tgz")
      #expect(await failure(path, stage)?.message.hasPrefix("\(path) is a web page") == true)
      let plain = stage.scratch.file("agent-1.0.0.tar")
      try await TarBuilder().adding("a/Chart.yaml", text: Self.metadata).write(to: plain)
      #expect(
        await failure(plain, stage)?.message == "\(plain) is not compressed with gzip, and helm reads no other")
      let package = stage.scratch.file("datarobot_mlops_package-11.2.62.tar.gz")
      try stage.scratch.write("", to: "datarobot_mlops_package-11.2.62.tar.gz")
      #expect(await failure(package, stage)?.message == "\(package) is an agent package and no chart")
      #expect(stage.extractions == 0)
      #expect(try Files.live.kind(stage.scratch.file("cache")) == nil)
    }
  }

  @Test("A file of it that cannot be read is told by its name in the archive, and leaves nothing in the cache")
  func unreadable() async throws {
    try await withPackageStage { stage in
      let path = stage.scratch.file("agent-1.0.0.tgz")
      try await PackedChart(changes: ["values.yaml": "a:\n  b: [1\nc: 2\n"]).write(to: path)
      let failure = try #require(await failure(path, stage))
      #expect(failure.message.hasPrefix("the chart cannot be read: values.yaml of \(path):3:2: "))
      #expect(try Files.live.list(stage.scratch.file("cache/mlops-setup/charts")) == [".lock"])
    }
  }

  @Test("A package whose chart is packed is as good as one with its folder")
  func inPackage() async throws {
    try await withPackageStage { stage in
      let work = stage.scratch.file("work")
      let root = try AgentTarball().unpacked(in: work)
      let charts = root + "/tools/charts"
      try Files.live.removeFolder(charts + "/datarobot-management-agent")
      try await PackedChart().write(to: charts + "/datarobot-management-agent-2.1.0.tgz")
      let tarball = stage.scratch.file(AgentTarball().name + ".tar.gz")
      try await TestProgram("tar", debianPackage: "tar").run([
        "--create", "--gzip", "--file=\(tarball)", "--directory=\(work)", AgentTarball().name,
      ])
      for _ in 1...2 {
        let package = try await AgentPackage.open(.archive(tarball), world: stage.world)
        #expect(package.chart.path == package.folder + "/tools/charts/datarobot-management-agent-2.1.0.tgz")
        #expect(package.chart.examples.map(\.name) == ["AKE_values.yaml", "AWS_values.yaml"])
        #expect(package.doubts == [])
      }
      // The package, and its chart.
      #expect(stage.extractions == 2)
    }
  }
}
