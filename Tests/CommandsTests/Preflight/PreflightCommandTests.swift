import HTTP
import Kubernetes
import SetupCore
import TestSupport
import Testing

@testable import Commands

@Suite("mlops-setup preflight")
struct PreflightCommandTests {
  private static func items(_ text: String) throws -> [(String, String)] {
    let root = try JSONText.parse(Array(text.utf8))
    return (root["checks"]?.array ?? []).map { ($0["id"]?.string ?? "", $0["status"]?.string ?? "") }
  }

  @Test(
    "A pass exits 0, in every format, and standard output is the document alone",
    arguments: [
      ("text", "Preflight of context prod"), ("short", "Result: pass (1 pass)\n"), ("json", "{\n"),
      ("junit", "<?xml"), ("markdown", "### Preflight"),
    ])
  func pass(_ format: String, _ beginning: String) async {
    let ending = await PreflightStage().run("--check", "helm.version", "--format", format)
    #expect(ending.code == 0, "\(ending)")
    #expect(ending.out.hasPrefix(beginning), "\(ending.out)")
    #expect(ending.progress == "")
  }

  @Test("A blocking failure exits 3")
  func fail() async {
    var stage = PreflightStage()
    stage.helm = nil
    let ending = await stage.run("--check", "helm.version", "--format", "short")
    #expect(ending.code == 3)
    #expect(ending.out == "fail     helm.version: there is no helm on PATH\nResult: fail (1 fail)\n")
  }

  @Test("A blocking unknown exits 5, also when what failed to answer was not asked for")
  func unknown() async {
    let ending = await PreflightStage().run(
      "--check", "kubernetes.version", "--context", "broken", "--format", "short")
    #expect(ending.code == 5, "\(ending)")
    #expect(
      ending.out.hasPrefix(
        "unknown  kubernetes.version: Not looked at, because cluster.reachable could not be decided: "))
  }

  @Test("Warnings exit 0, or 4 with --fail-on warn", arguments: [(false, Int32(0)), (true, 4)] as [(Bool, Int32)])
  func warnings(_ failsOnWarnings: Bool, _ code: Int32) {
    let report = PreflightReport(
      context: nil, server: nil,
      checks: [ReportSamples.mixed.checks[0], ReportSamples.mixed.checks[2]])
    #expect(report.exitCode(failsOnWarnings: failsOnWarnings) == code)
  }

  @Test("Several contexts are checked side by side, a report each in their order, and the worst decides")
  func contexts() async throws {
    let ending = await PreflightStage().run(
      "--check", "kubernetes.version", "--context", "staging", "--context", "broken", "--context", "prod", "--context",
      "prod", "--format", "json")
    #expect(ending.code == 5, "\(ending)")
    let root = try JSONText.parse(Array(ending.out.utf8))
    #expect(root["kind"] == "PreflightReportList")
    #expect(root["items"]?.array?.map { $0["context"] } == ["staging", "broken", "prod"])
    #expect(root["items"]?.array?.map { $0["result"] } == ["pass", "unknown", "pass"])
    #expect(try await Validator.problems(ofJSON: ending.out, schema: PreflightReportSchema.text) == "")
    let text = await PreflightStage().run(
      "--check", "kubernetes.version", "--context", "staging", "--context", "prod")
    #expect(text.out.contains("Preflight of context staging") && text.out.contains("Preflight of context prod"))
  }

  @Test("Of several exit codes 3 goes before 5, 5 before 4, 4 before 0")
  func worst() {
    func report(_ statuses: FindingStatus...) -> PreflightReport {
      PreflightReport(
        context: nil, server: nil,
        checks: statuses.map { status in
          var check = ReportSamples.mixed.checks[0]
          check.finding.status = status
          return check
        })
    }
    let (pass, warn, fail, unknown) = (report(.pass), report(.warn), report(.fail), report(.unknown))
    #expect(PreflightRun.exitCode([pass, unknown, fail, warn], failsOnWarnings: true) == 3)
    #expect(PreflightRun.exitCode([pass, warn, unknown], failsOnWarnings: true) == 5)
    #expect(PreflightRun.exitCode([warn, pass], failsOnWarnings: true) == 4)
    #expect(PreflightRun.exitCode([warn, pass], failsOnWarnings: false) == 0)
    #expect(PreflightRun.exitCode([], failsOnWarnings: false) == 5)
  }

  @Test(
    "What cannot be used on the command line exits 2 and says what to do",
    arguments: [
      (["--check", "nodes.fti"], "--check nodes.fti: there is no such check or category\nDid you mean nodes.fit?"),
      (["--skip", "helmm"], "--skip helmm: there is no such check or category\nDid you mean helm?"),
      (
        ["--check", "helm.version", "--skip", "helm.version"],
        "no check is left to run: --skip leaves out all that were chosen"
      ),
      (["--timeout", "soon"], "--timeout soon is no duration\nWrite one like 30s or 2m."),
      (["--timeout", "0s"], "--timeout 0s is no duration"), (["--wait", "5"], "--wait 5 is no duration"),
      (["--wait=-5m"], "--wait -5m is no duration"),
      (["--context", "prdo"], "there is no context \"prdo\" in the kubeconfig"),
      (["--context", "prod", "--context", "prdo"], "there is no context \"prdo\" in the kubeconfig"),
      (["--baseline", "old.json"], "there is no baseline /home/admin/work/old.json"),
      (["--baseline", "bad.json"], "the baseline bad.json cannot be read: it is no JSON: "),
      (
        ["--baseline", "one.json", "--context", "prod", "--context", "staging"],
        "the baseline has no report of the context "
      ),
      (["--answers", "none.yaml"], "there is no answers file /home/admin/work/none.yaml"),
      (["--format", "yaml"], "yaml"), (["--fail-on", "all"], "all"),
      (["--list", "--format", "junit"], "--list writes text or json, not junit"),
      (["--kubeconfig", "none"], "none"),
    ])
  func usage(_ arguments: [String], _ message: String) async {
    let stage = PreflightStage()
    stage.files.put("/home/admin/work/bad.json", "report: good\n")
    stage.files.put("/home/admin/work/one.json", ReportSamples.good.json())
    let ending = await stage.run(verb: ["preflight"] + arguments)
    #expect(ending.code == 2, "\(ending)")
    #expect(ending.progress.contains(message), "\(ending.progress)")
    #expect(ending.out == "")
  }

  @Test(
    "An expired waiver exits 2 with its line, in preflight and install alike", arguments: [["preflight"], ["install"]])
  func expiredWaiver(_ verb: [String]) async {
    let stage = PreflightStage()
    stage.files.put(
      "/home/admin/work/a.yaml",
      """
      apiVersion: mlops-setup/v1
      kind: Answers
      waive:
      - {check: nodes.fit, reason: grows on Monday, until: 2026-12-31}
      """)
    let ending = await stage.run("--answers", "a.yaml", verb: verb)
    #expect(ending.code == 2)
    #expect(
      ending.progress.contains("a.yaml:4:3: the waiver of nodes.fit expired: it held until 2026-12-31"), "\(ending)")
  }

  @Test("A report into a folder that is not there is refused before anything is looked at")
  func noFolder() async {
    let ending = await PreflightStage().run("--check", "helm.version", "--output", "/home/admn/report.json")
    #expect(ending.code == 2)
    #expect(ending.progress.contains("there is no folder /home/admn for the report"), "\(ending)")
  }

  @Test("A baseline marks what changed, and may be the file that is written")
  func baseline() async throws {
    var stage = PreflightStage()
    let first = await stage.run("--check", "helm.version", "--format", "json", "--output", "/home/admin/report.json")
    #expect(first.code == 0 && first.out == "", "\(first)")
    #expect(first.progress == "The report is in /home/admin/report.json.\n")
    stage.helm = nil
    let second = await stage.run(
      "--check", "helm.version", "--format", "json", "--output", "/home/admin/report.json", "--baseline",
      "/home/admin/report.json")
    #expect(second.code == 3)
    let text = try #require(stage.files.text("/home/admin/report.json"))
    let root = try JSONText.parse(Array(text.utf8))
    #expect(root["checks"]?.array?.first?["baseline"] == "new")
    #expect(try await Validator.problems(ofJSON: text, schema: PreflightReportSchema.text) == "")
    stage.helm = "v3.21.4"
    let third = await stage.run("--check", "helm.version", "--format", "short", "--baseline", "/home/admin/report.json")
    #expect(third.out.hasSuffix("[fixed]\nResult: pass (1 pass); since the baseline: 1 fixed\n"), "\(third.out)")
  }

  @Test("What is waited for is said on standard error, once as long as it is the same", .timeLimit(.minutes(1)))
  func wait() async {
    var stage = PreflightStage()
    stage.helm = nil
    let ending = await stage.run("--check", "helm.version", "--wait", "1m", "--format", "short")
    #expect(ending.code == 3)
    let lines = ending.progress.split(separator: "\n")
    #expect(lines.count == 1, "\(lines)")
    #expect(lines.first?.hasSuffix(" s left, for helm.version: there is no helm on PATH") == true, "\(lines)")
  }

  @Test("The list names every check with what it requires and whether it blocks")
  func list() async throws {
    let text = await PreflightStage().run("--list")
    #expect(text.code == 0)
    for check in CheckCatalog.all {
      #expect(text.out.contains("\(check.id)  \(check.isBlocking ? "blocking" : "advisory")  "), "\(check.id)")
    }
    let json = await PreflightStage().run("--list", "--format", "json")
    let root = try JSONText.parse(Array(json.out.utf8))
    #expect(root["kind"] == "CheckList")
    #expect(root["checks"]?.array?.map { $0["id"]?.string } == CheckCatalog.all.map(\.id.name))
    #expect(root["checks"]?.array?.map { $0["required"]?.string } == CheckCatalog.all.map(\.required))
    #expect(root["checks"]?.array?.map { $0["blocking"]?.bool } == CheckCatalog.all.map(\.isBlocking))
  }

  @Test("The schema it prints is the published one")
  func schema() async {
    let ending = await PreflightStage().run("--schema")
    #expect(ending.code == 0)
    #expect(ending.out == PreflightReportSchema.text)
    #expect(ending.out.hasPrefix("{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\""))
  }

  @Test("A server that never answers is unknown when its time is up, and the whole ends", .timeLimit(.minutes(1)))
  func timeout() async throws {
    var stage = PreflightStage()
    stage.transport = SilentTransport()
    let ending = await stage.run("--timeout", "200ms", "--format", "json", "--check", "cluster")
    #expect(ending.code == 5, "\(ending)")
    let items = try Self.items(ending.out)
    #expect(items.map(\.0) == ["cluster.reachable", "cluster.credentials", "cluster.clock", "cluster.certificate"])
    #expect(items.first?.1 == "unknown")
    #expect(!items.contains { $0.1 == "pass" || $0.1 == "fail" }, "\(items)")
  }

  @Test("Interrupted, it writes what it knows, the rest as unknown, and exits 130", .timeLimit(.minutes(1)))
  func interrupted() async throws {
    let task = Task {
      var stage = PreflightStage()
      stage.transport = SilentTransport()
      return await stage.run("--format", "json", "--check", "cluster", "--check", "helm.version")
    }
    try await Task.sleep(for: .milliseconds(500))
    task.cancel()
    let ending = await task.value
    #expect(ending.code == 130, "\(ending)")
    let items = try Self.items(ending.out)
    #expect(
      items.map(\.0) == [
        "cluster.reachable", "cluster.credentials", "cluster.clock", "cluster.certificate", "helm.version",
      ])
    #expect(items.map(\.1) == ["unknown", "skipped", "skipped", "skipped", "pass"], "\(items)")
    #expect(ending.progress == "mlops-setup: interrupted; what was not seen by then is unknown\n")
  }
}
