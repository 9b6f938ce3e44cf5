public import YAML

/// Somebody's decision to accept what a check finds, for a reason and until a day.
public struct Waiver: Sendable, Equatable {
  /// The check whose finding is accepted.
  public var check: CheckID
  /// Why it is accepted.
  public var reason: String
  /// The last day on which it holds, in UTC.
  public var until: CalendarDate
  /// Where it stands in the answers file.
  public var mark: YAMLMark

  /// A waiver from its parts.
  public init(check: CheckID, reason: String, until: CalendarDate, mark: YAMLMark = YAMLMark()) {
    self.check = check
    self.reason = reason
    self.until = until
    self.mark = mark
  }

  /// Whether it holds on that day, the last one included.
  public func holds(on day: CalendarDate) -> Bool { day <= until }

  /// By what it says, wherever it stands.
  public static func == (left: Waiver, right: Waiver) -> Bool {
    (left.check, left.reason, left.until) == (right.check, right.reason, right.until)
  }
}

extension AnswersFile.Content {
  /// All that could not be read, and the waivers that no longer hold on that day, in the order of the file.
  public func problems(on today: CalendarDate) -> [AnswersFile.Problem] {
    let expired = answers.waivers.filter { !$0.holds(on: today) }.map { waiver in
      AnswersFile.Problem(
        mark: waiver.mark,
        text: "the waiver of \(waiver.check) expired: it held until \(waiver.until), and today is \(today) in UTC; "
          + "mend what it accepted, or decide anew until when it is accepted")
    }
    return (problems + expired).sorted { ($0.mark.line, $0.mark.column) < ($1.mark.line, $1.mark.column) }
  }
}

extension Finding {
  /// The finding as these waivers see it on that day: what passes or was not looked at stays as it is.
  func waived(_ check: CheckID, by waivers: [Waiver], on today: CalendarDate) -> Finding {
    guard status == .fail || status == .warn || status == .unknown,
      let waiver = waivers.first(where: { $0.check == check && $0.holds(on: today) })
    else { return self }
    var finding = self
    finding.status = .waived
    finding.message =
      "Waived until \(waiver.until): \(waiver.reason). Without the waiver: \(status.rawValue). \(message)"
    return finding
  }
}
