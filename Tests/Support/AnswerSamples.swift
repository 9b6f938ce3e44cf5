public import SetupCore

/// Answers for tests of what comes after them.
public enum AnswerSamples {
  /// All that must be answered, secrets by reference.
  public static var complete: Answers {
    var answers = Answers(baseDirectory: "/home/ada")
    func give(_ key: AnswerKey<String>, _ text: String) { answers[key.id] = Answer(.text(text)) }
    give(.server, "registry.example.com:5000")
    give(.username, "push")
    give(.predictionEnvironment, "65f0a1b2c3d4e5f60718293a")
    give(.outfacingURL, "https://models.example.com/deployments/")
    give(.chartPath, "./datarobot-management-agent")
    give(.managementAgent, "registry.example.com:5000/datarobot/mlops-management-agent:11.2.62")
    give(.predictionServer, "registry.example.com:5000/datarobot/datarobot-portable-prediction-api:11.2.62")
    answers[AnswerKey.registryPassword.id] = Answer(.secret(.environment("REGISTRY_PASSWORD")))
    answers[AnswerKey.apiToken.id] = Answer(.secret(.environment("DATAROBOT_API_TOKEN")))
    return answers
  }
}
