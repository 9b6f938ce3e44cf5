import Kubernetes
import Text

extension Questionnaire {
  /// Which DataRobot, and where its predictions are served.
  static let dataRobot: [Question] = [
    Question(
      "datarobot.endpoint", page: .dataRobot, label: "Endpoint",
      why: "Where DataRobot is. Self-managed: the URL that you open in the browser.",
      example: "https://app.datarobot.com",
      suggestion: { _, survey in
        .text(survey.dataRobotConfiguration.value?.endpoint ?? "https://app.datarobot.com")
      },
      candidates: { _, _ in
        [
          .init("https://app.datarobot.com", "US"), .init("https://app.eu.datarobot.com", "EU"),
          .init("https://app.jp.datarobot.com", "Japan"),
        ]
      },
      problem: { value, _ in value.text.flatMap(URLRules.webProblem) }),
    Question(
      "datarobot.apiToken", page: .dataRobot, label: "API token",
      why:
        "A key of its own for the agent, made under Developer tools in DataRobot. It goes into the Secret mlops-api-key and nowhere else.",
      kind: .secret(environment: "DATAROBOT_API_TOKEN"),
      suggestion: { _, survey in survey.dataRobotConfiguration.value?.token.map { .secret($0) } }),
    Question(
      "datarobot.environment", page: .dataRobot, label: "Prediction env.",
      why: "DataRobot gives the agent the models of one prediction environment: one that is there, or a new one.",
      kind: .choice([
        .init("existing", "one that is there"), .init("create", "a new one, managed by the agent"),
      ]),
      suggestion: { _, _ in .text("existing") }),
    Question(
      "datarobot.predictionEnvironment", page: .dataRobot, label: "Its id",
      why:
        "The id of the prediction environment that this agent serves: 24 hexadecimal digits, the end of its page's address.",
      example: "65f0a1b2c3d4e5f60718293a", applies: { $0[.environmentChoice] != "create" },
      candidates: { _, survey in
        (survey.dataRobotEnvironments.value ?? []).compactMap { environment in
          environment.id.map { Question.Choice($0, environment.summary) }
        }
      },
      problem: { value, _ in
        guard let id = value.text else { return nil }
        let isID = id.utf8.count == 24 && id.allSatisfy { $0.isHexDigit && $0.isASCII }
        return isID ? nil : "must be 24 hexadecimal digits"
      }),
    Question(
      "datarobot.environmentName", page: .dataRobot, label: "Its name",
      why: "The name people will see in DataRobot. Where there is one of that name already, it is used.",
      example: "Kubernetes prod", applies: { $0[.environmentChoice] == "create" },
      suggestion: { answers, _ in .text("Kubernetes \(answers[.context] ?? "")".trimmed(to: 100)) }),
    Question(
      "datarobot.environmentPlatform", page: .dataRobot, label: "Its platform",
      why: "Where it runs, for DataRobot's lists.",
      kind: .choice([
        .init("aws", "Amazon"), .init("azure", "Microsoft Azure"), .init("gcp", "Google Cloud"),
        .init("openShift", "OpenShift"), .init("onPremise", "own machines"), .init("other", "anything else"),
      ]),
      applies: { $0[.environmentChoice] == "create" },
      suggestion: { _, survey in
        switch survey.distribution?.kind {
        case .eks: .text("aws")
        case .aks: .text("azure")
        case .gke: .text("gcp")
        case .openShift, .microShift: .text("openShift")
        case .other, nil: .text("other")
        case .rke2, .k3s, .kind, .minikube, .microk8s: .text("onPremise")
        }
      }),
    Question(
      "ingress.outfacingUrl", page: .dataRobot, label: "Outfacing URL",
      why:
        "The URL under which clients reach deployed models through the ingress; its path is put before each deployment's.",
      example: "https://models.example.com/deployments/",
      problem: { value, _ in value.text.flatMap(URLRules.outfacingProblem) }),
  ]
}

extension PredictionEnvironment {
  /// What tells it from others, for a list.
  fileprivate var summary: String {
    [
      name.map { OutsideText.clean($0, limit: 60) }, platform.map { OutsideText.clean($0, limit: 20) },
      isManagedByManagementAgent == true ? nil : "not managed by an agent",
    ].compactMap { $0 }.joined(separator: ", ")
  }
}
