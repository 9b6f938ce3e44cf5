import YAML

extension OpenShiftRegistry {
  /// No pull secrets are among them: nodes pull with those that OpenShift gives every service account.
  func values(_ answers: Answers) -> [ValueSetting] {
    var settings = [
      ValueSetting(
        "predictionServer.ingressType", "ingress.type", "ingressType", value: "openshift",
        comment: "The agent's Ingress objects are made for OpenShift's own router."),
      ValueSetting(
        "imageBuilder.secretName", value: .string(answers.registrySecretName),
        comment: "The Secret that lets the image builder push."),
      ValueSetting(
        "imageBuilder.rbac.create", value: .bool(false),
        comment: "The image builder's rights are given by role bindings."
      ),
      ValueSetting(
        "imageBuilder.serviceAccount.create", value: .bool(false),
        comment: "The image builder's service account is there already."),
      ValueSetting(
        "imageBuilder.serviceAccount.name", value: .string(Self.account),
        comment: "It may push to the registry and run as root."),
    ]
    switch answers[.verification] {
    case "skip":
      settings.append(
        ValueSetting(
          "imageBuilder.skipSslVerifyRegistries", value: [.string(Self.server)],
          comment: "The image builder does not verify the registry's certificate."))
    case "host":
      settings += Self.mount(
        ["name": "cacert", "hostPath": ["path": "/etc/docker/certs.d"]],
        comment: "The node's CAs of registries, among them that of OpenShift's registry.")
    default:
      settings += Self.mount(
        ["name": "cacert", "configMap": ["name": .string(Self.serviceCA.map)]],
        comment: "The CA of the cluster's Services, which OpenShift puts into every project.")
    }
    if let argument = certificateArgument(answers) {
      settings.append(
        ValueSetting(
          "imageBuilder.extraArguments", value: [.string(argument)], comment: "What it verifies the registry with."))
    }
    return settings + Self.free
  }

  /// What the image builder is started with, so that it verifies the registry; nil: it does not.
  func certificateArgument(_ answers: Answers) -> String? {
    let file: String? =
      switch answers[.verification] {
      case "skip": nil
      case "host": "\(Self.server)/ca.crt"
      default: Self.serviceCA.key
      }
    return file.map { "--registry-certificate=\(Self.server)=/certs/\($0)" }
  }

  /// A user or group of the chart's choosing is outside of the project's range, and no pod with it is admitted. Null takes
  /// the chart's own value away.
  private static var free: [ValueSetting] {
    ["managementAgent.podSecurityContext", "managementAgent.securityContext", "podSecurityContext", "securityContext"]
      .flatMap { place in
        ["runAsUser", "runAsGroup", "fsGroup"].map { field in
          ValueSetting(
            "\(place).\(field)", value: .null, comment: "OpenShift gives each project users and groups of its own.",
            isRequired: false)
        }
      }
  }

  private static func mount(_ volume: YAMLValue, comment: String) -> [ValueSetting] {
    [
      ValueSetting("imageBuilder.extraVolumes", value: [volume], comment: comment),
      ValueSetting(
        "imageBuilder.extraVolumeMounts", value: [["name": "cacert", "mountPath": "/certs/", "readOnly": true]],
        comment: "Where the image builder finds it."),
    ]
  }
}
