extension Questionnaire {
  /// Which DataRobot, and where its predictions are served.
  static let dataRobot: [Question] = [
    Question(
      "datarobot.endpoint", page: .dataRobot, label: "Endpoint",
      why: "Where DataRobot is. Self-managed: the URL that you open in the browser.",
      example: "https://app.datarobot.com",
      suggestion: { _, _ in .text("https://app.datarobot.com") },
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
      kind: .secret(environment: "DATAROBOT_API_TOKEN")),
    Question(
      "datarobot.predictionEnvironment", page: .dataRobot, label: "Prediction env.",
      why:
        "The id of the prediction environment that this agent serves: 24 hexadecimal digits, the end of its page's address.",
      example: "65f0a1b2c3d4e5f60718293a",
      problem: { value, _ in
        guard let id = value.text else { return nil }
        let isID = id.utf8.count == 24 && id.allSatisfy { $0.isHexDigit && $0.isASCII }
        return isID ? nil : "must be 24 hexadecimal digits"
      }),
    Question(
      "ingress.outfacingUrl", page: .dataRobot, label: "Outfacing URL",
      why:
        "The URL under which clients reach deployed models through the ingress; its path is put before each deployment's.",
      example: "https://models.example.com/deployments/",
      problem: { value, _ in value.text.flatMap(URLRules.outfacingProblem) }),
  ]
}
