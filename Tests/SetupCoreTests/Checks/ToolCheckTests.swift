import FoundationEssentials
import HTTP
import TestSupport
import Testing
import YAML

@testable import SetupCore

@Suite("Checks of helm, the chart and image names")
struct ToolCheckTests {
  private func helm(_ result: ProcessResult?) async throws -> Finding {
    let program: @Sendable (ProcessCommand) async throws -> ProcessResult = { command in
      #expect(command.arguments == ["version", "--template", "{{.Version}}"])
      return result ?? ProcessResult(exitCode: 0)
    }
    let setup = try Samples.setup(programs: result == nil ? [:] : ["helm": program])
    return try #require(await CheckRunner(setup: setup, checks: [.helmVersion]).run().results.first).finding
  }

  @Test(
    "Helm 3 and 4 pass, others fail, and what cannot be read is unknown",
    arguments: [
      ("v3.14.0", Int32(0), FindingStatus.pass, "helm v3.14.0 is on PATH."),
      ("v4.0.4\n", 0, .pass, "helm v4.0.4 is on PATH."),
      ("v3.21.4+g1234abc", 0, .pass, "helm v3.21.4+g1234abc is on PATH."),
      ("v2.17.0", 0, .fail, "helm v2.17.0 is neither 3 nor 4."),
      ("v3.7.2", 0, .fail, "helm v3.7.2 is older than 3.8.0."),
      ("v5.0.0-rc.1", 0, .fail, "helm v5.0.0-rc.1 is neither 3 nor 4."),
      ("version.BuildInfo{}", 0, .unknown, "/usr/bin/helm does not tell its version: version.BuildInfo{}"),
      ("", 0, .unknown, "/usr/bin/helm does not tell its version: "),
      ("3", 0, .unknown, "/usr/bin/helm does not tell its version: 3"),
      ("v3.14.0", 1, .unknown, "/usr/bin/helm does not tell its version: v3.14.0"),
    ])
  func helmVersions(_ said: String, _ code: Int32, _ expected: FindingStatus, _ message: String) async throws {
    let found = try await helm(ProcessResult(exitCode: code, output: said))
    #expect(found.status == expected)
    #expect(found.message == message)
  }

  @Test(
    "Helm 3 past its last day of fixes warns",
    arguments: [
      ("v3.21.4", 1_802_310_000.0, FindingStatus.warn), ("v3.21.4", 1_802_200_000, .pass),
      ("v4.2.4", 1_802_310_000, .pass),
    ])
  func endOfSupport(_ version: String, _ now: Double, _ status: FindingStatus) async throws {
    let world = World.fake(
      programs: ["helm": { _ in ProcessResult(exitCode: 0, output: version) }],
      now: Date(timeIntervalSince1970: now))
    let setup = Setup(world: world, answers: Samples.answers(), requirements: Samples.requirements)
    let found = try #require(await CheckRunner(setup: setup, checks: [.helmVersion]).run().results.first).finding
    #expect(found.status == status)
    if status == .warn {
      #expect(
        found.message == "helm v3.21.4 is on PATH; Helm 3 gets no security fixes since 2027-02-10.", "\(found)")
    }
  }

  @Test("Helm's errors are cleaned before they are shown")
  func helmErrors() async throws {
    let found = try await helm(ProcessResult(exitCode: 127, errors: "\u{1b}[31mno such\nthing\u{1b}[0m"))
    #expect(found.status == .unknown)
    #expect(found.message == "/usr/bin/helm does not tell its version: no such thing")
  }

  @Test("No helm fails and says where to get it")
  func noHelm() async throws {
    #expect(
      try await helm(nil)
        == Finding(
          .fail, observed: "there is no helm on PATH", message: "there is no helm on PATH",
          remedy: Remedy("Install helm 3 or 4.", url: "https://helm.sh/docs/intro/install/")))
  }

  @Test("The stand-in chart passes; a chart that misses keys warns and names them")
  func chart() throws {
    let good = try finding(.chartFound) { $0.chart = .seen(try Samples.chart(.standIn)) }
    #expect(good.status == .pass)
    #expect(good.message == "The chart is datarobot-management-agent 2.1.0.")
    let values = try YAML.parse("datarobot: {}\npredictionServer: {}\nmanagementAgent: {}\n", source: "values.yaml")
    let other = Chart(path: "/c", name: "nginx", version: "1.0.0", appVersion: nil, values: values)
    let found = finding(.chartFound) { $0.chart = .seen(other) }
    #expect(found.status == .warn)
    #expect(
      found.details == [
        "trackingAgent.image", "imageBuilder.ppsImage", "imageBuilder.generatedImageRepository",
        "imageBuilder.secretName",
      ])
    #expect(
      found.message
        == "The chart nginx 1.0.0 knows no value trackingAgent.image, imageBuilder.ppsImage, imageBuilder.generatedImageRepository, imageBuilder.secretName."
    )
  }

  @Test("A chart that is not there fails, one that helm takes too long over is unknown, none named is skipped")
  func noChart() async throws {
    let absent = finding(.chartFound) { $0.chart = .failed(ObservationFailure(.absent, "there is no chart at /c")) }
    #expect(absent.status == .fail)
    let late = finding(.chartFound) { $0.chart = .failed(ObservationFailure(.timedOut, "late")) }
    #expect(late.status == .unknown)
    let setup = try Samples.setup(Samples.answers(["chart.path": .text("")]))
    let result = try #require(await CheckRunner(setup: setup, checks: [.chartFound]).run().results.first)
    #expect(result.finding == Finding(.skipped, observed: "", message: "No chart was named."))
  }

  @Test("Good image names pass and are listed; every bad one is named at once")
  func images() throws {
    let good = try finding(.imageReferences)
    #expect(good.status == .pass)
    #expect(good.observed == "4 references")
    #expect(good.details.count == 4)
    let bad = try finding(
      .imageReferences,
      answers: Samples.answers([
        "images.managementAgent": .text("registry.example.com/Agent"),
        "images.trackingAgent": .text("registry.example.com/tracking"),
        "images.generated": .text("registry.example.com/models:1"),
      ]))
    #expect(bad.status == .fail)
    #expect(
      bad.details.map { $0.prefix { $0 != " " } } == [
        "images.managementAgent", "images.trackingAgent", "images.generated",
      ])
    #expect(
      bad.details[1]
        == "images.trackingAgent has no tag; add the version, as in registry.example.com/tracking:11.2.62")
    #expect(bad.remedy == Remedy("Correct the answers under images."))
  }

  @Test("Images of another release than the chart's warn, as does one whose release nobody can tell")
  func otherRelease() {
    func judged(_ version: String?, _ agent: String = "11.2.9") -> Finding {
      finding(
        .imageReferences,
        answers: Samples.answers(["images.managementAgent": .text("registry.example.com/agent:\(agent)")])
      ) { $0.chart = .seen(Chart(path: "/c", name: "c", version: "1.0.0", appVersion: version, values: nil)) }
    }
    for version in [nil, "11.2.62", "v11.2.0-rc.1", "a release"] {
      #expect(judged(version).status == .pass, "\(version ?? "none")")
    }
    let other = judged("11.3.1")
    #expect(other.status == .warn)
    #expect(other.message.hasPrefix("images.managementAgent is 11.2.9, and the release of the chart is 11.3.1; "))
    #expect(other.message.components(separatedBy: "; ").count == 3)
    #expect(judged("11.2.62", "latest").message.contains("latest"))
    #expect(judged("11.2.62", "of-friday").status == .pass, "What says no version may be of any.")
  }

  @Test("No image named is skipped")
  func noImages() {
    var answers = Samples.answers()
    for key in Questionnaire.imageKeys { answers[key.id] = nil }
    #expect(Check.imageReferences.exemption(answers, Survey()) == "No images were named.")
    #expect(Check.imageReferences.exemption(Samples.answers(), Survey()) == nil)
  }
}
