import YAML

/// What the answers mean for the chart, whatever its generation: the registry provider adds its own part.
enum AgentValues {
  /// The settings, in the order of the values file.
  ///
  /// - Parameter chart: Tells how it names the image builder's image; nil: as charts usually do.
  static func settings(_ answers: Answers, for chart: Chart? = nil) -> [ValueSetting] {
    var settings: [ValueSetting] = []
    func set(_ setting: ValueSetting?) { if let setting { settings.append(setting) } }

    set(
      answers[.ingressClass].map {
        ValueSetting(
          "predictionServer.ingressClassName", "ingress.className", value: .string($0),
          comment: "The IngressClass that serves the deployed models.", from: AnswerKey<String>.ingressClass.id)
      })
    set(
      answers[.outfacingURL].map {
        ValueSetting(
          "predictionServer.outfacingUrlRoot", "ingress.outfacingURLPrefix",
          value: .string($0.hasSuffix("/") ? $0 : $0 + "/"), comment: "Where clients reach the deployed models.",
          from: AnswerKey<String>.outfacingURL.id)
      })
    set(
      ValueSetting(
        "datarobot.apiSecretName", value: .string(answers.apiSecretName),
        comment: "The Secret with the API token, under the key 'secret'.", from: AnswerKey<SecretReference>.apiToken.id)
    )
    set(
      answers[.endpoint].map {
        ValueSetting(
          "datarobot.endpoint", "datarobot.url", "datarobot.host", "datarobot.mlopsUrl", value: .string($0),
          comment: "The DataRobot that the agent reports to.", isRequired: $0 != "https://app.datarobot.com",
          from: AnswerKey<String>.endpoint.id)
      })
    set(
      (answers[.predictionEnvironment] ?? answers.newEnvironmentName.map { _ in PredictionEnvironment.unmadeID }).map {
        ValueSetting(
          "datarobot.predictionEnvId", value: .string($0),
          comment: "The prediction environment that this agent serves.",
          from: AnswerKey<String>.predictionEnvironment.id
        )
      })
    settings += agentImages(answers)
    set(
      answers[.predictionServer].map {
        ValueSetting(
          "imageBuilder.ppsImage", value: .string($0), comment: "The image that every model's image is built on.",
          from: AnswerKey<String>.predictionServer.id)
      })
    set(
      answers[.generated].map {
        ValueSetting(
          "imageBuilder.generatedImageRepository", value: .string($0),
          comment: "Where the image builder pushes the images of models.", from: AnswerKey<String>.generated.id)
      })
    // Providers need not say which of their answers it was.
    settings += (RegistryProviders.chosen(answers)?.values(answers) ?? []).map { $0.following("registry") }
    settings += BuilderStart.settings(answers, chart).map { $0.following(AnswerKey<String>.builderStart.id) }
    return settings
  }

  private static func agentImages(_ answers: Answers) -> [ValueSetting] {
    var settings: [ValueSetting] = []
    if let image = answers[.managementAgent] {
      let (repository, tag) = splitTag(image)
      settings.append(
        ValueSetting(
          "managementAgent.repository", "bosun.repository", "managementAgent.image.repository",
          value: .string(repository), comment: "The management agent's image.",
          from: AnswerKey<String>.managementAgent.id))
      if let tag {
        settings.append(
          ValueSetting(
            "managementAgent.tag", "bosun.tag", "managementAgent.image.tag", "managementAgent.imageTag",
            value: .string(tag), comment: "The management agent's version.", from: AnswerKey<String>.managementAgent.id)
        )
      }
    }
    if let image = answers[.trackingAgent] {
      settings.append(
        ValueSetting(
          "trackingAgent.image", "tracking.image", value: .string(image),
          comment: "The agent that runs beside every model and reports its predictions.",
          from: AnswerKey<String>.trackingAgent.id))
    } else {
      settings.append(
        ValueSetting(
          "trackingAgent.enabled", "tracking.enabled", value: .bool(false),
          comment: "No tracking agent image was given: models are not monitored.", isRequired: false,
          from: AnswerKey<String>.trackingAgent.id))
    }
    return settings
  }

  /// `host:5000/a/b:1.2` as `host:5000/a/b` and `1.2`.
  static func splitTag(_ image: String) -> (repository: String, tag: String?) {
    guard let colon = image.lastIndex(of: ":"), !image[colon...].contains("/") else { return (image, nil) }
    return (String(image[..<colon]), String(image[image.index(after: colon)...]))
  }
}

extension Answers {
  /// The Secret with DataRobot's API token: ours, or the one that is there already.
  var apiSecretName: String {
    if case .existing(let name)? = self[.apiToken] { name } else { "mlops-api-key" }
  }

  /// The Secret with the registry's credentials: ours, or the one that is there already.
  var registrySecretName: String {
    if case .existing(let name)? = self[.registryPassword] { name } else { "registry-creds" }
  }
}
