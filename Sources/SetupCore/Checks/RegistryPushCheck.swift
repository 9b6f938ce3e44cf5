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
      case .seen(true)?: return cache(registry, of: repository)
      case .seen(false)?:
        return Finding(
          .fail, observed: "refused", message: "The registry refuses a push to \(repository).",
          remedy: Remedy("Give the user push access to it, or choose another repository."))
      case .failed(let failure)?:
        return failure.kind == .denied || failure.kind == .absent ? .failed(failure) : .unknown(failure)
      case .notAsked?, nil: return .notAsked
      }
    }
  }

  /// kaniko runs with `--cache=true` and without `--cache-repo`, so it writes layers to `REPOSITORY/cache`. Where that
  /// fails it only warns: builds work and are slow.
  private static func cache(_ registry: RegistrySummary, of repository: String) -> Finding {
    let cache = RegistrySummary.cache(of: repository)
    let remedy = Remedy(
      "Let the user push to \(cache) too (create it first where the registry makes none by itself), or give the image "
        + "builder another place: imageBuilder.extraArguments: [--cache-repo=…] in a values file of chart.values.")
    let reason: String
    switch registry.push[cache] {
    case .seen(true)?:
      return Finding(
        .pass, observed: "upload opened and cancelled", message: "Pushing to \(repository) is allowed.",
        details: ["\(repository): an upload was opened and cancelled", "\(cache): an upload was opened and cancelled"])
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
}
