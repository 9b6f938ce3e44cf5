import SetupCore
import Synchronization

/// A preflight or a verification of one or several contexts, side by side.
struct PreflightRun: Sendable {
  /// One context's checks.
  struct Target: Sendable {
    /// The context as it was asked for; empty: the one of the answers or the kubeconfig.
    let name: String
    let setup: Setup
    let selection: CheckSelection
  }

  var inspection = Inspection.preflight
  let targets: [Target]
  /// How long one look may take.
  let deadline: Duration
  /// How long to repeat what is not as it should be; nil: not at all.
  let wait: Duration?

  /// The reports, in the order of the targets.
  func reports(_ progress: PreflightProgress) async -> [PreflightReport] {
    await withTaskGroup(of: (Int, PreflightReport).self) { group in
      for (index, target) in targets.enumerated() {
        group.addTask { (index, await report(target, progress)) }
      }
      var reports: [Int: PreflightReport] = [:]
      for await (index, report) in group { reports[index] = report }
      return targets.indices.compactMap { reports[$0] }
    }
  }

  private func report(_ target: Target, _ progress: PreflightProgress) async -> PreflightReport {
    let said = Mutex("")
    let waiting = wait.map { limit in
      CheckWaiting(limit: limit) { pending, left in
        said.withLock { progress.wait(for: pending, left: left, context: target.name, said: &$0) }
      }
    }
    let runner = CheckRunner(setup: target.setup, selection: target.selection, deadline: deadline, waiting: waiting)
    let (results, seen) = await runner.run { progress.tell($0, context: target.name) }
    // A report is about a context, also where no check had to look at the kubeconfig.
    let survey = await Surveyor().contexts(target.setup).merging(seen)
    return PreflightReport(
      results, survey, Questionnaire.standard.completed(target.setup.answers, survey), of: inspection)
  }

  /// The worst of several exit codes: a failure goes before what is unknown, that before warnings.
  static func exitCode(_ reports: [PreflightReport], failsOnWarnings: Bool) -> Int32 {
    let codes = reports.map { $0.exitCode(failsOnWarnings: failsOnWarnings) }
    return [3, 5, 4].first(where: codes.contains) ?? (reports.isEmpty ? 5 : 0)
  }
}
