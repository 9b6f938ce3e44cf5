import FoundationEssentials
import Kubernetes

/// Looks at the kubeconfig and at the cluster behind the chosen context.
enum ClusterProbe {
  static func contexts(_ setup: Setup) throws -> [ContextSummary] {
    let kubeconfig = try setup.kubeconfig()
    return kubeconfig.contexts.map { context in
      ContextSummary(
        name: context.name, server: kubeconfig.server(of: context) ?? "", namespace: context.namespace,
        isCurrent: context.name == kubeconfig.currentContext)
    }
    .sorted { ($0.isCurrent ? 0 : 1, $0.name) < ($1.isCurrent ? 0 : 1, $1.name) }
  }

  static func cluster(_ setup: Setup) async throws -> ClusterSummary {
    let client = try setup.kubernetes()
    let version = try await client.version()
    let localDate = setup.world.now()
    guard let number = version.value.version else {
      throw ObservationFailure(
        .malformed, "\(client.connection.server) calls itself version '\(version.value.gitVersion)', which is none")
    }
    let credentials: Observed<String>
    do throws(KubernetesError) {
      // Whoever is known may ask this about himself (ClusterRole system:basic-user); anonymous users may not.
      _ = try await client.review(ResourceAttributes("get", .namespaces))
      credentials = .seen(client.connection.identity)
    } catch  where error.code == .forbidden {
      credentials = .failed(
        ObservationFailure(
          .unauthorized, "the API server takes \(client.connection.identity) for nobody it knows",
          remedy: Remedy("Log in again, or use a context with a user.", command: "kubectl auth whoami")))
    } catch {
      credentials = .failed(ObservationFailure(error))
    }
    return ClusterSummary(
      context: setup.answers[.context] ?? "", server: client.connection.server, gitVersion: version.value.gitVersion,
      major: number.major, minor: number.minor, serverDate: version.metadata.serverDate, localDate: localDate,
      credentials: credentials)
  }

  /// The namespace of the answers; nil: there is none yet.
  static func namespace(_ setup: Setup) async throws -> Namespace? {
    guard let name = setup.answers[.namespace] else {
      throw ObservationFailure(.absent, "no namespace was named", remedy: Remedy("Set cluster.namespace."))
    }
    return try await setup.kubernetes().find(Namespace.self, .namespaces, name: name)?.value
  }
}
