import YAML

extension GenericRegistry {
  func values(_ answers: Answers) -> [ValueSetting] {
    var settings = ValueSetting.registrySecret(answers)
    guard let server = answers[.server] else { return settings }
    if answers[.scheme] == "http" {
      settings.append(
        ValueSetting(
          "imageBuilder.insecureRegistries", value: [.string(server)],
          comment: "This registry speaks HTTP without TLS."))
    } else if answers[.certificateAuthority] != nil {
      settings += [
        ValueSetting(
          "imageBuilder.extraVolumes",
          value: [["name": "registry-ca", "configMap": ["name": .string(RegistryCAStep.name)]]],
          comment: "The CA that signed the registry's certificate."),
        ValueSetting(
          "imageBuilder.extraVolumeMounts",
          value: [["name": "registry-ca", "mountPath": "/registry-ca", "readOnly": true]],
          comment: "Where the image builder finds it."),
        ValueSetting(
          "imageBuilder.extraArguments",
          value: [.string("--registry-certificate=\(server)=/registry-ca/\(RegistryCAStep.key)")],
          comment: "Which registry it is for."),
      ]
    }
    return settings
  }
}

extension ValueSetting {
  /// The Secret with the registry's credentials, for those who push and those who pull.
  static func registrySecret(_ answers: Answers) -> [ValueSetting] {
    let secretName = YAMLValue.string(answers.registrySecretName)
    // Charts know one list for all pods, or one for each kind of pod.
    let places = ["", "global.", "managementAgent.", "bosun.", "trackingAgent.", "predictionServer.", "imageBuilder."]
    return [
      ValueSetting(
        "imageBuilder.secretName", value: secretName, comment: "The Secret that lets the image builder push.")
    ]
      + places.map { place in
        ValueSetting(
          "\(place)imagePullSecrets", value: [["name": secretName]], comment: "The same Secret lets nodes pull.",
          isRequired: false)
      }
  }
}
