extension Check {
  /// DataRobot takes the token. Advisory: the cluster may reach a DataRobot that this machine does not.
  static let dataRobotToken = Check(
    "datarobot.token", title: "DataRobot token", required: "DataRobot accepts the API token",
    why: "The agent reports with it.", isBlocking: false, needs: [.dataRobot],
    exemption: { answers, _ in
      if case .existing(let name)? = answers[.apiToken] {
        return "The token is in the Secret \(name) already, which is left as it is."
      }
      return answers[.apiToken] == nil ? "No token was given." : nil
    }
  ) { survey, _, _ in
    switch survey.dataRobot {
    case .seen(let summary):
      Finding(
        .pass, observed: "DataRobot \(summary.version)",
        message:
          "DataRobot accepts the token\(summary.environmentName.map { "; the prediction environment is \($0)" } ?? "")."
      )
    case .failed(let failure):
      failure.kind == .unauthorized || failure.kind == .absent
        ? Finding(.warn, observed: failure.message, message: failure.message, remedy: failure.remedy)
        : .unknown(failure)
    case .notAsked: .notAsked
    }
  }
}
