extension Check {
  /// DataRobot answers this machine. Advisory: the cluster may reach a DataRobot that this machine does not. What is then
  /// not known of the token and the prediction environment is skipped; what DataRobot itself says of them blocks.
  static let dataRobotReachable = Check(
    "datarobot.reachable", title: "DataRobot answers", required: "DataRobot's API answers this machine",
    why: "The agent fetches its work from it and reports to it.", isBlocking: false, needs: [.dataRobot],
    exemption: noToken
  ) { survey, answers, _ in
    let endpoint = answers[.endpoint] ?? "DataRobot"
    switch survey.dataRobot {
    case .seen(let summary):
      return Finding(
        .pass, observed: summary.version.isEmpty ? "answers" : "DataRobot \(summary.version)",
        message: "\(endpoint) answers.")
    case .failed(let failure):
      switch failure.kind {
      case .unauthorized: return Finding(.skipped, observed: "", message: "Not asked: \(failure.message).")
      case .absent:
        return Finding(.warn, observed: failure.message, message: failure.message, remedy: failure.remedy)
      default: return .unknown(failure)
      }
    case .notAsked: return .notAsked
    }
  }

  /// Why DataRobot is not asked.
  static let noToken: @Sendable (Answers, Survey) -> String? = { answers, _ in
    if case .existing(let name)? = answers[.apiToken] {
      return "The token is in the Secret \(name) already, which is left as it is."
    }
    return answers[.apiToken] == nil ? "No token was given." : nil
  }
}
