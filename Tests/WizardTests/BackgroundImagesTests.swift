import Screen
import SetupCore
import Testing

@testable import Wizard

extension Scenario {
  static let pushes = [
    "push registry.example.com:5000/datarobot/mlops-management-agent:11.2.62 from agent.tar (412 MiB) by skopeo",
    "push registry.example.com:5000/datarobot/datarobot-portable-prediction-api:11.2.62 from server.tar.gz (1.9 GiB) "
      + "by skopeo",
  ]

  static let pushProgress = StepProgress(
    "bringing images into the registry",
    details: [
      "management agent: is in the registry",
      "prediction server: [######..............] 617 MiB of 1.9 GiB, 24 MiB/s, 54 s left",
    ], isGradual: true, amount: TransferAmount(done: 1_079_000_000, total: 2_472_000_000, rate: 25_200_000))

  /// At the page of images, whose archives are named.
  static func atImages(_ size: Size? = nil) -> Scenario {
    var scenario = Scenario.at(.images, size: size)
    scenario.state.answers[AnswerKey<[String]>.imageArchives.id] = Answer(
      .list(["~/agent.tar", "~/server.tar.gz"]))
    scenario.state.keptAnswers = scenario.state.answers
    scenario.send(.surveyedLocally(Survey()))
    return scenario
  }

  /// The same, on the way.
  static func bringing() -> Scenario {
    var scenario = atImages()
    scenario.press(.function(10))
    scenario.send(.imagesLooked(request: 1, .bring(pushes)))
    scenario.press(.character("y"))
    return scenario
  }

  /// The installation was asked for while images were on their way.
  static func waitingRun(_ size: Size? = nil) -> Scenario {
    var scenario = bringing()
    if let size { scenario.send(.input(.resize(size))) }
    scenario.send(.tick(.seconds(40)))
    scenario.send(.images(.progress("images", pushProgress)))
    for page in Page.allCases where page.index >= scenario.state.page.index && page.index < Page.review.index {
      scenario.leave(page)
    }
    for group in scenario.state.checks.groups { scenario.pass(group) }
    var plan = Scenario.plan
    plan.steps.insert(.init(step: "images", title: "Images", state: "needed", details: pushes, commands: []), at: 2)
    scenario.press(.function(10))
    scenario.send(.planReady(request: scenario.state.plan.request, plan))
    scenario.press(.enter, .character("y"))
    return scenario
  }
}

@Suite("Images brought while the rest is answered") struct BackgroundImagesTests {
  private func text(_ scenario: Scenario) -> String { describe(scenario.state).joined(separator: "\n") }

  @Test("Nothing is brought without a yes, and Enter is none")
  func consent() {
    var scenario = Scenario.atImages()
    #expect(scenario.press(.function(10)) == [.lookForImages(request: 1)])
    #expect(scenario.state.page == .images)
    scenario.send(.imagesLooked(request: 1, .bring(Scenario.pushes)))
    #expect(text(scenario).contains("Bring 2 images into registry.example.com:5000 now, while you go on?"))
    #expect(text(scenario).contains("server.tar.gz (1.9 GiB)"))
    let effects = scenario.press(.enter)
    #expect(!effects.contains(.pushImages))
    #expect(scenario.state.page == Page.images.next)

    scenario = Scenario.atImages()
    scenario.press(.function(10))
    scenario.send(.imagesLooked(request: 1, .bring(Scenario.pushes)))
    #expect(scenario.press(.character("y")).first == .pushImages)
    #expect(scenario.state.page == Page.images.next)
    #expect(scenario.state.isBusy)
  }

  @Test("Without archives or a package nothing is looked for")
  func nothingNamed() {
    var scenario = Scenario.at(.images)
    let effects = scenario.press(.function(10))
    #expect(!effects.contains(.lookForImages(request: 1)))
    #expect(scenario.state.page == Page.images.next)
  }

  @Test("It is offered once for the same answers, again for others, and again where F6 asks for it")
  func once() {
    var scenario = Scenario.atImages()
    scenario.press(.function(10))
    scenario.send(.imagesLooked(request: 1, .bring(Scenario.pushes)))
    scenario.press(.character("l"), .function(2))
    #expect(scenario.state.page == .images)
    scenario.press(.function(10))
    #expect(scenario.state.page == Page.images.next)
    scenario.press(.function(2))
    #expect(scenario.press(.function(6)).contains(.lookForImages(request: 2)))
    scenario.send(.imagesLooked(request: 2, .nothing))
    scenario.press(.function(2))
    scenario.state.answers[AnswerKey<[String]>.imageArchives.id] = Answer(.list(["~/other.tar"]))
    #expect(scenario.press(.function(10)).contains(.lookForImages(request: 3)))
  }

  @Test("Continue again does not wait for the look, whose news then changes nothing")
  func impatient() {
    var scenario = Scenario.atImages()
    scenario.press(.function(10), .function(10))
    #expect(scenario.state.page == Page.images.next)
    scenario.send(.imagesLooked(request: 1, .bring(Scenario.pushes)))
    #expect(scenario.state.dialog == nil)
  }

  @Test("What must wait for the installation says why, there and on the page")
  func later() {
    var scenario = Scenario.atImages()
    scenario.press(.function(10))
    scenario.send(.imagesLooked(request: 1, .later("create the repository datarobot/mlops-management-agent")))
    #expect(scenario.state.dialog == nil)
    #expect(scenario.state.page == Page.images.next)
    let why = "The images wait for the installation: create the repository"
    #expect(text(scenario).contains(why))
    scenario.press(.function(2))
    #expect(text(scenario).contains(why))
  }

  @Test("A line tells how far they are, and how they ended")
  func line() {
    var scenario = Scenario.bringing()
    scenario.send(.images(.progress("images", Scenario.pushProgress)))
    #expect(text(scenario).contains("1 GiB of 2.3 GiB, 24 MiB/s, 56 s left"), "\(text(scenario))")
    var failed = scenario
    failed.send(.imagesEnded(SetupError(.installFailed, "no space left", next: "Make room.")))
    #expect(text(failed).contains("tried again by the installation: no space left"))
    scenario.send(.imagesEnded(nil))
    #expect(text(scenario).contains("The images are in the registry"))
    #expect(!scenario.state.background.isRunning)
  }

  @Test("F6 shows each image; c stops them after a question")
  func overlay() {
    var scenario = Scenario.bringing()
    scenario.send(.images(.progress("images", Scenario.pushProgress)))
    scenario.press(.function(6))
    #expect(text(scenario).contains("prediction server: [######"))
    #expect(scenario.press(.character("c"), .enter) == [])
    #expect(scenario.press(.character("c"), .character("y")) == [.cancelImages])
    #expect(scenario.press(.character("c"), .character("y")) == [])
    scenario.send(.imagesEnded(SetupError(.interrupted, "stopped during Images")))
    scenario.press(.escape)
    #expect(text(scenario).contains("Images stopped: the installation brings them"))
  }

  @Test("Another registry or other images stop them; other answers do not")
  func outdated() {
    var scenario = Scenario.bringing()
    while scenario.state.page != .registry { scenario.press(.function(2)) }
    scenario.press(.tab)
    #expect(scenario.state.focusedQuestion?.id == AnswerKey.server.id)
    scenario.type("9")
    let effects = scenario.press(.tab)
    #expect(effects.contains(.cancelImages))
    #expect(scenario.state.notice?.text.hasPrefix("Answers changed: the images are stopped.") == true)

    scenario = Scenario.bringing()
    while scenario.state.page != .dataRobot {
      scenario.press(scenario.state.page.index > Page.dataRobot.index ? .function(2) : .function(10))
    }
    scenario.press(.tab)
    scenario.type("x")
    #expect(!scenario.press(.tab).contains(.cancelImages))
    #expect(scenario.state.background.isRunning)
  }

  @Test("The installation waits for them, and goes on by itself", arguments: [true, false])
  func waits(_ arrived: Bool) {
    var scenario = Scenario.waitingRun()
    #expect(scenario.state.page == .run)
    #expect(!scenario.effects.contains { if case .run = $0 { true } else { false } })
    #expect(text(scenario).contains("Waiting until the images have arrived"))
    #expect(text(scenario).contains("617 MiB of 1.9 GiB"))
    let request = scenario.state.plan.request
    #expect(
      scenario.send(.imagesEnded(arrived ? nil : SetupError(.installFailed, "broken"))) == [.run(request: request)])
    #expect(scenario.state.run.isRunning)
    #expect(!text(scenario).contains("Waiting until"))
  }

  @Test("An installation that waits is stopped by stopping them")
  func stopsWaiting() {
    var scenario = Scenario.waitingRun()
    #expect(scenario.press(.escape, .character("y")) == [.cancelImages])
    #expect(scenario.send(.imagesEnded(SetupError(.interrupted, "stopped during Images"))) == [])
    #expect(scenario.state.run.isStopped)
    #expect(scenario.press(.enter) == [.run(request: scenario.state.plan.request)])
  }

  @Test("Whoever leaves is told that they are stopped, and they are")
  func leaving() {
    var scenario = Scenario.bringing()
    scenario.press(.control("c"))
    #expect(text(scenario).contains("Images on their way are stopped"))
    #expect(scenario.press(.control("c")) == [.cancelImages, .saveAnswers, .quit(130)])
    #expect(scenario.state.isRunning)
  }
}
