import Screen
import SetupCore
import Testing

@testable import Wizard

/// The same walk for the same seed, on every machine (SplitMix64, Steele et al. 2014).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}

@Suite struct PropertyTests {
  static let keys: [Key] = [
    .enter, .enter, .enter, .tab, .tab, .backTab, .escape, .backspace, .delete, .up, .down, .down, .left, .right, .home,
    .end,
    .pageUp, .pageDown, .function(1), .function(2), .function(3), .function(4), .function(5), .function(6),
    .function(10),
    .function(10), .function(12),
    .control("c"),
    .control("n"), .control("l"), .control("u"), .character("a"), .character("y"), .character("n"), .character("r"),
    .character("c"), .character("v"), .character("s"), .character("?"), .character(" "), .character("漢"),
    .character("é"),
    .character("\u{1B}"), .character("👨‍👩‍👧"),
  ]

  /// Draws a state at every size of a share of all sizes: together the shares are 1x1 to 100x40.
  private func draw(_ state: WizardState, share: Int, of shares: Int) {
    for columns in 0...100 {
      for rows in 0...40 where (columns + 7 * rows) % shares == share {
        let frame = render(state, size: Size(columns: columns, rows: rows))
        #expect(frame.size == Size(columns: columns, rows: rows))
        guard let cursor = frame.cursor else { continue }
        #expect((0..<columns).contains(cursor.column) && (0..<rows).contains(cursor.row), "\(columns)x\(rows)")
      }
    }
  }

  @Test("At all sizes a page draws a frame with its cursor inside", arguments: Page.allCases)
  func everySize(_ page: Page) {
    draw(Scenario.at(page).state, share: page.index, of: Page.allCases.count)
  }

  @Test(
    "At all sizes a state draws a frame with its cursor inside",
    arguments: Array(Situations.all.keys.sorted().enumerated()))
  func everyState(_ index: Int, _ name: String) throws {
    let situation = try #require(Situations.all[name])
    draw(situation(Size(columns: 80, rows: 24)).state, share: index, of: Situations.all.count)
  }

  @Test("Random walks never trap, and every state on them can be drawn and described", arguments: 0..<18)
  func walk(_ seed: Int) throws {
    var generator = SeededGenerator(state: UInt64(seed))
    var scenario = seed.isMultiple(of: 2) ? Scenario() : Scenario.at(Page.allCases[seed % 9])
    for _ in 0..<120 {
      scenario.effects = []
      switch Int.random(in: 0..<23, using: &generator) {
      case 0:
        scenario.send(
          .input(
            .resize(
              Size(columns: .random(in: 0...130, using: &generator), rows: .random(in: 0...50, using: &generator)))))
      case 1: scenario.send(.input(.paste("a\nb\u{1B}]52;c;x\u{07}漢字\t")))
      case 2: scenario.send(.tick(.milliseconds(.random(in: -10...100_000, using: &generator))))
      case 3: Bool.random(using: &generator) ? scenario.loadContexts() : try scenario.loadChart()
      case 4: for group in scenario.state.checks.groups { scenario.pass(group) }
      case 5: scenario.send(.planReady(request: scenario.state.plan.request, Scenario.plan))
      case 6: scenario.send(.checksEnded(run: scenario.lastRun, SetupError(.tool, "x")))
      case 7: scenario.send(.run(.started("release")))
      case 8: scenario.send(.runEnded(WizardRunEnd(error: SetupError(.installFailed, "x"))))
      case 9:
        scenario.state.answers[AnswerKey<[String]>.imageArchives.id] = Answer(.list(["a.tar"]))
        scenario.send(
          .imagesLooked(request: scenario.state.background.request, .bring(Scenario.pushes)))
      case 10: scenario.send(.images(.progress("images", Scenario.pushProgress)))
      case 11: scenario.send(.imagesEnded(SetupError(.installFailed, "x")))
      default: scenario.press(Self.keys.randomElement(using: &generator) ?? .enter)
      }
      let frame = render(scenario.state, size: scenario.state.size)
      #expect(frame.size == scenario.state.size)
      #expect(!describe(scenario.state).isEmpty)
    }
  }

  @Test("Back never changes an answer", arguments: 0..<16)
  func back(_ seed: Int) {
    var generator = SeededGenerator(state: UInt64(1000 + seed))
    var scenario = Scenario.at(Page.allCases[seed % 8])
    for _ in 0..<60 {
      scenario.press(Self.keys.randomElement(using: &generator) ?? .enter)
      // A secret that is being typed is kept when its field is left: that is what was asked for.
      if scenario.state.form.isSecretEdited { continue }
      let answers = scenario.state.answers
      var other = scenario
      other.press(.escape)
      #expect(other.state.answers == answers)
      other.press(.function(2))
      #expect(other.state.answers == answers)
    }
  }

  @Test("Names from the cluster are cleaned and clipped")
  func hostile() {
    var scenario = Scenario()
    let name = "\u{1B}[2J\u{1B}]0;x\u{07}漢字クラスタ\u{202E}\n" + String(repeating: "長", count: 200)
    var seen = Survey()
    seen.contexts = .seen([ContextSummary(name: name, server: name, namespace: nil, isCurrent: true)])
    scenario.send(.surveyedLocally(seen))
    for keys in [[Key.tab], [.down], [.enter], [.function(4)], [.home]] {
      for key in keys { scenario.press(key) }
      for size in [Size(columns: 40, rows: 10), Size(columns: 80, rows: 24), Size(columns: 41, rows: 11)] {
        let lines = render(scenario.state, size: size).textLines()
        #expect(lines.allSatisfy { displayWidth($0) == size.columns })
        #expect(!lines.joined().unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
      }
      #expect(!describe(scenario.state).joined().unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
    }
  }
}
