import Kubernetes

/// What answers at the host of the models in a simulated cluster while no model is deployed: ingress-nginx's default
/// backend, or OpenShift's router.
public final class IngressServer: Sendable {
  private let listener = LoopbackListener()
  private let isRouter: Bool

  /// The ingress of a scenario; nil where the cluster has none.
  public init?(_ scenario: ClusterScenario) {
    isRouter = scenario.openShift != nil
    let hasClass = scenario.objects.contains { $0["kind"] == "IngressClass" }
    if !isRouter && !hasClass { return nil }
  }

  /// Listens on a free port of 127.0.0.1 and gives the port.
  public func start() async throws -> UInt16 {
    let answer =
      isRouter
      ? LoopbackResponse.html(503, "Application is not available")
      : LoopbackResponse(
        status: 404, headers: ["Content-Type": "text/html", "Server": "nginx"],
        body: Array("<html>\n<head><title>404 Not Found</title></head>\n<body>nginx</body>\n</html>\n".utf8))
    return try await listener.start { _ in answer.answer }
  }

  /// Stops to listen.
  public func stop() async { await listener.stop() }
}
