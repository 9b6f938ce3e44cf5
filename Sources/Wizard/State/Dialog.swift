/// A question over the page, or a word that must be read before it goes on.
struct Dialog: Sendable, Equatable {
  /// What a button does.
  enum Action: Sendable, Equatable {
    case stay
    case saveAndQuit
    case quit
    case install
    case stopRun
    case bringImages
    case leaveImages
    case stopImages
    case review
  }

  /// A button; its letter works as well.
  struct Button: Sendable, Equatable {
    var label: String
    var key: Character
    var action: Action
  }

  var title: String
  var text: [String]
  var buttons: [Button]
  /// Index of the button that Enter presses.
  var focus = 0

  /// Whether it is about leaving the wizard or stopping the run already.
  var asksToLeave: Bool {
    buttons.contains { [.saveAndQuit, .quit, .stopRun].contains($0.action) }
  }

  /// Asked by Ctrl-C, and by Esc on the first page.
  static func leave(answersPath: String, stopsImages: Bool) -> Dialog {
    Dialog(
      title: "Save and quit?",
      text: ["The answers go to \(answersPath). Typed secrets are not saved."]
        + (stopsImages ? ["Images on their way are stopped; what has arrived is not sent again."] : []),
      buttons: [
        Button(label: "Yes", key: "y", action: .saveAndQuit),
        Button(label: "No, quit", key: "n", action: .quit),
        Button(label: "Stay", key: "s", action: .stay),
      ])
  }

  /// The answers could not be saved on the way out.
  static func notSaved(_ problem: String) -> Dialog {
    Dialog(
      title: "Not saved", text: [problem, "Quit all the same?"],
      buttons: [
        Button(label: "Stay", key: "s", action: .stay), Button(label: "Quit", key: "q", action: .quit),
      ])
  }

  /// Asked before anything is changed.
  ///
  /// - Parameter isSimulated: Whether nothing real can be harmed: only then Enter installs.
  static func install(target: String, summary: String, waits: Bool, isSimulated: Bool) -> Dialog {
    Dialog(
      title: "Install?",
      text: ["Into \(target).", summary]
        + (waits ? ["It begins once the images on their way have arrived."] : [])
        + (isSimulated ? ["Simulated: nothing real is changed."] : []),
      buttons: [
        Button(label: "Not yet", key: "n", action: .stay), Button(label: "Install", key: "y", action: .install),
      ], focus: isSimulated ? 1 : 0)
  }

  /// Asked while the installation runs.
  static let stopRun = Dialog(
    title: "Stop the run?", text: ["What is done stays. Running it again goes on from there."],
    buttons: [
      Button(label: "Go on", key: "n", action: .stay), Button(label: "Stop", key: "y", action: .stopRun),
    ])

  /// Asked before images are brought while the rest is answered.
  ///
  /// - Parameter changes: What is done for each, a line each.
  static func bringImages(_ changes: [String], registry: String) -> Dialog {
    let images = changes.count == 1 ? "1 image" : "\(changes.count) images"
    return Dialog(
      title: "Bring images now?",
      text: ["Bring \(images) into \(registry) now, while you go on? Nothing else is changed by it."]
        + changes.map { $0.replacing("\(registry)/", with: "") },
      buttons: [
        Button(label: "Yes", key: "y", action: .bringImages), Button(label: "Later", key: "l", action: .leaveImages),
      ], focus: 1)
  }

  /// Asked while images are brought.
  static let stopImages = Dialog(
    title: "Stop the images?", text: ["What has arrived stays there. The installation brings the rest."],
    buttons: [
      Button(label: "Go on", key: "n", action: .stay), Button(label: "Stop", key: "y", action: .stopImages),
    ])

  /// Why it cannot be installed now.
  static func refusal(_ title: String, _ reasons: [String]) -> Dialog {
    Dialog(
      title: title, text: reasons + [reasons.count == 1 ? "The review opens it." : "The review opens each of them."],
      buttons: [
        Button(label: "OK", key: "o", action: .stay), Button(label: "Review", key: "r", action: .review),
      ])
  }
}
