import HTTP
import Text
import YAML

extension Kubeconfig {
  /// How to speak to the cluster of a context: the one named, else the current one, else the cluster that we run in.
  public func connection(context name: String? = nil) throws(KubeconfigError) -> ClusterConnection {
    if name == nil, let inCluster { return inCluster }
    let context = try context(name)
    let cluster = try cluster(of: context)
    var connection = ClusterConnection(
      server: "", proxy: try proxy(cluster, context.cluster), defaultNamespace: context.namespace ?? "default",
      context: context.name, cluster: context.cluster)
    if cluster.authorityData != nil, cluster.authorityFile != nil {
      connection.warnings.append(
        "cluster \"\(printable(context.cluster, limit: 80))\" has certificate-authority-data and certificate-authority; "
          + "the data are used, but kubectl and helm refuse it")
    }
    connection.tls.certificateAuthority =
      cluster.authorityData.map { .pem($0) } ?? cluster.authorityFile.map { .file($0) }
    connection.tls.serverName = cluster.tlsServerName
    connection.tls.skipsVerification = cluster.skipsVerification
    if cluster.skipsVerification, connection.tls.certificateAuthority != nil {
      throw KubeconfigError(
        .unusable,
        "cluster \"\(printable(context.cluster, limit: 80))\" has a certificate-authority and insecure-skip-tls-verify: true",
        nextStep: "Remove one of them, best insecure-skip-tls-verify", mark: cluster.mark)
    }
    if !context.user.isEmpty {
      guard let user = users[context.user] else {
        throw dangling("user", context.user, context, Array(users.keys))
      }
      connection.user = context.user
      try use(user, cluster, &connection)
    }
    connection.server = try Self.server(cluster, context.cluster, connection.tls)
    return connection
  }

  // MARK: Context and cluster

  private func context(_ name: String?) throws(KubeconfigError) -> Context {
    let names = contexts.map(\.name)
    let all = Self.listed(names)
    guard let wanted = name ?? currentContext else {
      throw KubeconfigError(
        .noCurrentContext, "no context was chosen and the kubeconfig (\(listedFiles)) sets no current-context",
        nextStep: names.isEmpty
          ? "It has no contexts; let the cluster's tool write it again" : "Name one with --context; there are: \(all)")
    }
    if let context = contexts.first(where: { $0.name == wanted }) { return context }
    let guess =
      DidYouMean.nearest(to: wanted, among: names).map { "Did you mean \"\(printable($0, limit: 120))\"? " } ?? ""
    let what = name == nil ? "current-context is" : "there is no context"
    let rest = name == nil ? ", which does not exist," : ""
    throw KubeconfigError(
      .unknownContext, "\(what) \"\(printable(wanted, limit: 120))\"\(rest) in the kubeconfig (\(listedFiles))",
      nextStep: names.isEmpty ? "It has no contexts" : "\(guess)There are: \(all)")
  }

  private func cluster(of context: Context) throws(KubeconfigError) -> KubeconfigCluster {
    guard !context.cluster.isEmpty else {
      throw KubeconfigError(
        .dangling, "context \"\(printable(context.name, limit: 120))\" names no cluster",
        nextStep: "Add one of: \(Self.listed(clusters.keys.sorted()))", mark: context.mark)
    }
    guard let cluster = clusters[context.cluster] else {
      throw dangling("cluster", context.cluster, context, Array(clusters.keys))
    }
    return cluster
  }

  private func dangling(_ kind: String, _ name: String, _ context: Context, _ known: [String]) -> KubeconfigError {
    let guess =
      DidYouMean.nearest(to: name, among: known).map { "Did you mean \"\(printable($0, limit: 120))\"? " } ?? ""
    let all = known.isEmpty ? "There are no \(kind)s" : "There are: \(Self.listed(known.sorted()))"
    return KubeconfigError(
      .dangling,
      "context \"\(printable(context.name, limit: 120))\" names the \(kind) \"\(printable(name, limit: 120))\", which does not exist",
      nextStep: guess + all, mark: context.mark)
  }

  private var listedFiles: String { files.map { printable($0) }.joined(separator: ", ") }

  private static func listed(_ names: [String]) -> String {
    let shown = names.prefix(20).map { printable($0, limit: 120) }.joined(separator: ", ")
    return names.count > 20 ? "\(shown) and \(names.count - 20) more" : shown
  }

  private func proxy(_ cluster: KubeconfigCluster, _ name: String) throws(KubeconfigError) -> ProxyChoice {
    guard let url = cluster.proxyURL else { return .environment }
    guard ["http://", "https://", "socks5://"].contains(where: { url.hasPrefix($0) }) else {
      throw KubeconfigError(
        .unusable, "proxy-url of cluster \"\(printable(name, limit: 80))\" is no http, https or socks5 URL",
        nextStep: "Correct it", mark: cluster.mark)
    }
    return .url(url)
  }

  /// A bare host gets https where there is anything of TLS about it, else http (client-go, rest.DefaultServerURL).
  private static func server(
    _ cluster: KubeconfigCluster, _ name: String, _ tls: TLSOptions
  ) throws(KubeconfigError) -> String {
    var server = cluster.server
    let shown = printable(name, limit: 80)
    if server.isEmpty {
      throw KubeconfigError(
        .unusable, "cluster \"\(shown)\" has no server", nextStep: "Add the API server's URL", mark: cluster.mark)
    }
    if let scheme = server.firstRange(of: "://") {
      let lower = server[..<scheme.lowerBound].lowercased()
      server = lower + server[scheme.lowerBound...]
      guard lower == "https" || lower == "http", !server.hasSuffix("://") else {
        throw KubeconfigError(
          .unusable,
          "the server of cluster \"\(shown)\" is no http or https URL: \(printable(cluster.server, limit: 120))",
          nextStep: "Correct it", mark: cluster.mark)
      }
    } else {
      let isSecure = tls.certificateAuthority != nil || tls.clientCertificate != nil || tls.skipsVerification
      server = (isSecure ? "https://" : "http://") + server
      guard server.dropFirst(8).firstIndex(of: "/").map({ server[$0...] == "/" }) ?? true else {
        throw KubeconfigError(
          .unusable,
          "the server of cluster \"\(shown)\" must be a URL or HOST:PORT: \(printable(cluster.server, limit: 120))",
          nextStep: "Write it with https:// before it", mark: cluster.mark)
      }
    }
    while server.hasSuffix("/") { server.removeLast() }
    return server
  }
}
