import Kubernetes
import Text

extension ReleaseStep {
  func traces(_ setup: Setup) async throws -> [Trace] {
    let client = try setup.kubernetes()
    let record = try await record.trace(client)
    guard let live = try await HelmRelease.find(release, setup, namespace: namespace) else {
      return [.gone("release \(release) is not there"), record]
    }
    let objection = try await objection(live, setup)
    let removal = Removal("release \(release)", verb: "uninstall", objection: objection) {
      let command = HelmCommand.uninstall(
        release: release, timeout: answers[.timeout] ?? "10m", target: try setup.helmTarget(namespace: namespace))
      try await Self.run(command, setup, tried: "helm could not uninstall release \(release)")
      return .gone("uninstalled release \(release)")
    }
    guard case .removable(var recordRemoval) = record else { return [.removable(removal), record] }
    // It says whose the release is.
    if objection != nil { recordRemoval.objection = "it belongs to the release" }
    return [.removable(removal), .removable(recordRemoval)]
  }

  /// Why a release stays that another hand has made, or changed since, or is at work on; nil: it is as we left it.
  private func objection(_ live: HelmRelease, _ setup: Setup) async throws -> String? {
    let last = try setup.journal().lastEntry(of: id)
    // Killed before it could be recorded, or failed: then the newest revision is what that attempt left.
    if last?.event == "step-started" { return nil }
    if last?.outcome == "failed", live.status != "deployed" { return nil }
    let record = try await setup.kubernetes().find(
      ConfigMap.self, .configMaps, name: record.name, namespace: record.namespace)?.value
    guard let made = record.flatMap({ ManagedObject.isOurs($0.metadata) ? $0.data["revision"] : nil }) else {
      return "nothing says that mlops-setup made it"
    }
    if live.isPending { return "revision \(live.revision) is \(live.status), so another helm is at work on it" }
    if made != "\(live.revision)", made != Self.claimed {
      return "another hand made its revision \(live.revision), after our revision \(OutsideText.clean(made))"
    }
    return nil
  }
}
