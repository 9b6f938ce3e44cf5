import FoundationEssentials
import HTTP
import Kubernetes
import TestSupport
import Testing

@testable import SetupCore

@Suite("verify: release, deployment, pods, health, ingress")
struct AgentChecksTests {
  private static let now = Date(timeIntervalSince1970: 1_800_000_000)

  static func release(_ status: String = "deployed", revision: Int = 3) -> HelmRelease {
    HelmRelease(name: "bosun", revision: revision, status: status, object: "sh.helm.release.v1.bosun.v\(revision)")
  }

  /// A survey in which the release is there.
  static func installed(_ survey: inout Survey) {
    survey.agentRelease = .seen(AgentRelease(live: release(), record: .seen(["revision": "3"])))
  }

  // MARK: Release

  @Test(
    "The release is judged by its newest revision and our record of it",
    arguments: [
      (
        release(), ["revision": "3", "chart": "agent-2.1.0"], FindingStatus.pass,
        "revision 3 of agent-2.1.0 is deployed"
      ),
      (release(), ["revision": "2"], .warn, "changed by another hand"),
      (release(), nil, .warn, "mlops-setup did not make it"),
      (release("failed"), ["revision": "3"], .fail, "its revision 3 is failed"),
      (release("pending-upgrade"), ["revision": "2"], .fail, "pending-upgrade"),
      (release("uninstalling"), nil, .fail, "uninstalling"),
      (release("superseded"), nil, .unknown, "superseded"),
      (nil, nil, .fail, "There is no release bosun in the namespace datarobot-mlops."),
      (release("uninstalled"), nil, .fail, "There is no release bosun"),
    ] as [(HelmRelease?, [String: String]?, FindingStatus, String)])
  func releases(_ live: HelmRelease?, _ record: [String: String]?, _ status: FindingStatus, _ message: String) {
    let found = finding(.agentRelease) { $0.agentRelease = .seen(AgentRelease(live: live, record: .seen(record))) }
    #expect(found.status == status, "\(found)")
    #expect(found.message.contains(message), "\(found.message)")
    #expect(status == .pass || found.remedy != nil)
  }

  @Test("A record or a release that may not be read is unknown, and never green")
  func unread() {
    let denied = ObservationFailure(.denied, "may not list secrets")
    #expect(finding(.agentRelease) { $0.agentRelease = .failed(denied) }.status == .unknown)
    let record = finding(.agentRelease) {
      $0.agentRelease = .seen(AgentRelease(live: Self.release(), record: .failed(denied)))
    }
    #expect(record.status == .unknown)
    for check in [Check.agentRelease, .agentDeployment, .agentPods, .agentLogs, .agentHealth, .agentBuilder] {
      #expect(check.isBlocking)
      let unseen = finding(check) { _ in }
      #expect(unseen.status == .unknown, "\(check.id)")
    }
  }

  @Test("Where there is no release, the checks of what it would have made leave it to agent.release")
  func leftTo() {
    for check in [Check.agentDeployment, .agentPods, .agentLogs, .agentHealth, .agentBuilder] {
      let found = finding(check) { $0.agentRelease = .seen(AgentRelease(live: nil, record: .seen(nil))) }
      #expect(found.status == .skipped, "\(check.id)")
      #expect(found.leftTo == "agent.release", "\(check.id)")
    }
  }

  // MARK: Deployment and pods

  static func pod(
    _ name: String = "agent-1", isReady: Bool = true, restarts: Int = 0, finished: String? = nil, status: String? = nil
  ) throws -> Pod {
    let ended = finished.map {
      #","lastState":{"terminated":{"exitCode":137,"reason":"OOMKilled","finishedAt":"\#($0)"}}"#
    }
    let container =
      status
      ?? #"{"name":"agent","ready":\#(isReady),"restartCount":\#(restarts),"state":{"running":{}}\#(ended ?? "")}"#
    return try object(
      Pod.self,
      """
      {"metadata":{"name":"\(name)","namespace":"datarobot-mlops"},"spec":{"containers":[{"name":"agent"}]},
       "status":{"phase":"Running","conditions":[{"type":"Ready","status":"\(isReady ? "True" : "False")"}],
       "containerStatuses":[\(container)]}}
      """)
  }

  private static func rollout(_ deployment: Deployment?, _ pods: [Pod]) -> AgentRollout {
    AgentRollout(
      picture: RolloutPicture(
        workloads: deployment.map { [Workload($0, pods: pods)] } ?? []),
      seenAt: now)
  }

  private func judged(_ check: Check, _ deployment: Deployment?, _ pods: [Pod] = []) -> Finding {
    finding(check) {
      Self.installed(&$0)
      $0.agentRollout = .seen(Self.rollout(deployment, pods))
    }
  }

  @Test("A Deployment passes once it is rolled out; else the obstacle is told with what to do")
  func deployment() throws {
    let good = judged(.agentDeployment, try RolloutPictureTests.deployment(available: 1), [try Self.pod()])
    #expect(good.status == .pass)
    #expect(good.observed == "1 of 1 Deployment available")
    let stuck = RolloutPictureTests.waiting("ImagePullBackOff", "pull access denied")
    let pulling = judged(
      .agentDeployment, try RolloutPictureTests.deployment(), [try RolloutPictureTests.pod(containers: stuck)])
    #expect(pulling.status == .fail)
    #expect(pulling.message.contains("ImagePullBackOff: pull access denied"))
    #expect(pulling.remedy?.text.contains("nodes may pull it") == true)
    #expect(pulling.details.contains("Deployment agent: 0 of 1 available"))
    let idle = judged(.agentDeployment, try RolloutPictureTests.deployment(replicas: 0))
    #expect(idle.status == .fail)
    #expect(idle.remedy?.command == "kubectl scale deployment agent --replicas=1 --namespace datarobot-mlops")
    #expect(judged(.agentDeployment, nil).message == "The release bosun has no Deployment, StatefulSet or DaemonSet: no agent can run.")
  }

  @Test("Pods pass when they are ready and were not restarted of late")
  func pods() throws {
    let deployment = try RolloutPictureTests.deployment(available: 1)
    func judge(_ pods: Pod...) -> Finding { judged(.agentPods, deployment, pods) }
    let good = judge(try Self.pod())
    #expect(good.status == .pass)
    #expect(good.observed == "1 of 1 ready")
    #expect(good.details == ["Pod agent-1: Running, agent ready"])
    let waiting = judge(try Self.pod(), try Self.pod("agent-2", isReady: false))
    #expect(waiting.status == .fail)
    #expect(waiting.observed == "1 of 2 ready")
    #expect(waiting.remedy?.command == "kubectl describe pod agent-2 --namespace datarobot-mlops")
    let restarted = judge(try Self.pod(restarts: 2, finished: "2027-01-15T07:00:00Z"))
    #expect(restarted.status == .warn)
    #expect(restarted.message.contains("was restarted 2 times, the last time after OOMKilled with exit code 137"))
    let longAgo = judge(try Self.pod(restarts: 2, finished: "2027-01-10T07:00:00Z"))
    #expect(longAgo.status == .pass, "\(longAgo)")
    #expect(judge().status == .fail)
  }

  // MARK: Health

  private func health(_ status: String?, at time: String? = "2027-01-15T07:59:00Z", message: String = "") -> Finding {
    var environment = PredictionEnvironment(id: "65f0a1b2c3d4e5f60718293a", name: "Production")
    environment.health = status.map { PredictionEnvironment.Health(status: $0, message: message, timestamp: time) }
    return finding(.agentHealth) {
      Self.installed(&$0)
      $0.dataRobot = .seen(DataRobotSummary(version: "2.36.0", environment: .seen(environment)))
      $0.ourClock = .seen(Self.now)
    }
  }

  @Test(
    "Health is DataRobot's own word, and no word is no green",
    arguments: [
      ("passing", FindingStatus.pass, "the agent reports in"), ("warning", .warn, "shows a warning for Production"),
      ("failing", .fail, "shows Production as failing"), ("unavailable", .fail, "shows Production as unavailable"),
      ("unknown", .unknown, "has not heard of the agent"), ("notApplicable", .unknown, "tracks no health"),
      ("splendid", .unknown, "its health is splendid"), (nil, .unknown, "has not heard of the agent"),
    ] as [(String?, FindingStatus, String)])
  func healths(_ status: String?, _ verdict: FindingStatus, _ message: String) {
    let found = health(status)
    #expect(found.status == verdict, "\(found)")
    #expect(found.message.contains(message), "\(found.message)")
  }

  @Test("A good report of yesterday warns; what the agent says is shown; who must wait is told how")
  func healthDetails() {
    let old = health("passing", at: "2027-01-14T08:00:00Z")
    #expect(old.status == .warn)
    #expect(old.observed == "passing, reported 24 h ago")
    #expect(health("passing", at: nil).status == .pass)
    #expect(health("passing").observed == "passing, reported 60 s ago")
    let failing = health("failing", message: "cannot \u{1b}[31mreach Kubernetes")
    #expect(failing.message == "DataRobot shows Production as failing: cannot reach Kubernetes.")
    #expect(failing.details == ["DataRobot says: cannot reach Kubernetes"])
    #expect(health("unknown").remedy?.text.contains("mlops-setup verify --wait 10m") == true)
  }

  // MARK: Ingress

  @Test(
    "Any HTTP answer of an ingress passes; what does not get through warns",
    arguments: [
      (404, "nginx", false, FindingStatus.pass, "answers 404 (Server: nginx), as an ingress does"),
      (404, nil, false, .pass, "answers 404 (no Server header)"), (200, nil, false, .pass, "answers 200"),
      (308, "nginx", false, .pass, "answers 308"), (401, "nginx", false, .pass, "answers 401"),
      (503, nil, true, .pass, "as OpenShift's router does"), (503, nil, false, .warn, "does not get through"),
      (502, "proxy", false, .warn, "does not get through"), (504, nil, false, .warn, "does not get through"),
    ] as [(Int, String?, Bool, FindingStatus, String)])
  func ingress(_ status: Int, _ server: String?, _ isRouter: Bool, _ verdict: FindingStatus, _ message: String) {
    let found = finding(.ingressAnswers) {
      $0.ingressAnswer = .seen(IngressAnswer(status: status, server: server, isRouterPage: isRouter))
    }
    #expect(found.status == verdict, "\(found)")
    #expect(found.message.contains(message), "\(found.message)")
  }

  @Test(
    "Who is not answered is told why, and what to do",
    arguments: [
      (HTTPError.Code.nameNotResolved, FindingStatus.fail, "Make a DNS record of models.example.com"),
      (.connectionRefused, .fail, "Service listens on that port"), (.connectionFailed, .fail, "firewall"),
      (.certificateUntrusted, .fail, "Give the ingress controller a certificate for models.example.com"),
      (.certificateNameMismatch, .fail, "--default-ssl-certificate"), (.tlsFailed, .fail, "speaks http or https"),
      (.timedOut, .unknown, "firewall drops"), (.proxyFailed, .unknown, "NO_PROXY"),
      (.cancelled, .unknown, "Try again"),
    ])
  func unanswered(_ code: HTTPError.Code, _ verdict: FindingStatus, _ remedy: String) async throws {
    let transport = ScriptedTransport { request in throw HTTPError(code: code, message: "no", url: request.url) }
    let setup = try Samples.setup(http: transport)
    let found = await CheckRunner(setup: setup, checks: [.ingressAnswers]).run().results[0].finding
    #expect(found.status == verdict, "\(found)")
    #expect(found.message.contains("https://models.example.com/deployments"))
    #expect(found.remedy?.text.contains(remedy) == true, "\(found)")
  }

  @Test("The ingress is asked at the outfacing URL, and its header read")
  func asked() async throws {
    let transport = ScriptedTransport { request in
      #expect(request.url == "https://models.example.com/deployments")
      #expect(request.headers["Authorization"] == nil)
      return .text(404, "default backend", headers: ["Server": "nginx"])
    }
    let found = await CheckRunner(setup: try Samples.setup(http: transport), checks: [.ingressAnswers]).run().results[0]
    #expect(found.finding.observed == "404, Server: nginx")
  }
}
