import HTTP
public import YAML

/// A kubeconfig as client-go loads it (k8s.io/client-go, tools/clientcmd): files merged, paths resolved.
public struct Kubeconfig: Sendable, Equatable {
  /// A context: a cluster, a user and a namespace under one name.
  public struct Context: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// The name of its cluster.
    public var cluster: String
    /// The name of its user; empty: none.
    public var user: String
    /// Its namespace; nil: `default`.
    public var namespace: String?
    /// Where it stands.
    public var mark: YAMLMark
  }

  /// All contexts, in the order of the files.
  public var contexts: [Context] = []
  /// `current-context` of the first file that sets it.
  public var currentContext: String?
  /// The files that were read.
  public var files: [String] = []
  /// How to speak to the cluster that we run in, where there is no kubeconfig and this is a pod.
  public var inCluster: ClusterConnection?

  var clusters: [String: KubeconfigCluster] = [:]
  var users: [String: KubeconfigUser] = [:]

  /// Loads what kubectl would: the explicit file alone; else the files of KUBECONFIG, missing ones skipped; else
  /// `~/.kube/config`; else, in a pod, its service account. For each name the first file that has it wins, the entry whole.
  ///
  /// - Parameters:
  ///   - explicit: `--kubeconfig`.
  ///   - environment: KUBECONFIG, KUBERNETES_SERVICE_HOST and _PORT, PWD.
  ///   - home: The home directory; empty: there is none.
  ///   - read: Reads a file; nil where there is none.
  public static func load(
    explicit: String? = nil, environment: [String: String], home: String, read: (String) throws -> [UInt8]?
  ) throws(KubeconfigError) -> Kubeconfig {
    var config = Kubeconfig()
    let explicit = explicit?.isEmpty == true ? nil : explicit
    let candidates = candidates(explicit, environment, home)
    for path in candidates {
      let bytes: [UInt8]?
      do {
        bytes = try read(path)
      } catch {
        throw KubeconfigError(
          .unreadable, "the kubeconfig \(printable(path)) cannot be read: \(printable("\(error)", limit: 200))",
          nextStep: "See that it is a file and that you may read it")
      }
      guard let bytes else {
        if explicit == nil { continue }
        throw KubeconfigError(
          .missing, "the kubeconfig \(printable(path)) does not exist",
          nextStep: "Correct the path given to --kubeconfig")
      }
      config.files.append(path)
      config.merge(
        try KubeconfigFile(bytes: bytes, path: path, workingDirectory: environment["PWD"]))
    }
    guard config.contexts.isEmpty, config.clusters.isEmpty, config.users.isEmpty, explicit == nil else { return config }
    config.inCluster = try inCluster(environment, read)
    if config.inCluster == nil, config.files.isEmpty { throw nowhere(candidates, environment, home) }
    return config
  }

  private static func candidates(_ explicit: String?, _ environment: [String: String], _ home: String) -> [String] {
    if let explicit { return [explicit] }
    if let list = environment["KUBECONFIG"], !list.isEmpty {
      return list.split(separator: ":").map(String.init).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
    return home.isEmpty ? [] : [FilePathText.join(home, ".kube/config")]
  }

  private static func nowhere(
    _ candidates: [String], _ environment: [String: String], _ home: String
  ) -> KubeconfigError {
    let isList = environment["KUBECONFIG"]?.isEmpty == false
    let none = isList ? "which names no file" : "nowhere: HOME and KUBECONFIG are unset"
    let places = candidates.isEmpty ? none : candidates.map { printable($0) }.joined(separator: ", ")
    let tilde = isList && candidates.contains { $0.hasPrefix("~") } ? " (a ~ in KUBECONFIG is not expanded)" : ""
    let list = isList ? "KUBECONFIG" + (candidates.isEmpty ? ", " : ": ") : ""
    return KubeconfigError(
      .noKubeconfig, "there is no kubeconfig; looked in \(list)\(places)\(tilde)",
      nextStep: "Name one with --kubeconfig or KUBECONFIG, or get one from the tool that made the cluster")
  }

  private mutating func merge(_ file: KubeconfigFile) {
    for context in file.contexts where !contexts.contains(where: { $0.name == context.name }) {
      contexts.append(context)
    }
    clusters.merge(file.clusters) { first, _ in first }
    users.merge(file.users) { first, _ in first }
    if currentContext == nil { currentContext = file.currentContext }
  }

  // MARK: In a pod

  private static let serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount"

  private static func inCluster(
    _ environment: [String: String], _ read: (String) throws -> [UInt8]?
  ) throws(KubeconfigError) -> ClusterConnection? {
    guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
      let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty
    else { return nil }
    let token = "\(serviceAccount)/token"
    let namespace: [UInt8]?
    do {
      guard try read(token) != nil else { return nil }
      namespace = try read("\(serviceAccount)/namespace")
    } catch {
      throw KubeconfigError(
        .unreadable, "the service account in \(serviceAccount) cannot be read: \(printable("\(error)", limit: 200))",
        nextStep: "See that this process may read it")
    }
    let name = namespace.map { String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace } } ?? ""
    return ClusterConnection(
      server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)",
      tls: .init(certificateAuthority: .file("\(serviceAccount)/ca.crt")),
      credential: .tokenFile(token, fallback: nil), defaultNamespace: name.isEmpty ? "default" : name)
  }
}

extension Kubeconfig {
  /// The API server's URL of a context, as it stands in the file; nil where its cluster is not there.
  public func server(of context: Context) -> String? { clusters[context.cluster]?.server }
}
