import Screen
import SetupCore

/// Images that are brought while the rest is answered.
extension WizardState {
  /// Asks the registry what it lacks, once for these answers; nil: there is nothing to ask for now.
  mutating func lookForImages() -> [WizardEffect]? {
    let inputs = pushInputs
    guard page == .images, ImagesOffer.isWorthALook(completed), !background.isRunning, background.inputs != inputs,
      problems(on: .cluster).isEmpty, problems(on: .registry).isEmpty
    else { return nil }
    background.phase = .looking
    background.request += 1
    background.inputs = inputs
    background.note = nil
    notice = .warning("Looking which images the registry lacks. Continue again does not wait.")
    return [.lookForImages(request: background.request)]
  }

  mutating func takeOffer(_ request: Int, _ offer: ImagesOffer) -> [WizardEffect] {
    guard background.isLooking, request == background.request else { return [] }
    background.phase = .idle
    notice = nil
    switch offer {
    case .nothing:
      return leaveImages()
    case .later(let why):
      background.note = why
      notice = .warning("The images wait for the installation: \(why)")
      return leaveImages()
    case .bring(let changes):
      dialog = .bringImages(changes, registry: completed.registryServer ?? "the registry")
      return []
    }
  }

  /// On from the page of images.
  mutating func leaveImages() -> [WizardEffect] {
    guard page == .images, let next = returnsToReview ? .review : page.next else { return [] }
    return go(to: next)
  }

  mutating func bringImages() -> [WizardEffect] {
    background.phase = .running(since: now, nil)
    background.inputs = pushInputs
    return [.pushImages] + leaveImages()
  }

  mutating func takeImages(_ event: RunEvent) -> [WizardEffect] {
    if case .running(let since, _) = background.phase, case .progress(_, let progress) = event {
      background.phase = .running(since: since, progress)
    }
    return []
  }

  mutating func takeImagesEnd(_ error: SetupError?) -> [WizardEffect] {
    guard background.isRunning else { return [] }
    background.phase = .ended(error)
    background.isStopping = false
    if error != nil { background.inputs = nil }
    if dialog == .stopImages { dialog = nil }
    if run.waitsForImages { return goOnWithoutWaiting() }
    // What the plan and the checks found has changed by it.
    plan.inputs = nil
    guard error == nil, page.index < Page.plan.index else { return [] }
    return runChecks([.images], evenIfFresh: true)
  }

  /// The installation had waited; its own step finds what has arrived, and brings the rest.
  private mutating func goOnWithoutWaiting() -> [WizardEffect] {
    background.phase = .idle
    run.waitsForImages = false
    guard !run.isStopping else {
      return takeEnd(
        WizardRunEnd(
          error: SetupError(
            .interrupted, "stopped while the images were brought", next: "Run it again to go on from there.")))
    }
    run.startedAt = now
    return [.run(request: plan.request)]
  }

  mutating func stopImages() -> [WizardEffect] {
    guard background.isRunning, !background.isStopping else { return [] }
    background.isStopping = true
    return [.cancelImages]
  }

  /// To be done when answers have changed: other images, or another registry, are for the plan.
  mutating func stopOutdatedImages() -> [WizardEffect] {
    guard background.isRunning, !background.isStopping, background.inputs != pushInputs else { return [] }
    notice = .warning("Answers changed: the images are stopped. The installation brings what is needed now.")
    return stopImages()
  }

  /// F6.
  mutating func showImages() -> [WizardEffect] {
    switch background.phase {
    case .running, .ended:
      if page != .run { background.offset = 0 }
      return []
    case .idle, .looking:
      guard page == .images else { return [] }
      background.inputs = nil
      return forward()
    }
  }

  mutating func imagesKey(_ key: Key) -> [WizardEffect] {
    guard let offset = background.offset else { return [] }
    switch key {
    case .up, .down, .pageUp, .pageDown, .home, .end:
      let inner = helpRect.inset()
      background.offset = scrolled(
        offset, key, lines: imagesLines(width: inner.size.columns - 1).count, rows: inner.size.rows)
    case .character("c"):
      if background.isRunning, !background.isStopping { dialog = .stopImages }
    default:
      background.offset = nil
    }
    return []
  }
}
