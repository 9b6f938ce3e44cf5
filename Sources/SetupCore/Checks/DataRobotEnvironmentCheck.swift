import Text

extension Check {
  /// The prediction environment is one that this agent can serve. Blocking where DataRobot answered.
  static let dataRobotEnvironment = Check(
    "datarobot.environment", title: "Prediction environment",
    required: "the prediction environment exists and is managed by the management agent with the plugin kubernetes",
    why: "DataRobot gives the agent only the models of this environment; with a wrong id it waits for ever.",
    needs: [.dataRobot],
    exemption: { answers, survey in
      noToken(answers, survey)
        ?? (answers[.predictionEnvironment] == nil && answers.newEnvironmentName == nil
          ? "No prediction environment was named." : nil)
    }
  ) { survey, answers, _ in
    let id = answers[.predictionEnvironment] ?? answers.newEnvironmentName ?? ""
    switch survey.dataRobot {
    case .seen(let summary):
      if summary.token.failure != nil {
        return Finding(.skipped, observed: "", message: "Not looked at, because datarobot.token failed.")
      }
      switch summary.environment {
      case .seen(let environment): return judge(environment, id: id, in: answers)
      case .failed(let failure) where failure.kind == .absent && answers.newEnvironmentName != nil:
        return Finding(
          .pass, observed: "none of that name",
          message: "The plan makes the prediction environment \(answers.newEnvironmentName ?? "").")
      case .failed(let failure) where failure.kind == .absent:
        return Finding(
          .fail, observed: failure.message,
          message: "DataRobot knows no prediction environment \(id), or the token's owner may not see it.",
          remedy: Remedy(
            "Copy the id from the end of its page's address, or share it with the token's owner.",
            url: page(answers)))
      case .failed(let failure) where failure.kind == .denied: return .failed(failure)
      case .failed(let failure): return .unknown(failure)
      case .notAsked: return .notAsked
      }
    case .failed(let failure) where failure.kind == .unauthorized:
      return Finding(.skipped, observed: "", message: "Not looked at, because datarobot.token failed.")
    case .failed: return .dataRobotSilent
    case .notAsked: return .notAsked
    }
  }

  private static func judge(_ environment: PredictionEnvironment, id: String, in answers: Answers) -> Finding {
    let name = environment.name.map { OutsideText.clean($0) } ?? id
    let formats = environment.supportedModelFormats ?? []
    let details = [
      "managed by the management agent: \(environment.isManagedByManagementAgent.map { $0 ? "yes" : "no" } ?? "not said")",
      "plugin: \(environment.plugin.map { OutsideText.clean($0) } ?? "none")",
      "model formats: \(formats.isEmpty ? "not said" : formats.map { OutsideText.clean($0) }.joined(separator: ", "))",
      environment.health?.status.map { "health: \(OutsideText.clean($0))" },
    ].compactMap { $0 }
    func finding(_ status: FindingStatus, _ message: String, _ text: String? = nil) -> Finding {
      Finding(
        status, observed: name, message: message, remedy: text.map { Remedy($0, url: page(answers)) }, details: details)
    }
    if environment.isDeleted == true {
      return finding(
        .fail, "The prediction environment \(name) was deleted.", "Make a new one and give its id.")
    }
    if environment.isManagedByManagementAgent == false {
      return finding(
        .fail, "The prediction environment \(name) is not managed by a management agent.",
        "Edit it in DataRobot: managed by the management agent, plugin kubernetes.")
    }
    var doubts: [String] = []
    if environment.isManagedByManagementAgent == nil { doubts.append("does not say whether an agent manages it") }
    if environment.plugin != "kubernetes" {
      doubts.append(
        environment.plugin.map { "is set to the plugin \(OutsideText.clean($0)), not kubernetes" } ?? "names no plugin")
    }
    let missing = ["datarobot", "customModel"].filter { !formats.contains($0) }
    if !missing.isEmpty { doubts.append("takes no models of the format \(missing.joined(separator: ", "))") }
    guard doubts.isEmpty else {
      return finding(
        .warn, "The prediction environment \(name) \(doubts.joined(separator: "; it ")).",
        "Edit it in DataRobot: managed by the management agent, plugin kubernetes, formats DataRobot and custom model.")
    }
    return finding(.pass, "The prediction environment is \(name).")
  }

  /// Where DataRobot is opened in a browser.
  private static func page(_ answers: Answers) -> String? {
    guard let endpoint = answers[.endpoint] else { return nil }
    do { return try DataRobotEndpoint(endpoint).base } catch { return nil }
  }
}
