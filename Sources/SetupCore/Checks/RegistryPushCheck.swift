extension Check {
  /// It lets us push where the image builder will push: models' images, and the layers it keeps for the next build.
  static let registryPush = Check(
    "registry.push", title: "Push allowed",
    required: "an upload to the repository of generated images, and to its /cache, can be opened",
    why: "The image builder pushes the image of every model. A login alone proves nothing.", needs: [.registry],
    after: ["registry.credentials"], exemption: existingSecret
  ) { survey, answers, _ in
    .judging(survey.registry) { registry in
      let repository = answers[.generated] ?? ""
      switch registry.push[repository] {
      case .seen(true)?: return cache(registry, answers)
      case .seen(false)?:
        return Finding(
          .fail, observed: "refused", message: "The registry refuses a push to \(repository).",
          remedy: Remedy("Give the user push access to it, or choose another repository."))
      case .failed(let failure)? where failure.kind == .absent && planMakes(repository, answers):
        return Finding(
          .pass, observed: "not there yet",
          message: "\(repository) is not there yet: the plan makes it, and then tries the push before it installs.")
      case .failed(let failure)? where failure.kind == .denied && registry.builder != nil:
        // Who is logged in here need not be allowed to push; who pushes tries it before anything is installed.
        return Finding(
          .warn, observed: "refused to you",
          message:
            "You may not push to \(repository). The image builder does, as \(registry.builder ?? ""), which could not be tried from here.",
          remedy: Remedy("To push images from here yourself, have push access given to you too."),
          details: [failure.message])
      case .failed(let failure)?:
        return failure.kind == .denied || failure.kind == .absent ? .failed(failure) : .unknown(failure)
      case .notAsked?, nil: return .notAsked
      }
    }
  }

  /// kaniko runs with `--cache=true` and without `--cache-repo`, so it writes layers to `REPOSITORY/cache`. Where that
  /// fails it only warns: builds work and are slow.
  private static func cache(_ registry: RegistrySummary, _ answers: Answers) -> Finding {
    let repository = answers[.generated] ?? ""
    let cache = answers.layerCache ?? ""
    let whose = registry.builder.map { " to you, who are not who will push: the image builder does, as \($0)" } ?? ""
    let details = ["\(repository): an upload was opened and cancelled"]
    let remedy = Remedy(
      "Let the user push to \(cache) too (create it first where the registry makes none by itself), or give the image "
        + "builder another place with images.cache, such as \(repository)-cache.")
    let reason: String
    switch registry.push[cache] {
    case .seen(true)?:
      return Finding(
        .pass, observed: "upload opened and cancelled", message: "Pushing to \(repository) is allowed\(whose).",
        details: details + ["\(cache): an upload was opened and cancelled"])
    case .failed(let failure)? where failure.kind == .absent && planMakes(cache, answers):
      return Finding(
        .pass, observed: "upload opened and cancelled",
        message: "Pushing to \(repository) is allowed\(whose). \(cache) is not there yet: the plan makes it.",
        details: details)
    case .failed(let failure)?: reason = failure.message
    case .seen(false)?: reason = "the registry refuses it"
    case .notAsked?, nil: reason = "it was not looked at"
    }
    return Finding(
      .warn, observed: "\(repository) allowed, \(cache) not",
      message:
        "Pushing to \(repository) is allowed, but not to \(cache): images are built without a cache of layers.",
      remedy: remedy, details: ["\(cache): \(reason)"])
  }

  /// Whether the plan makes a repository that is not there.
  static func planMakes(_ repository: String, _ answers: Answers) -> Bool {
    guard let provider = RegistryProviders.chosen(answers), provider.makesRepositories,
      let server = provider.server(answers)
    else { return false }
    return repository.hasPrefix(server + "/")
  }
}
