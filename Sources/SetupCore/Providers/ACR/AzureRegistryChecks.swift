import Text

extension Check {
  /// az sees the registry, and its host is the answers'.
  static let azureRegistry = Check(
    "registry.acr", title: "Azure's registry",
    required: "az is logged in, sees the registry, and its login server is registry.loginServer",
    why: "Images carry the login server, and what the image builder logs in as is made with az.",
    needs: [.azureAccount, .azureRegistry],
    exemption: { answers, survey in
      guard answers.madeAzureLogin == nil, survey.azureRegistry(answers) == nil else { return nil }
      return "Nothing is made in Azure: user and password exist already."
    }
  ) { survey, answers, _ in
    if case .failed(let failure) = survey.azureAccount { return .failed(failure) }
    switch survey.azureRegistries {
    case .failed(let failure) where failure.kind == .absent: return .failed(failure)
    case .failed(let failure): return .unknown(failure)
    case .notAsked: return .notAsked
    case .seen: break
    }
    guard let registry = survey.azureRegistry(answers) else {
      return Finding(
        .fail, observed: "not there", message: "The subscription has no registry \(answers[.azureRegistry] ?? "").",
        remedy: Remedy("Correct registry.name or registry.subscription.", command: "az acr list --output table"))
    }
    let server = answers[.azureServer] ?? ""
    guard registry.loginServer.lowercased() == server.lowercased() else {
      return Finding(
        .fail, observed: registry.loginServer,
        message: "The login server of \(registry.name) is \(registry.loginServer), not \(server).",
        remedy: Remedy("Set registry.loginServer: \(registry.loginServer), and name the images by it."))
    }
    return Finding(.pass, observed: registry.loginServer, message: "\(registry.name) is \(registry.loginServer).")
  }

  /// Which roles count at this registry.
  static let azureRoles = Check(
    "registry.acr-roles", title: "Role mode",
    required: "AcrPull and AcrPush count at the registry, or nothing depends on them",
    why:
      "A registry in ABAC mode gives rights per repository. There AcrPull, AcrPush and az aks update --attach-acr, which gives AcrPull, do nothing.",
    isBlocking: false, needs: [.azureRegistry],
    exemption: { answers, survey in
      survey.azureRegistry(answers) == nil ? "The registry was not seen in Azure." : nil
    }
  ) { survey, answers, _ in
    guard let registry = survey.azureRegistry(answers) else { return .notAsked }
    guard registry.isABAC else {
      return Finding(.pass, observed: "LegacyRegistryPermissions", message: "AcrPull and AcrPush count here.")
    }
    let user = answers[.azureApplication].map { " --assignee \(Shell.quote($0))" } ?? " --assignee …"
    return Finding(
      .warn, observed: "AbacRepositoryPermissions",
      message:
        "AcrPull, AcrPush and az aks update --attach-acr do nothing at \(registry.name): it gives rights per repository. Nodes pull with the Secret \(answers.registrySecretName) instead.",
      remedy: Remedy(
        "Whoever else pushes here needs the role Container Registry Repository Writer; who pulls, Container Registry Repository Reader.",
        command: "az role assignment create --role 'Container Registry Repository Writer' --scope "
          + Shell.quote(registry.id) + user))
  }

  /// The admin user is no user for production.
  static let azureAdmin = Check(
    "registry.acr-admin", title: "Admin user", required: "the image builder does not push as the admin user",
    why:
      "It may do everything in the registry, all who have it share its password, and nothing tells them apart in a log.",
    isBlocking: false, needs: [],
    exemption: { answers, _ in
      if case .admin? = answers.madeAzureLogin { nil } else { "The image builder does not push as the admin user." }
    }
  ) { _, _, _ in
    Finding(
      .warn, observed: "registry.identity: admin",
      message: "The image builder pushes as the admin user, who may do everything in the registry.",
      remedy: Remedy("Set registry.identity: token. Its rights end at the repositories that are named."))
  }

  /// The token's password is good for a while yet.
  static let azureExpiry = Check(
    "registry.acr-expiry", title: "Token's password", required: "the token's password is good for 14 days more",
    why: "When it ends, models are built no more and nodes can pull no more.", isBlocking: false,
    needs: [.azureToken],
    exemption: { answers, survey in
      guard case .token? = answers.madeAzureLogin else { return "No token is used." }
      return survey.azureToken == .seen(nil) ? "The token is not there yet: the plan makes it." : nil
    }
  ) { survey, answers, _ in
    .judging(survey.azureToken) { token in
      guard let token else { return .notAsked }
      let message = "The password of the token \(answers[.azureToken] ?? "") \(token.expiry)."
      guard token.endsSoon else { return Finding(.pass, observed: token.expiry, message: message) }
      return Finding(
        .warn, observed: token.expiry, message: message,
        remedy: Remedy(
          "Delete the Secret and run the installation again: it makes a new password.",
          command: Kubectl(answers).line("delete", "secret", answers.registrySecretName)))
    }
  }
}
