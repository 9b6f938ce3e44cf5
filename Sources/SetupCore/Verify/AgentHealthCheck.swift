import FoundationEssentials
import Kubernetes
import Text

extension Check {
  /// DataRobot hears from the agent, and the agent says that it is well.
  static let agentHealth = Check(
    "agent.health", title: "Health in DataRobot",
    required: "DataRobot shows the prediction environment as passing, by a report of the last hour",
    why:
      "It is DataRobot's own word that the agent reports in: token, network, environment and agent are right together.",
    needs: [.agentRelease, .dataRobot, .ourClock], after: ["datarobot.environment"],
    exemption: { answers, survey in
      noToken(answers, survey)
        ?? (answers[.predictionEnvironment] == nil && answers.newEnvironmentName == nil
          ? "No prediction environment was named." : nil)
    }
  ) { survey, answers, _ in
    if let missing = Finding.withoutRelease(survey) { return missing }
    return .judging(survey.dataRobot) { summary in
      switch summary.environment {
      case .seen(let environment): return verdict(environment, survey.ourClock.value, answers)
      case .failed(let failure) where failure.kind == .absent: return .failed(failure)
      case .failed(let failure): return .unknown(failure)
      case .notAsked: return .notAsked
      }
    }
  }

  private static let patience =
    "After an installation it takes minutes until DataRobot shows it: mlops-setup verify --wait 10m. "
    + "Where it stays so, agent.logs says what the agent is stuck at."

  private static func verdict(_ environment: PredictionEnvironment, _ now: Date?, _ answers: Answers) -> Finding {
    let name = environment.name.map { OutsideText.clean($0) } ?? environment.id ?? ""
    let health = environment.health
    let status = health?.status.map { OutsideText.clean($0, limit: 40) } ?? "not said"
    let said = health?.message.flatMap { $0.isEmpty ? nil : OutsideText.clean($0, limit: 500) }
    let reported = health?.timestamp.flatMap(Timestamp.rfc3339)
    let age = reported.flatMap { reported in now.map { Duration.seconds($0.timeIntervalSince(reported)) } }
    let observed = status + (age.map { ", reported \(words($0)) ago" } ?? "")
    func finding(_ verdict: FindingStatus, _ message: String, _ remedy: String?) -> Finding {
      Finding(
        verdict, observed: observed, message: message, remedy: remedy.map { Remedy($0) },
        details: said.map { ["DataRobot says: \($0)"] } ?? [])
    }
    let reason = said.map { ": \($0)" } ?? ""
    switch health?.status {
    case "passing":
      if let age, age > .seconds(3600) {
        return finding(
          .warn, "The last good report on \(name) is \(words(age)) old: the agent may have stopped to report.",
          "See that its pod runs and what its log says (agent.pods, agent.logs), and that it reaches DataRobot.")
      }
      return finding(.pass, "DataRobot shows \(name) as passing: the agent reports in.", nil)
    case "warning":
      return finding(.warn, "DataRobot shows a warning for \(name)\(reason).", "Mend what it names, then verify again.")
    case "failing", "unavailable":
      return finding(
        .fail, "DataRobot shows \(name) as \(status)\(reason).",
        status == "unavailable"
          ? "The agent does not report: see agent.pods and agent.logs. " + patience
          : "Mend what it names; agent.logs has the agent's own words.")
    case "notApplicable":
      return finding(
        .unknown, "DataRobot tracks no health of \(name).",
        "See that the environment is managed by the management agent with the plugin kubernetes.")
    default:
      return finding(
        .unknown, "DataRobot has not heard of the agent of \(name) yet: its health is \(status).", patience)
    }
  }

  /// `40 s`, `12 min`, `3 h`, `2 days`.
  static func words(_ age: Duration) -> String {
    let seconds = max(0, age.components.seconds)
    return switch seconds {
    case ..<120: "\(seconds) s"
    case ..<7200: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3600) h"
    default: "\(seconds / 86_400) days"
    }
  }
}

extension Probe {
  /// Our own clock, for what has an age.
  static let ourClock = Probe("our-clock", \.ourClock, page: .cluster, after: [.dataRobot], evenWithout: [.dataRobot]) {
    setup, _ in setup.world.now()
  }
}

extension Survey {
  /// Our own clock.
  var ourClock: Observed<Date> {
    get { self["ourClock"] }
    set { self["ourClock"] = newValue }
  }
}
