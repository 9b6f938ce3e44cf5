extension GenericRegistry {
  func values(_ answers: Answers) -> [ValueSetting] {
    var settings = [
      ValueSetting(
        "imageBuilder.secretName", value: .string(answers.registrySecretName),
        comment: "The Secret that lets the image builder push."),
      ValueSetting(
        "imagePullSecrets", value: .mappings([[.init("name", .string(answers.registrySecretName))]]),
        comment: "The same Secret lets nodes pull.", isRequired: false),
    ]
    if let server = answers[.server], answers[.scheme] == "http" {
      settings.append(
        ValueSetting(
          "imageBuilder.insecureRegistries", value: .strings([server]),
          comment: "This registry speaks HTTP without TLS."))
    }
    if let server = answers[.server], answers[.certificateAuthority] != nil, answers[.scheme] != "http" {
      settings += [
        ValueSetting(
          "imageBuilder.extraVolumes",
          value: .mappings([
            [.init("name", .string("registry-ca")), .init("configMap", .mapping([.init("name", .string(RegistryCAStep.name))]))]
          ]),
          comment: "The CA that signed the registry's certificate."),
        ValueSetting(
          "imageBuilder.extraVolumeMounts",
          value: .mappings([
            [
              .init("name", .string("registry-ca")), .init("mountPath", .string("/registry-ca")),
              .init("readOnly", .flag(true)),
            ]
          ]),
          comment: "Where the image builder finds it."),
        ValueSetting(
          "imageBuilder.extraArguments",
          value: .strings(["--registry-certificate=\(server)=/registry-ca/ca.crt"]),
          comment: "Which registry it is for."),
      ]
    }
    return settings
  }
}
