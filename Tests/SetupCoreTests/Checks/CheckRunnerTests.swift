import HTTP
import Synchronization
import TestSupport
import Testing

@testable import SetupCore

@Suite("The runner of checks")
struct CheckRunnerTests {
  private static func check(
    _ id: CheckID, needs: [Probe] = [.kubeconfig], after: [CheckID] = [], status: FindingStatus = .pass,
    exempt: String? = nil
  ) -> Check {
    Check(
      id, title: "", required: "", why: "", needs: needs, after: after, exemption: { _, _ in exempt }
    ) { _, _, _ in Finding(status, observed: "", message: "") }
  }

  private func run(_ checks: [Check]) async throws -> [CheckResult] {
    await CheckRunner(setup: try Samples.setup(), checks: checks).run().results
  }

  @Test("Results are in the checks' order, whatever the order in which they could be decided")
  func order() async throws {
    let results = try await run([
      Self.check("c", after: ["b"]), Self.check("b", after: ["a"]), Self.check("a"),
    ])
    #expect(results.map(\.id) == ["c", "b", "a"])
    #expect(results.allSatisfy { $0.finding.status == .pass })
  }

  @Test(
    "What builds on a check runs only where that one passed, warned or does not apply",
    arguments: [
      (FindingStatus.pass, nil, FindingStatus.pass), (.warn, nil, .pass), (.waived, nil, .pass),
      (.fail, nil, .skipped), (.unknown, nil, .skipped), (.skipped, nil, .unknown), (.fail, "not here", .pass),
    ] as [(FindingStatus, String?, FindingStatus)])
  func dependencies(_ status: FindingStatus, _ exemption: String?, _ expected: FindingStatus) async throws {
    let results = try await run([
      Self.check("first", status: status, exempt: exemption), Self.check("second", after: ["first"]),
    ])
    #expect(results[1].finding.status == expected)
    if expected == .skipped {
      let happened = status == .fail ? "failed" : "could not be decided"
      #expect(results[1].finding.message == "Not looked at, because first \(happened).")
    }
    if exemption != nil { #expect(results[0].finding.message == "not here") }
  }

  @Test("A check after one that is not in the run does not wait for it")
  func unknownDependency() async throws {
    #expect(try await run([Self.check("alone", after: ["elsewhere"])]).map(\.finding.status) == [.pass])
  }

  @Test("A check that needs nothing seen is evaluated too")
  func noNeeds() async throws {
    #expect(try await run([Self.check("free", needs: [])]).map(\.finding.status) == [.pass])
  }

  @Test("Each probe is sent once, with what it builds on, however many checks need it")
  func once() async throws {
    let cluster = try ScriptedCluster()
    let setup = try Samples.setup(http: cluster)
    let runner = CheckRunner(
      setup: setup,
      checks: [
        Self.check("a", needs: [.nodes]), Self.check("b", needs: [.nodes, .ingress]),
        Self.check("c", needs: [.cluster]),
      ])
    #expect(await runner.run().results.map(\.finding.status) == [.pass, .pass, .pass])
    let paths = cluster.requests.map { String($0.url.dropFirst(Samples.server.count).prefix { $0 != "?" }) }
    #expect(
      paths.sorted() == [
        "/api/v1/nodes", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
        "/apis/networking.k8s.io/v1/ingressclasses", "/version",
      ])
  }

  @Test("An API server that hangs is unknown after the deadline, and nothing of it passes", .timeLimit(.minutes(1)))
  func deadline() async throws {
    let setup = try Samples.setup(http: SilentTransport())
    let checks = CheckCatalog.checks(setup.answers)
    let (results, survey) = await CheckRunner(setup: setup, checks: checks, deadline: .milliseconds(200)).run()
    #expect(results.count == checks.count)
    let statuses = Dictionary(uniqueKeysWithValues: results.map { ($0.id, $0.finding.status) })
    #expect(statuses["cluster.reachable"] == .unknown)
    #expect(statuses["registry.reachable"] == .unknown)
    #expect(statuses["datarobot.reachable"] == .unknown)
    #expect(statuses["kubernetes.version"] == .skipped)
    #expect(statuses["nodes.fit"] == .skipped)
    #expect(results[0].finding.message == "no answer within 0.2 seconds")
    #expect(results[0].finding.remedy?.text == "Try again, with a longer --timeout where the cluster is slow.")
    #expect(survey.cluster.value == nil)
    #expect(PreflightReport(results, survey, setup.answers).obstacle?.code == .checkFailed)  // no helm in this world
  }

  @Test("Cancelling ends it early; what was not seen is unknown and every check has its line", .timeLimit(.minutes(1)))
  func cancelled() async throws {
    let setup = try Samples.setup(http: SilentTransport())
    let checks: [Check] = [.clusterReachable, .clusterCredentials, .nodesFit, .registryReachable]
    let task = Task { await CheckRunner(setup: setup, checks: checks, deadline: .seconds(60)).run().results }
    try await Task.sleep(for: .milliseconds(100))
    task.cancel()
    let results = await task.value
    #expect(results.map(\.finding.status) == [.unknown, .skipped, .skipped, .unknown], "\(results)")
  }

  @Test("What may not be read is unknown, never a pass")
  func denied() async throws {
    let cluster = try ScriptedCluster { request in
      request.url.hasSuffix("/version") || request.method == "POST"
        ? nil : .status(403, "Forbidden", "User viewer cannot list it")
    }
    let checks: [Check] = [
      .clusterReachable, .clusterCredentials, .kubernetesVersion, .ingressClass, .ingressController, .nodesFit,
      .permissionsInstall,
    ]
    let results = await CheckRunner(setup: try Samples.setup(http: cluster), checks: checks).run().results
    #expect(
      results.map(\.finding.status) == [.pass, .pass, .warn, .unknown, .skipped, .unknown, .pass], "\(results)")
    #expect(results[5].finding.message.contains("User viewer cannot list it"))
    #expect(results[5].finding.remedy?.command?.hasPrefix("kubectl auth can-i list nodes") == true)
  }

  @Test("Every check starts and finishes once, and what is told adds up to what is returned")
  func events() async throws {
    let events = Mutex<(started: [CheckID], finished: [CheckResult])>(([], []))
    let setup = try Samples.setup(http: try ScriptedCluster(others: ScriptedTransport { _ in .text(500) }))
    let checks = CheckCatalog.checks(setup.answers)
    let results = await CheckRunner(setup: setup, checks: checks).run { event in
      events.withLock {
        switch event {
        case .started(let id): $0.started.append(id)
        case .finished(let result): $0.finished.append(result)
        case .surveyed: break
        }
      }
    }.results
    let seen = events.withLock { $0 }
    #expect(seen.started.map(\.name).sorted() == checks.map(\.id.name).sorted())
    #expect(seen.finished.sorted { $0.id.name < $1.id.name } == results.sorted { $0.id.name < $1.id.name })
    #expect(results.map(\.id) == checks.map(\.id))
  }

  @Test("Answers that only the survey can suggest reach the checks")
  func suggestions() async throws {
    let cluster = try ScriptedCluster([
      "/apis/networking.k8s.io/v1/ingressclasses/edge":
        #"{"kind":"IngressClass","metadata":{"name":"edge","labels":{"helm.sh/chart":"ingress-nginx-4.11.0"}},"spec":{"controller":"k8s.io/ingress-nginx"}}"#,
      "/api/v1/pods":
        #"{"kind":"PodList","metadata":{},"items":[{"metadata":{"name":"a","namespace":"edge","labels":{"app.kubernetes.io/name":"ingress-nginx"}},"spec":{"containers":[{"name":"c","image":"x"}]},"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}]}"#,
    ])
    let setup = try Samples.setup(Samples.answers(["ingress.className": .text("")]), http: cluster)
    let results = await CheckRunner(setup: setup, checks: [.ingressClass, .ingressController]).run().results
    #expect(results.map(\.finding.status) == [.pass, .warn])
    #expect(results[0].finding.message == "IngressClass edge exists.")
    #expect(results[1].finding.message.hasPrefix("ingress-nginx serves edge"))
  }
}
