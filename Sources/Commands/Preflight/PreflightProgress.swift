import Screen
import SetupCore
import Synchronization
import Text

/// Tells on standard error how far the checks are: on a terminal a line that says what is being checked and for how long,
/// elsewhere a line now and then, so that a log shows that the program lives.
final class PreflightProgress: Sendable {
  private struct State {
    /// What is being checked, in the order in which it began.
    var running: [String] = []
    /// What each context waits for.
    var waiting: [String: String] = [:]
  }

  private let console: Console
  private let namesContexts: Bool
  private let heartbeat: Duration
  private let start = ContinuousClock.now
  private let state = Mutex(State())

  /// A teller; `namesContexts` where there are several.
  init(_ console: Console, namesContexts: Bool, heartbeat: Duration = .seconds(30)) {
    self.console = console
    self.namesContexts = namesContexts
    self.heartbeat = heartbeat
  }

  private func name(_ id: CheckID, _ context: String) -> String { namesContexts ? "\(context):\(id)" : id.name }

  /// Takes what a runner tells.
  func tell(_ event: CheckEvent, context: String) {
    state.withLock { state in
      switch event {
      case .started(let id):
        state.waiting[context] = nil
        state.running.append(name(id, context))
      case .finished(let result): state.running.removeAll { $0 == name(result.id, context) }
      case .surveyed: break
      }
    }
  }

  /// Takes what is waited for, and says so where it is not what was waited for before.
  func wait(for pending: [CheckResult], left: Duration, context: String, said: inout String) {
    let reasons = pending.map { "\(name($0.id, context)): \($0.finding.message)" }
    let text = OutsideText.clean(reasons.joined(separator: "; "), limit: 2000)
    state.withLock { $0.waiting[context] = "waiting, \(Self.seconds(left)) s left, for \(text)" }
    if said != text { say("waiting, \(Self.seconds(left)) s left, for \(text)") }
    said = text
  }

  /// What is under way; nil: nothing is.
  func line(after elapsed: Duration) -> String? {
    state.withLock { state in
      let waiting = state.waiting.sorted { $0.key < $1.key }.map(\.value)
      if state.running.isEmpty { return waiting.isEmpty ? nil : waiting.joined(separator: "; ") }
      return "checking \(state.running.joined(separator: ", ")) … \(Self.seconds(elapsed)) s"
    }
  }

  /// Writes a line of its own.
  func say(_ text: String) {
    console.statusLine?.show("")
    console.progress(text)
  }

  /// Does the work and tells about it until it is done.
  func during<Value: Sendable>(_ work: @Sendable () async throws -> Value) async rethrows -> Value {
    let teller = Task { await keepTelling() }
    defer {
      teller.cancel()
    }
    let value = try await work()
    teller.cancel()
    await teller.value
    console.statusLine?.show("")
    return value
  }

  private func keepTelling() async {
    let pause = console.statusLine == nil ? heartbeat : Duration.milliseconds(200)
    while true {
      // Only cancellation ends a sleep early, and that is the end of telling too.
      do { try await Task.sleep(for: pause) } catch { return }
      guard let line = line(after: ContinuousClock.now - start) else { continue }
      if let statusLine = console.statusLine {
        statusLine.show(truncate(OutsideText.clean(line), width: max(10, statusLine.columns - 1)))
      } else {
        console.progress("still " + line)
      }
    }
  }

  private static func seconds(_ duration: Duration) -> Int { Int(duration / .seconds(1)) }
}
