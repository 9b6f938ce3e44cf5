public import FoundationEssentials
public import Kubernetes

extension Probe {
  /// The kubeconfig and its contexts.
  public static let kubeconfig = Probe("kubeconfig", \.contexts, page: .cluster) { setup, _ in
    try ClusterProbe.contexts(setup)
  }
  /// Version, and whether our credentials are good.
  public static let cluster = Probe(
    "cluster", page: .cluster, after: [.kubeconfig],
    failed: { failure in
      {
        $0.cluster = .failed(failure)
        $0.clock = .failed(failure)
      }
    }, look: { setup, _ in try await ClusterProbe.look(setup) })
  /// The namespace of the answers.
  public static let namespace = Probe("namespace", \.namespace, page: .cluster, after: [.cluster]) { setup, _ in
    try await ClusterProbe.namespace(setup)
  }
}

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

  static func look(_ setup: Setup) async throws -> SurveyUpdate {
    let client = try setup.kubernetes()
    let askedDate = setup.world.now()
    let version: Kubernetes.Answer<ServerVersion>
    do throws(KubernetesError) {
      version = try await client.version()
    } catch {
      // Whoever refuses us tells the time all the same, and clocks apart may be why.
      let clock = ClockReading(error.serverDate, asked: askedDate, answered: setup.world.now())
      guard error.code == .unauthorized || error.code == .forbidden, let clock else { throw error }
      let failure = ObservationFailure(error)
      return {
        $0.cluster = .failed(failure)
        $0.clock = .seen(clock)
      }
    }
    let localDate = setup.world.now()
    var clock = ClockReading(version.metadata.serverDate, asked: askedDate, answered: localDate)
    guard let number = version.value.version else {
      throw ObservationFailure(
        .malformed, "\(client.connection.server) calls itself version '\(version.value.gitVersion)', which is none")
    }
    let credentials: Observed<String>
    do throws(KubernetesError) {
      // Whoever is known may ask this about himself (ClusterRole system:basic-user); anonymous users may not.
      let askedDate = setup.world.now()
      let answer = try await client.review(ResourceAttributes("get", .namespaces))
      // The second request finds the connection open and the login done, so its times are closer.
      clock = .closer(
        clock, ClockReading(answer.metadata.serverDate, asked: askedDate, answered: setup.world.now()))
      credentials = .seen(client.connection.identity)
    } catch  where error.code == .forbidden {
      credentials = .failed(
        ObservationFailure(
          .unauthorized, "with \(client.connection.identity) the API server takes us for an anonymous user",
          remedy: Remedy("Log in again, or use a context with a user.", command: "kubectl auth whoami")))
    } catch {
      credentials = .failed(ObservationFailure(error))
    }
    let summary = ClusterSummary(
      context: setup.answers[.context] ?? "", server: client.connection.server, gitVersion: version.value.gitVersion,
      major: number.major, minor: number.minor, serverDate: version.metadata.serverDate, localDate: localDate,
      credentials: credentials)
    return { [clock] in
      $0.cluster = .seen(summary)
      $0.clock = .seen(clock)
    }
  }

  /// The namespace of the answers; nil: there is none yet.
  static func namespace(_ setup: Setup) async throws -> Namespace? {
    guard let name = setup.answers[.namespace] else {
      throw ObservationFailure(.absent, "no namespace was named", remedy: Remedy("Set cluster.namespace."))
    }
    let client = try setup.kubernetes()
    if let project = Planner.namespaceStep(setup.answers) as? ProjectStep { return try await project.find(client) }
    return try await client.find(Namespace.self, .namespaces, name: name)?.value
  }
}

extension Survey {
  /// The contexts of the kubeconfig, the current one first.
  public var contexts: Observed<[ContextSummary]> {
    get { self["kubeconfig"] }
    set { self["kubeconfig"] = newValue }
  }
}

extension Survey {
  /// The cluster behind the chosen context.
  public var cluster: Observed<ClusterSummary> {
    get { self["cluster/summary"] }
    set { self["cluster/summary"] = newValue }
  }
}

extension Survey {
  /// The server's clock beside ours; nil inside: the server did not tell its own.
  public var clock: Observed<ClockReading?> {
    get { self["cluster/clock"] }
    set { self["cluster/clock"] = newValue }
  }
}

extension Survey {
  /// The namespace of the answers; nil inside: there is none yet.
  public var namespace: Observed<Namespace?> {
    get { self["cluster/namespace"] }
    set { self["cluster/namespace"] = newValue }
  }
}

/// A context of the kubeconfig, for a list to choose from.
public struct ContextSummary: Sendable, Equatable {
  /// Its name.
  public var name: String
  /// The API server's URL.
  public var server: String
  /// Its default namespace.
  public var namespace: String?
  /// Whether it is the kubeconfig's current one.
  public var isCurrent: Bool

  /// A summary from its parts.
  public init(name: String, server: String, namespace: String?, isCurrent: Bool) {
    self.name = name
    self.server = server
    self.namespace = namespace
    self.isCurrent = isCurrent
  }
}

/// The cluster as it presents itself.
public struct ClusterSummary: Sendable, Equatable {
  /// The context's name.
  public var context: String
  /// The API server's URL.
  public var server: String
  /// `/version`'s gitVersion: `v1.24.17-eks-8cb36c9`.
  public var gitVersion: String
  /// Major and minor, vendor suffixes dropped.
  public var major: Int
  /// See `major`.
  public var minor: Int
  /// The server's clock when it answered.
  public var serverDate: Date?
  /// Our clock at that moment.
  public var localDate: Date
  /// Whether the server took our credentials (an answer other than 401 to a request that anonymous users may not make).
  public var credentials: Observed<String>

  /// A summary from its parts.
  public init(
    context: String, server: String, gitVersion: String, major: Int, minor: Int, serverDate: Date?, localDate: Date,
    credentials: Observed<String>
  ) {
    self.context = context
    self.server = server
    self.gitVersion = gitVersion
    self.major = major
    self.minor = minor
    self.serverDate = serverDate
    self.localDate = localDate
    self.credentials = credentials
  }
}
