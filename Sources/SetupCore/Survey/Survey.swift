public import FoundationEssentials
public import Kubernetes

/// What we have seen of the world so far. Checks and suggestions read it; probes fill it in.
public struct Survey: Sendable {
  /// The contexts of the kubeconfig, the current one first.
  public var contexts: Observed<[ContextSummary]> = .notAsked
  /// The cluster behind the chosen context.
  public var cluster: Observed<ClusterSummary> = .notAsked
  /// All nodes.
  public var nodes: Observed<[Node]> = .notAsked
  /// All ingress classes.
  public var ingressClasses: Observed<[IngressClass]> = .notAsked
  /// The ingress controllers that were recognised.
  public var ingressControllers: Observed<[IngressController]> = .notAsked
  /// The namespace of the answers; nil inside: there is none yet.
  public var namespace: Observed<Namespace?> = .notAsked
  /// What we may do, of all that the steps need.
  public var access: Observed<[AccessAnswer]> = .notAsked
  /// What the registry said.
  public var registry: Observed<RegistrySummary> = .notAsked
  /// The helm program.
  public var helm: Observed<HelmProgram> = .notAsked
  /// The chart.
  public var chart: Observed<Chart> = .notAsked
  /// What DataRobot said.
  public var dataRobot: Observed<DataRobotSummary> = .notAsked

  /// Nothing seen yet.
  public init() {}
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

/// An ingress controller that runs in the cluster, and how it was recognised.
public struct IngressController: Sendable, Equatable {
  /// The IngressClass it serves.
  public var className: String
  /// The class' `spec.controller`.
  public var controller: String
  /// The chart's version, where a label or a release says it.
  public var chartVersion: String?
  /// The controller's version, where a label or an image tag says it.
  public var controllerVersion: String?
  /// Where the versions were read: `labels of IngressClass mlops`.
  public var source: String
  /// Whether it is ingress-nginx.
  public var isIngressNginx: Bool

  /// A controller from its parts.
  public init(
    className: String, controller: String, chartVersion: String?, controllerVersion: String?, source: String,
    isIngressNginx: Bool
  ) {
    self.className = className
    self.controller = controller
    self.chartVersion = chartVersion
    self.controllerVersion = controllerVersion
    self.source = source
    self.isIngressNginx = isIngressNginx
  }
}

/// One thing the steps need to be allowed.
public struct AccessRequest: Sendable, Hashable, Comparable {
  /// `create`, `get`, `patch`.
  public var verb: String
  /// The API group; empty: the core.
  public var group: String
  /// The plural: `secrets`.
  public var resource: String
  /// The namespace; nil: cluster-wide.
  public var namespace: String?
  /// The object's name; nil: any.
  public var name: String?

  /// A request from its parts.
  public init(_ verb: String, _ resource: Resource, namespace: String? = nil, name: String? = nil) {
    self.verb = verb
    self.group = resource.group
    self.resource = resource.name
    self.namespace = namespace
    self.name = name
  }

  /// `secrets` or `deployments.apps`, as kubectl writes it.
  public var qualifiedResource: String { group.isEmpty ? resource : "\(resource).\(group)" }

  /// By namespace, resource and verb.
  public static func < (left: AccessRequest, right: AccessRequest) -> Bool {
    (left.namespace ?? "", left.qualifiedResource, left.verb, left.name ?? "")
      < (right.namespace ?? "", right.qualifiedResource, right.verb, right.name ?? "")
  }
}

/// Whether we may.
public struct AccessAnswer: Sendable, Equatable {
  /// What was asked.
  public var request: AccessRequest
  /// The server's answer, or why there was none.
  public var allowed: Observed<Bool>

  /// An answer from its parts.
  public init(request: AccessRequest, allowed: Observed<Bool>) {
    self.request = request
    self.allowed = allowed
  }
}

/// What the registry said.
public struct RegistrySummary: Sendable, Equatable {
  /// Its name as images carry it: `registry.example.com:5000`.
  public var server: String
  /// How it answered `/v2/`, for a person.
  public var answer: String
  /// Whether it took the credentials.
  public var credentials: Observed<String>
  /// Whether an upload could be opened, by repository.
  public var push: [String: Observed<Bool>]

  /// A summary from its parts.
  public init(
    server: String, answer: String, credentials: Observed<String>, push: [String: Observed<Bool>]
  ) {
    self.server = server
    self.answer = answer
    self.credentials = credentials
    self.push = push
  }
}

/// The helm program on PATH.
public struct HelmProgram: Sendable, Equatable {
  /// Where it is.
  public var path: String
  /// What it says of itself: `v3.21.4`.
  public var version: String
  /// 3 or 4; decides the flags.
  public var major: Int

  /// A program from its parts.
  public init(path: String, version: String, major: Int) {
    self.path = path
    self.version = version
    self.major = major
  }
}

/// What DataRobot said.
public struct DataRobotSummary: Sendable, Equatable {
  /// The version it reported.
  public var version: String
  /// The prediction environment's name; nil: the id was not asked for.
  public var environmentName: String?

  /// A summary from its parts.
  public init(version: String, environmentName: String?) {
    self.version = version
    self.environmentName = environmentName
  }
}

extension IngressController {
  /// Whether it is chart 4.0.0 or newer, which is controller 1.0.0-beta.1 or newer; nil: no version is known.
  public var meetsMinimum: Bool? {
    if let version = chartVersion.flatMap({ SemanticVersion($0) }) { return version >= SemanticVersion(4, 0, 0) }
    if let version = controllerVersion.flatMap({ SemanticVersion($0) }) {
      return version >= SemanticVersion(1, 0, 0, prerelease: "beta.1")
    }
    return nil
  }
}
