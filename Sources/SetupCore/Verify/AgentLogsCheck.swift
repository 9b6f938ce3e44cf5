import Kubernetes
import Text

extension Check {
  /// The agent's log tells of no error that is known.
  static let agentLogs = Check(
    "agent.logs", title: "Log", required: "the last 200 lines of every container show none of the known errors",
    why: "A pod can be ready while the agent in it is refused by DataRobot or by the cluster: only its log tells.",
    needs: [.agentRelease, .agentLogs], after: ["cluster.credentials"], exemption: noRelease
  ) { survey, _, _ in
    if let missing = Finding.withoutRelease(survey) { return missing }
    return .judging(survey.agentLogs) { logs in judge(logs) }
  }

  /// An error with that many lines after it is over.
  private static let recovery = 50

  private static func judge(_ logs: [ContainerLog]) -> Finding {
    if logs.isEmpty {
      return Finding(
        .unknown, observed: "no container", message: "There is no container whose log could be read.",
        remedy: Remedy("Mend agent.deployment and agent.pods first."))
    }
    var sightings: [LogSighting] = []
    var unread: [(place: String, failure: ObservationFailure)] = []
    var counts: [String] = []
    for log in logs {
      switch log.text {
      case .seen(let text):
        sightings += LogSighting.all(in: text, of: log.place)
        counts.append("\(log.place): \(lines(text.split(separator: "\n").count)) read")
      case .failed(let failure): unread.append((log.place, failure))
      case .notAsked: unread.append((log.place, ObservationFailure(.absent, "it was not read")))
      }
    }
    sightings.sort { $0.linesAfter < $1.linesAfter }
    let details = sightings.map { sighting in
      let position = sighting.linesAfter == 0 ? "the last line" : "\(lines(sighting.linesAfter)) before the end"
      return "\(sighting.place), \(position): \(sighting.line)"
    }
    if let first = sightings.first(where: { $0.linesAfter < recovery }) {
      return Finding(
        .fail, observed: first.line, message: first.meaning, remedy: first.remedy, details: details + counts)
    }
    if let first = unread.first {
      return Finding(
        .unknown, observed: "the log of \(first.place) was not read",
        message: "The log of \(first.place) could not be read: \(first.failure.message)",
        remedy: first.failure.remedy ?? Remedy("Right after an installation, wait: --wait 5m."),
        details: unread.map { "\($0.place): \($0.failure.message)" } + details + counts)
    }
    if let first = sightings.first {
      return Finding(
        .warn, observed: first.line, message: "Earlier in the log, and over by now as it seems: \(first.meaning)",
        remedy: first.remedy, details: details + counts)
    }
    if logs.contains(where: { $0.text.value?.allSatisfy(\.isWhitespace) ?? false }) {
      return Finding(
        .unknown, observed: "an empty log", message: "A container has written nothing into its log yet.",
        remedy: Remedy("Wait until it has: --wait 5m."), details: counts)
    }
    return Finding(
      .pass, observed: counts.joined(separator: ", "), message: "The log shows none of the known errors.",
      details: counts)
  }

  private static func lines(_ count: Int) -> String { count == 1 ? "1 line" : "\(count) lines" }
}

extension Probe {
  /// The last lines that the release's containers wrote.
  static let agentLogs = Probe(
    "agent.logs", \.agentLogs, page: .images, after: [.agentRollout]
  ) { setup, survey in
    let rollout = try survey.agentRollout.get("the release's pods were not looked at")
    let client = try setup.kubernetes()
    let redact = Redaction(setup)
    var logs: [ContainerLog] = []
    for pod in rollout.picture.workloads.flatMap(\.pods).filter({ $0.metadata.deletionTimestamp == nil }).prefix(10) {
      for container in pod.spec.containers {
        var log = ContainerLog(place: "\(pod.metadata.name)/\(container.name)", text: .notAsked)
        do {
          let text = try await client.logs(
            pod: pod.metadata.name, namespace: setup.namespace(), container: container.name, tailLines: 200
          ).value
          log.text = .seen(redact(OutsideText.clean(text, keepsLines: true)))
        } catch let error as KubernetesError {
          log.text = .failed(ObservationFailure(error))
        }
        logs.append(log)
      }
    }
    return logs
  }
}

/// The last lines of a container's log, without secrets.
struct ContainerLog: Sendable, Equatable {
  /// `pod/container`.
  var place: String
  var text: Observed<String>
}

extension Survey {
  /// The last lines that the release's containers wrote.
  var agentLogs: Observed<[ContainerLog]> {
    get { self["cluster/agentLogs"] }
    set { self["cluster/agentLogs"] = newValue }
  }
}
