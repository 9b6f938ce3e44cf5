import FoundationEssentials

extension Check {
  /// Our clock and the cluster's agree. Five minutes is where AWS' request signatures and Kerberos refuse outright; one
  /// minute is the leeway that most token checks give.
  static let clusterClock = Check(
    "cluster.clock", title: "Clocks agree",
    required: "this machine's clock and the API server's are within 1 minute (5 minutes at most)",
    why:
      "Tokens and certificates hold from one time to another: with clocks apart, logins to the cluster, the registry and DataRobot fail at random, and no message says why.",
    needs: [.cluster], after: ["cluster.reachable"]
  ) { survey, _, _ in
    .judging(survey.clock) { clock in
      guard let clock else {
        return Finding(
          .unknown, observed: "no Date header",
          message: "The API server's answers carry no time, so the clocks cannot be compared.",
          remedy: Remedy("Compare them by hand; a proxy may have taken the Date header away.", command: "date -u"))
      }
      let direction = clock.skew < 0 ? "behind" : "ahead of"
      let distance = interval(abs(clock.skew))
      let observed = "\(distance) \(direction) the API server's clock, give or take \(tolerance(clock.tolerance))"
      let times = [
        "API server: \(clock.server.ISO8601Format()) (Date header, whole seconds)",
        "this machine: \(clock.asked.ISO8601Format()) when asked, \(clock.answered.ISO8601Format()) when answered",
      ]
      if clock.certainSkew <= 60 {
        // What the reading cannot tell apart from agreement is agreement; what may hide more than the limit is not.
        if clock.tolerance > 60 {
          return Finding(
            .unknown, observed: observed,
            message: "The API server took \(interval(2 * clock.tolerance)) to answer: too long to compare the clocks.",
            remedy: Remedy("Run the check again."), details: times)
        }
        return Finding(.pass, observed: observed, message: "The clocks agree within \(limit(clock)).")
      }
      let isFar = clock.certainSkew > 300
      return Finding(
        isFar ? .fail : .warn, observed: observed,
        message:
          "This machine's clock is \(distance) \(direction) the API server's\(isFar ? ": logins will be refused" : "").",
        remedy: Remedy(
          "Find out which of the two is wrong and let it follow an NTP server again.", command: "timedatectl status"),
        details: times)
    }
  }

  private static func limit(_ clock: ClockReading) -> String { interval(max(1, abs(clock.skew) + clock.tolerance)) }

  private static func tolerance(_ seconds: Double) -> String {
    "\(Int((seconds * 10).rounded()) / 10).\(Int((seconds * 10).rounded()) % 10) s"
  }

  /// `4 s`, `7 min 12 s`, `3 h 5 min`, `2 days 4 h`.
  static func interval(_ seconds: Double) -> String {
    let total = Int(min(seconds, 1e12).rounded(.up))
    let (days, hours, minutes, rest) = (total / 86_400, total / 3600 % 24, total / 60 % 60, total % 60)
    if days > 0 { return "\(days) day\(days == 1 ? "" : "s")" + (hours > 0 ? " \(hours) h" : "") }
    if hours > 0 { return "\(hours) h" + (minutes > 0 ? " \(minutes) min" : "") }
    if minutes > 0 { return "\(minutes) min" + (rest > 0 ? " \(rest) s" : "") }
    return "\(rest) s"
  }
}
