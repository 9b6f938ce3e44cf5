import HTTP
import Text
import YAML

extension Kubeconfig {
  func use(
    _ user: KubeconfigUser, _ cluster: KubeconfigCluster, _ connection: inout ClusterConnection
  ) throws(KubeconfigError) {
    let name = printable(connection.user ?? "", limit: 80)
    func unusable(_ what: String, _ nextStep: String) -> KubeconfigError {
      KubeconfigError(.unusable, "user \"\(name)\" \(what)", nextStep: nextStep, mark: user.mark)
    }
    if user.certificateFile != nil || user.certificateData != nil {
      guard user.keyFile != nil || user.keyData != nil else {
        throw unusable("has a client certificate and no client-key", "Add client-key or client-key-data")
      }
      if user.certificateFile != nil && user.certificateData != nil || user.keyFile != nil && user.keyData != nil {
        connection.warnings.append(
          "user \"\(name)\" has a client certificate or key both as data and as a file; the data are used, but kubectl and helm refuse it"
        )
      }
      connection.tls.clientCertificate = user.certificateData.map { .pem($0) } ?? user.certificateFile.map { .file($0) }
      connection.tls.clientKey = user.keyData.map { .pem($0.bytes) } ?? user.keyFile.map { .file($0) }
    }
    let hasToken = user.token != nil || user.tokenFile != nil
    let hasPassword = user.username != nil || user.password != nil
    if hasToken && hasPassword { throw unusable("has a token and a password", "Keep one of them") }
    if let path = user.tokenFile {
      connection.credential = .tokenFile(path, fallback: user.token)
    } else if let token = user.token {
      connection.credential = .token(token)
    } else if hasPassword {
      connection.credential = .basic(name: user.username ?? "", password: user.password ?? SecretText(""))
    }
    if let exec = user.exec {
      let plugin = try plugin(exec, cluster, name)
      // A credential of its own comes before the program.
      if connection.credential == .none, connection.tls.clientCertificate == nil {
        connection.credential = .exec(plugin)
      }
    }
    if let provider = user.authProvider {
      if user.exec != nil { throw unusable("has exec and auth-provider", "Keep exec") }
      if connection.credential == .none, connection.tls.clientCertificate == nil {
        throw unusable(
          "logs in by auth-provider \"\(printable(provider, limit: 40))\", which Kubernetes has given up",
          "Let the tool write the user with exec: gke-gcloud-auth-plugin for gcp, kubelogin for azure and oidc")
      }
    }
    let names =
      [user.impersonatedUser ?? "", user.impersonatedUID ?? ""] + user.impersonatedGroups
      + user.impersonatedExtra.values.joined()
    if names.contains(where: { $0.unicodeScalars.contains { $0.properties.generalCategory == .control } }) {
      throw unusable("has a control character in act-as…", "Remove it")
    }
    if let impersonated = user.impersonatedUser {
      connection.impersonation = Impersonation(
        user: impersonated, uid: user.impersonatedUID, groups: user.impersonatedGroups, extra: user.impersonatedExtra)
    } else if user.impersonatedUID != nil || !user.impersonatedGroups.isEmpty || !user.impersonatedExtra.isEmpty {
      connection.warnings.append(
        "user \"\(name)\" has act-as-uid, act-as-groups or act-as-user-extra without act-as; they do nothing, for kubectl as well"
      )
    }
  }

  private func plugin(
    _ exec: KubeconfigUser.Exec, _ cluster: KubeconfigCluster, _ user: String
  ) throws(KubeconfigError) -> ExecPlugin {
    func unusable(_ what: String, _ nextStep: String) -> KubeconfigError {
      KubeconfigError(.unusable, "exec of user \"\(user)\" \(what)", nextStep: nextStep, mark: exec.mark)
    }
    guard let command = exec.command else { throw unusable("names no command", "Add the program's name") }
    guard let version = exec.apiVersion else {
      throw unusable("has no apiVersion", "Add \(ExecPlugin.apiVersions[0])")
    }
    guard ExecPlugin.apiVersions.contains(version) else {
      throw unusable(
        "has the apiVersion \(printable(version, limit: 80)), which does not exist any more",
        "Let its tool write the kubeconfig again, or use \(ExecPlugin.apiVersions[1])")
    }
    if exec.environment.contains(where: { $0.name.isEmpty }) {
      throw unusable("has an env entry without a name", "Name or remove it")
    }
    let mode: ExecPlugin.InteractiveMode
    if let text = exec.interactiveMode {
      guard let known = ExecPlugin.InteractiveMode(rawValue: text) else {
        throw unusable(
          "has the interactiveMode \"\(printable(text, limit: 40))\"", "Use Never, IfAvailable or Always")
      }
      mode = known
    } else {
      // Version 1 demands it; v1beta1 came before it and has a default.
      guard version != ExecPlugin.apiVersions[0] else {
        throw unusable("has no interactiveMode", "Add Never, IfAvailable or Always")
      }
      mode = .ifAvailable
    }
    return ExecPlugin(
      apiVersion: version, command: command, arguments: exec.arguments, environment: exec.environment,
      installHint: exec.installHint, interactiveMode: mode,
      cluster: exec.providesClusterInfo
        ? ExecClusterInfo(
          server: cluster.server, tlsServerName: cluster.tlsServerName, skipsVerification: cluster.skipsVerification,
          certificateAuthority: cluster.authorityData.map { .pem($0) } ?? cluster.authorityFile.map { .file($0) },
          proxyURL: cluster.proxyURL, disablesCompression: cluster.disablesCompression, config: cluster.execConfig)
        : nil)
  }
}
