import HTTP
import Kubernetes
import Registry
import TestSupport
import Testing

@testable import SetupCore

@Suite("What an error means for what we wanted to see")
struct ObservationFailureTests {
  @Test(
    "A Kubernetes error keeps its words, its advice and its command",
    arguments: [
      (KubernetesError.Code.credential, ObservationFailure.Kind.noCredential), (.unauthorized, .unauthorized),
      (.forbidden, .denied), (.notFound, .absent), (.timeout, .timedOut), (.tooManyRequests, .timedOut),
      (.cancelled, .timedOut), (.transport, .unreachable), (.server, .unreachable), (.notKubernetes, .malformed),
      (.undecodable, .malformed),
    ])
  func kubernetes(_ code: KubernetesError.Code, _ kind: ObservationFailure.Kind) {
    let error = KubernetesError(code, "cannot list nodes", nextStep: "Log in", command: "kubectl get nodes")
    #expect(
      ObservationFailure(error)
        == ObservationFailure(kind, "cannot list nodes", remedy: Remedy("Log in", command: "kubectl get nodes")))
    #expect(
      ObservationFailure(KubernetesError(code, "m", command: "c")).remedy
        == Remedy("See more with this command.", command: "c"))
    #expect(ObservationFailure(KubernetesError(code, "m")).remedy == nil)
  }

  private static let own: Status = {
    var status = Status()
    status.message = "etcdserver: no leader"
    return status
  }()

  @Test(
    "A gateway's 502, 503 or 504 says nothing of the server behind it; a Status of the server's own does",
    arguments: [
      (502, nil, ObservationFailure.Kind.obstructed), (503, Status(), .obstructed), (500, nil, .unreachable),
      (503, Self.own, .unreachable),
    ] as [(Int, Status?, ObservationFailure.Kind)])
  func gateway(_ http: Int, _ status: Status?, _ kind: ObservationFailure.Kind) {
    #expect(ObservationFailure(KubernetesError(.server, "m", httpStatus: http, status: status)).kind == kind)
    let page = KubernetesError(.notKubernetes, "m", httpStatus: http)
    #expect(ObservationFailure(page).kind == (http == 500 ? .malformed : .obstructed))
  }

  @Test("A transport that ran out of time is late and not unreachable")
  func lateTransport() {
    let late = KubernetesError(
      .transport, "m", transport: HTTPError(code: .timedOut, message: "late", url: "https://x"))
    #expect(ObservationFailure(late).kind == .timedOut)
  }

  @Test(
    "A registry's and DataRobot's errors are told apart the same way",
    arguments: [
      (
        RegistryError(code: .credentialsRejected, message: "m", nextStep: "n") as any Error,
        ObservationFailure.Kind.unauthorized
      ),
      (RegistryError(code: .denied, message: "m", nextStep: "n"), .denied),
      (RegistryError(code: .timedOut, message: "m", nextStep: "n"), .timedOut),
      (RegistryError(code: .notARegistry, message: "m", nextStep: "n"), .malformed),
      (RegistryError(code: .serverFailed, message: "m", nextStep: "n"), .unreachable),
      (DataRobotError(code: .unauthorized, message: "m", nextStep: "n"), .unauthorized),
      (DataRobotError(code: .forbidden, message: "m", nextStep: "n"), .denied),
      (DataRobotError(code: .notFound, message: "m", nextStep: "n"), .absent),
      (DataRobotError(code: .tooManyRequests, message: "m", nextStep: "n"), .timedOut),
      (DataRobotError(code: .notDataRobot, message: "m", nextStep: "n"), .malformed),
      (DataRobotError(code: .transport, message: "m", nextStep: "n"), .unreachable),
      (SetupError(.usage, "m", next: "n"), .absent),
    ])
  func others(_ error: any Error, _ kind: ObservationFailure.Kind) {
    #expect(ObservationFailure(error) == ObservationFailure(kind, "m", remedy: Remedy("n")))
    // The same error for a person has the same words.
    let wrapped = SetupError(wrapping: error, code: .tool)
    #expect(wrapped.message == "m")
    #expect(wrapped.next == "n")
  }

  @Test("A failure stays itself, a cancellation is late, and what nobody foresaw is shown")
  func rest() {
    struct Odd: Error, CustomStringConvertible { var description: String { "odd" } }
    let failure = ObservationFailure(.denied, "m")
    #expect(ObservationFailure(failure as any Error) == failure)
    #expect(ObservationFailure(CancellationError()) == ObservationFailure(.timedOut, "stopped before an answer came"))
    #expect(ObservationFailure(Odd()) == ObservationFailure(.malformed, "odd"))
  }

  @Test("The requirements are the documented ones; a file that misses one says which")
  func requirements() throws {
    let documented = try Requirements.documented()
    #expect(documented.kubernetesMinor == 21)
    #expect("\(documented.cpu) \(documented.memory) \(documented.storage)" == "2 6G 40G")
    let error = #expect(throws: SetupError.self) {
      try Requirements(yaml: "kubernetes: {minimum: \"1.21\"}\nnode: {cpu: 2, memory: 6G}\n")
    }
    #expect(error?.message == "requirements.yaml has no node.storage")
    let broken = #expect(throws: SetupError.self) { try Requirements(yaml: "kubernetes: {minimum: new}\n") }
    #expect(broken?.message == "requirements.yaml: kubernetes.minimum is no version")
  }
}
