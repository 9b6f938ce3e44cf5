import FoundationEssentials
import HTTP
import Kubernetes
import Synchronization
import TestSupport
import Testing

@testable import SetupCore

/// A step that does as it is told.
private struct ScriptedStep: Step {
  let id: StepID
  var title: String { "Step \(id.name)" }
  var state: @Sendable () async throws -> StepState = { .needed(["one", "two"]) }
  var work: @Sendable (@Sendable (StepProgress) -> Void) async throws -> Void = { _ in }

  func commands(_ setup: Setup) -> [EquivalentCommand] { [] }
  func access(namespaceExists: Bool) -> [AccessRequest] { [] }
  func inspect(_ setup: Setup) async throws -> StepState { try await state() }
  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    try await work(progress)
  }
  func traces(_ setup: Setup) async throws -> [Trace] { [] }
}

@Suite("The runner of plans and its journal")
struct RunnerTests {
  private static let path = "/state/journal.jsonl"

  private static func runner(_ steps: [ScriptedStep], _ files: MemoryFiles) throws -> (Runner, Journal) {
    let setup = try Samples.setup(files: files)
    let journal = Journal(path: path, world: setup.world)
    let plan = Plan(target: "context prod", entries: steps.map { Plan.Entry(step: $0, state: .needed([])) })
    return (Runner(plan: plan, setup: setup, journal: journal), journal)
  }

  /// The journal's lines as `event step outcome message`.
  private static func lines(_ files: MemoryFiles) throws -> [String] {
    try (files.text(path) ?? "").split(separator: "\n").map { line in
      let entry = try object(Journal.Entry.self, String(line))
      return [entry.event, entry.step, entry.outcome, entry.message].compactMap { $0 }.joined(separator: " ")
    }
  }

  @Test("Steps are unchanged, changed, failed or not reached, and the journal tells the same")
  func outcomes() async throws {
    let files = MemoryFiles()
    let (runner, journal) = try Self.runner(
      [
        ScriptedStep(id: "a", state: { .done("as it was") }), ScriptedStep(id: "b"),
        ScriptedStep(id: "c", work: { _ in throw SetupError(.tool, "the disk is full", next: "Make room.") }),
        ScriptedStep(id: "d", state: { throw SetupError(.tool, "nobody asks this one") }),
      ], files)
    let events = Mutex<[String]>([])
    let report = try await runner.run { event in
      events.withLock {
        switch event {
        case .started(let id): $0.append("started \(id)")
        case .progress(let id, let progress): $0.append("progress \(id) \(progress.message)")
        case .finished(let id, _): $0.append("finished \(id)")
        }
      }
    }
    #expect(
      report.entries.map(\.outcome) == [
        .unchanged("as it was"), .changed("one; two"),
        .failed(SetupError(.tool, "the disk is full", next: "Make room.")), .notReached,
      ])
    #expect(report.entries.map(\.title) == ["Step a", "Step b", "Step c", "Step d"])
    #expect(report.failure?.error.message == "the disk is full")
    #expect(
      events.withLock { $0 } == [
        "started a", "finished a", "started b", "finished b", "started c", "finished c", "finished d",
      ])
    #expect(
      try Self.lines(files) == [
        "run-started context prod", "step-finished a unchanged", "step-started b", "step-finished b changed",
        "step-started c", "step-finished c failed the disk is full", "run-finished failed",
      ])
    #expect(files.mode(Self.path) == 0o600)
    #expect(try journal.interruptedSteps() == [])
  }

  @Test("A step that is blocked fails with its reason and is not performed")
  func blocked() async throws {
    let files = MemoryFiles()
    let (runner, _) = try Self.runner(
      [ScriptedStep(id: "a", state: { .blocked("in the way") }, work: { _ in Issue.record("performed") })], files)
    let report = try await runner.run { _ in }
    #expect(report.entries.map(\.outcome) == [.failed(SetupError(.installFailed, "in the way"))])
    #expect(try !Self.lines(files).contains { $0.hasPrefix("step-started") })
  }

  @Test("An error of any kind becomes one for a person, with the exit code of a failed installation")
  func wrapping() async throws {
    struct Odd: Error, CustomStringConvertible { var description: String { "odd" } }
    for (error, message, next) in [
      (
        KubernetesError(
          .forbidden, "cannot patch secrets", nextStep: "Ask for it", command: "kubectl auth can-i patch secrets")
          as any Error, "cannot patch secrets", "Ask for it. See: kubectl auth can-i patch secrets"
      ),
      (ObservationFailure(.absent, "no chart", remedy: Remedy("Name one.")), "no chart", "Name one."),
      (Odd(), "odd", ""),
    ] {
      for inInspect in [true, false] {
        let step =
          inInspect
          ? ScriptedStep(id: "a", state: { throw error }) : ScriptedStep(id: "a", work: { _ in throw error })
        let report = try await Self.runner([step], MemoryFiles()).0.run { _ in }
        #expect(report.entries.map(\.outcome) == [.failed(SetupError(.installFailed, message, next: next))])
        #expect(report.failure?.error.exitCode == 6)
      }
    }
  }

  @Test("Progress is told as it comes")
  func progress() async throws {
    let told = Mutex<[String]>([])
    let step = ScriptedStep(
      id: "a",
      work: { progress in
        progress(StepProgress("half"))
        progress(StepProgress("whole", details: ["x"]))
      })
    _ = try await Self.runner([step], MemoryFiles()).0.run { event in
      if case .progress(let id, let progress) = event { told.withLock { $0.append("\(id) \(progress.message)") } }
    }
    #expect(told.withLock { $0 } == ["a half", "a whole"])
  }

  @Test(
    "Cancelling within a step is an interruption, whatever the step makes of it, and leaves the journal open there",
    .timeLimit(.minutes(1)), arguments: ["cancellation", "kubernetes", "setup", "other"])
  func cancellation(_ kind: String) async throws {
    let files = MemoryFiles()
    let (runner, journal) = try Self.runner(
      [
        ScriptedStep(id: "a"),
        ScriptedStep(
          id: "b",
          work: { _ in
            do {
              try await Task.sleep(for: .seconds(60))
            } catch {
              switch kind {
              case "kubernetes": throw KubernetesError(.cancelled, "cannot list pods: cancelled")
              case "setup": throw SetupError(.installFailed, "helm could not: signal: killed")
              case "other": throw HTTPError(code: .cancelled, message: "cancelled", url: "")
              default: throw error
              }
            }
          }),
        ScriptedStep(id: "c", work: { _ in Issue.record("went on") }),
      ], files)
    let task = Task { try await runner.run { _ in } }
    while try !Self.lines(files).contains("step-started b") { try await Task.sleep(for: .milliseconds(5)) }
    task.cancel()
    let error = try #require(await #expect(throws: SetupError.self) { try await task.value })
    #expect(error.code == .interrupted)
    #expect(error.exitCode == 130)
    #expect(error.message == "stopped during Step b")
    #expect(error.next == "Run it again to go on from there.")
    #expect(try Self.lines(files).last == "step-started b")
    #expect(try journal.interruptedSteps() == ["b"])
  }

  @Test("A task that is cancelled before a step begins does not begin it")
  func cancelledBefore() async throws {
    let files = MemoryFiles()
    let (runner, journal) = try Self.runner(
      [ScriptedStep(id: "a", work: { _ in Issue.record("performed") })], files)
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return try await runner.run { _ in }
    }
    let error = await #expect(throws: SetupError.self) { try await task.value }
    #expect(error?.code == .interrupted)
    #expect(try journal.interruptedSteps() == [])
  }

  @Test("A journal that cannot be written stops the run before anything is changed")
  func journalFails() async throws {
    var setup = try Samples.setup()
    var world = setup.world
    world.files.append = { path, _ in throw SetupError(.tool, "cannot write to \(path): No space left on device") }
    setup = Setup(world: world, answers: setup.answers, requirements: Samples.requirements)
    let step = ScriptedStep(id: "a", work: { _ in Issue.record("performed") })
    let runner = Runner(
      plan: Plan(target: "", entries: [Plan.Entry(step: step, state: .needed([]))]), setup: setup,
      journal: Journal(path: Self.path, world: world))
    let error = await #expect(throws: SetupError.self) { try await runner.run { _ in } }
    #expect(error?.message == "cannot write to /state/journal.jsonl: No space left on device")
  }

  private static func line(_ event: String, _ step: String? = nil, _ outcome: String? = nil) -> String {
    let members = [
      #""event":"\#(event)""#, outcome.map { #""outcome":"\#($0)""# }, step.map { #""step":"\#($0)""# },
      #""time":"2026-01-01T00:00:00Z""#,
    ]
    return "{\(members.compactMap { $0 }.joined(separator: ","))}\n"
  }

  @Test(
    "The journal tells which step a killed run left open",
    arguments: [
      ([], []),
      ([line("run-started")], []),
      ([line("run-started"), line("step-started", "release")], ["release"]),
      ([line("run-started"), line("step-started", "release"), line("step-finished", "release", "changed")], []),
      ([line("run-started"), line("step-started", "release"), line("step-finished", "release", "failed")], []),
      // The next run did other steps first, and was killed or failed before it came to this one again.
      (
        [
          line("run-started"), line("step-started", "release"), line("run-started"), line("step-started", "values"),
          line("step-finished", "values", "changed"),
        ], ["release"]
      ),
      (
        [
          line("run-started"), line("step-started", "release"), line("run-started"), line("step-started", "values"),
          line("step-finished", "values", "failed"), line("run-finished", nil, "failed"),
        ], ["release"]
      ),
      ([line("step-started", "release"), line("step-started", "values")], ["release", "values"]),
      ([line("step-started", "release"), line("step-finished", "release", "unchanged")], []),
      ([line("step-started", "release"), line("run-finished", nil, "done")], []),
      // The kill cut the last line, and the next run wrote behind it.
      ([line("step-started", "release"), #"{"event":"step-fini"#], ["release"]),
      ([line("step-started", "release"), #"{"event":"step-fini"#, line("run-started")], ["release"]),
      ([#"{"event":"step-sta"#], []),
      (["\u{0}\u{0}\u{0}\n", line("step-started", "release")], ["release"]),
    ] as [([String], [String])])
  func interrupted(_ lines: [String], _ expected: [String]) throws {
    let files = MemoryFiles([Self.path: lines.joined()])
    let journal = Journal(path: Self.path, world: .fake(files: files))
    #expect(try journal.interruptedSteps().map(\.name) == expected)
  }

  @Test("No journal yet tells of no step")
  func noJournal() throws {
    #expect(try Journal(path: Self.path, world: .fake()).interruptedSteps() == [])
  }

  @Test("A line of the journal is one line, dated in UTC, whatever its message holds")
  func format() throws {
    let files = MemoryFiles()
    try Journal(path: Self.path, world: .fake(files: files)).write(
      event: "step-finished", step: "release", outcome: "failed", message: "one\ntwo \"three\"")
    #expect(
      files.text(Self.path)
        == #"{"event":"step-finished","message":"one\ntwo \"three\"","outcome":"failed","step":"release","time":"2027-01-15T08:00:00Z"}"#
        + "\n")
  }
}
