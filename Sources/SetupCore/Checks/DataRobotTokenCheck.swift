extension Check {
  /// DataRobot takes the token. Blocking where DataRobot answered, skipped where it did not.
  static let dataRobotToken = Check(
    "datarobot.token", title: "DataRobot token", required: "DataRobot accepts the API token",
    why: "The agent reports with it; DataRobot refuses every request of an agent with a wrong one.",
    needs: [.dataRobot], exemption: noToken
  ) { survey, _, _ in
    switch survey.dataRobot {
    case .seen(let summary):
      switch summary.token {
      case .seen:
        return Finding(.pass, observed: "DataRobot \(summary.version)", message: "DataRobot accepts the token.")
      case .failed(let failure) where failure.kind == .unauthorized: return .failed(failure)
      case .failed(let failure): return .unknown(failure)
      case .notAsked: return .notAsked
      }
    case .failed(let failure) where failure.kind == .unauthorized: return .failed(failure)
    case .failed: return .dataRobotSilent
    case .notAsked: return .notAsked
    }
  }
}

extension Finding {
  /// DataRobot did not answer this machine.
  static let dataRobotSilent = Finding(
    .skipped, observed: "", message: "Not looked at, because datarobot.reachable did not pass.")
}
