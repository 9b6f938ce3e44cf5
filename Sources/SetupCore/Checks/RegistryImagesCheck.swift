import Registry
import Text

extension Check {
  /// The images that the chart and every model's deployment will pull are there. Advisory: an image may be pushed after
  /// this check and before it is pulled, and what another registry hides from us it may show to the nodes.
  static let registryImages = Check(
    "registry.images", title: "Images present", required: "the images of the answers are in their registries",
    why: "A pod whose image is missing waits in ImagePullBackOff, and the installation ends with its deadline.",
    isBlocking: false, needs: [.registryImages], after: ["registry.credentials"], exemption: noImages
  ) { survey, answers, _ in
    .judging(survey.registryImages) { all in
      let images = all.filter { $0.use != .generated }
      let lines = images.map(line)
      let missing = images.filter { isMissing($0, answers) }
      if !missing.isEmpty {
        let absent = missing.filter { $0.presence.failure?.kind == .absent }
        return Finding(
          .warn, observed: "\(missing.count) of \(images.count) cannot be pulled",
          message: missing.map(complaint).joined(separator: " "),
          remedy: absent.isEmpty
            ? Remedy("Let the user pull them: the nodes pull with the same login.")
            : Remedy(
              "Push what is missing before the installation.",
              command: absent.map { "docker push \(Shell.quote($0.reference))" }.joined(separator: " && ")),
          details: lines)
      }
      let brought = images.filter(isBrought)
      let unseen = images.filter { $0.presence.value == nil && !isBrought($0) }
      guard unseen.isEmpty else {
        return Finding(
          .unknown, observed: "\(unseen.count) of \(images.count) could not be looked for",
          message: unseen.map { "The image of the \($0.use.rawValue) could not be looked for: \(reason($0))." }
            .joined(separator: " "),
          remedy: Remedy(
            "Pull it on a node, or give the namespace's pods a login for that registry.",
            command: "crictl pull \(Shell.quote(unseen[0].reference))"), details: lines)
      }
      guard brought.isEmpty else {
        return Finding(
          .pass, observed: "\(images.count - brought.count) of \(images.count)",
          message: "The plan brings what is not there yet: \(brought.map(\.reference).joined(separator: ", ")).",
          details: lines)
      }
      return Finding(
        .pass, observed: "\(images.count) of \(images.count)",
        message: images.count == 1 ? "The image is there." : "All \(images.count) images are there.", details: lines)
    }
  }

  /// Why no image is looked for.
  static let noImages: @Sendable (Answers, Survey) -> String? = { answers, _ in
    let keys: [AnswerKey<String>] = [.managementAgent, .trackingAgent, .predictionServer]
    return keys.allSatisfy { answers[$0] == nil } ? "No images were named." : nil
  }

  /// It is not there, or the login that nodes will use may not read it. Without that login a refusal says nothing.
  private static func isMissing(_ image: ImageObservation, _ answers: Answers) -> Bool {
    switch image.presence.failure?.kind {
    case .absent: !image.isBrought
    case .denied: image.isAtOurRegistry && !answers.usesExistingRegistrySecret
    default: false
    }
  }

  /// It is not there, and the plan has a step for that.
  private static func isBrought(_ image: ImageObservation) -> Bool {
    image.isBrought && image.presence.failure?.kind == .absent
  }

  private static func complaint(_ image: ImageObservation) -> String {
    let consequence =
      switch image.use {
      case .managementAgent: "the agent's pod will wait in ImagePullBackOff"
      case .trackingAgent: "the pods of every model will wait in ImagePullBackOff"
      case .predictionServer, .generated: "no model's image can be built"
      }
    return image.presence.failure?.kind == .absent
      ? "There is no \(image.reference): \(consequence)."
      : "The registry does not show \(image.reference) to this user (\(reason(image))): \(consequence)."
  }

  private static func reason(_ image: ImageObservation) -> String {
    image.presence.failure?.message ?? "it was not looked at"
  }

  private static func line(_ image: ImageObservation) -> String {
    let platforms = image.platforms.value.map { $0.map(\.description).joined(separator: ", ") } ?? ""
    let state =
      switch image.presence {
      case .seen(let digest): OutsideText.clean(digest) + (platforms.isEmpty ? "" : ", \(OutsideText.clean(platforms))")
      case .failed(let failure): failure.message
      case .notAsked: "not looked at"
      }
    return "\(image.use.rawValue) \(image.reference): \(state)"
  }
}

extension Observed {
  /// Why it was not seen, where it was looked at.
  var failure: ObservationFailure? { if case .failed(let failure) = self { failure } else { nil } }
}
