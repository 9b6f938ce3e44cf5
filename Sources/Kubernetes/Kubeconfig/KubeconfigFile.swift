import FoundationEssentials
import Text
import YAML

/// A cluster as it stands in a file; paths are resolved.
struct KubeconfigCluster: Sendable, Equatable {
  var server = ""
  var tlsServerName: String?
  var skipsVerification = false
  var authorityFile: String?
  var authorityData: [UInt8]?
  var proxyURL: String?
  var disablesCompression = false
  var execConfig: JSONValue?
  var mark = YAMLMark()
}

/// A user as it stands in a file; paths are resolved.
struct KubeconfigUser: Sendable, Equatable {
  struct Exec: Sendable, Equatable {
    var command: String?
    var arguments: [String]
    var environment: [ExecPlugin.Variable]
    var apiVersion: String?
    var installHint: String?
    var providesClusterInfo: Bool
    var interactiveMode: String?
    var mark: YAMLMark
  }

  var certificateFile: String?
  var certificateData: [UInt8]?
  var keyFile: String?
  var keyData: SecretBytes?
  var token: SecretText?
  var tokenFile: String?
  var username: String?
  var password: SecretText?
  var impersonatedUser: String?
  var impersonatedUID: String?
  var impersonatedGroups: [String] = []
  var impersonatedExtra: [String: [String]] = [:]
  var authProvider: String?
  var exec: Exec?
  var mark = YAMLMark()
}

/// Bytes that print as `<secret>`.
struct SecretBytes: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
  var bytes: [UInt8]
  var description: String { "<secret>" }
  var customMirror: Mirror { Mirror(self, children: []) }
}

/// One file, read as strictly as client-go reads it: a field of a wrong kind anywhere is an error, unknown fields are not.
struct KubeconfigFile {
  private(set) var contexts: [Kubeconfig.Context] = []
  private(set) var clusters: [String: KubeconfigCluster] = [:]
  private(set) var users: [String: KubeconfigUser] = [:]
  private(set) var currentContext: String?
  private let base: String

  init(bytes: [UInt8], path: String, workingDirectory: String?) throws(KubeconfigError) {
    let file = workingDirectory.map { FilePathText.join($0, path) } ?? path
    base = FilePathText.directory(file)
    let root: YAMLNode?
    do {
      root = try YAML.parse(bytes, source: path)
    } catch {
      throw KubeconfigError(
        .syntax, printable(error.message, limit: 600), nextStep: "Correct the kubeconfig there", mark: error.mark)
    }
    guard let root, !root.isNull else { return }
    let fields = try KubeconfigFields(root, "a kubeconfig")
    try Self.checkKind(fields)
    currentContext = try fields.text("current-context")
    for (name, entry) in try named(fields, "clusters", "cluster") { clusters[name] = try cluster(entry) }
    for (name, entry) in try named(fields, "users", "user") { users[name] = try user(entry) }
    for (name, entry) in try named(fields, "contexts", "context") {
      contexts.append(
        Kubeconfig.Context(
          name: name, cluster: try entry.text("cluster") ?? "", user: try entry.text("user") ?? "",
          namespace: try entry.text("namespace"), mark: entry.mark))
    }
  }

  private static func checkKind(_ fields: KubeconfigFields) throws(KubeconfigError) {
    for (field, wanted) in [("apiVersion", "v1"), ("kind", "Config")] {
      if let found = try fields.text(field), found != wanted {
        throw KubeconfigError(
          .malformed, "\(field) is \"\(printable(found, limit: 60))\", a kubeconfig has \"\(wanted)\"",
          nextStep: "See that this file is a kubeconfig", mark: fields.node(field)?.mark ?? fields.mark)
      }
    }
  }

  /// The entries of a list of `{name, KEY}`, null ones left out, with a name used twice refused.
  private func named(
    _ fields: KubeconfigFields, _ list: String, _ key: String
  ) throws(KubeconfigError) -> [(String, KubeconfigFields)] {
    var result: [(String, KubeconfigFields)] = []
    for node in try fields.list(list) where !node.isNull {
      let entry = try KubeconfigFields(node, "an entry of \(list)")
      let name = try entry.text("name") ?? ""
      if let first = result.first(where: { $0.0 == name }) {
        throw KubeconfigError(
          .duplicateName, "\(list) has \"\(printable(name, limit: 80))\" twice, the first in line \(first.1.mark.line)",
          nextStep: "Remove or rename one of them", mark: node.mark)
      }
      result.append((name, try entry.fields(key) ?? KubeconfigFields(empty: node.mark)))
    }
    return result
  }

  private func resolved(_ path: String?) -> String? { path.map { FilePathText.join(base, $0) } }

  private func cluster(_ fields: KubeconfigFields) throws(KubeconfigError) -> KubeconfigCluster {
    var cluster = KubeconfigCluster(
      server: try fields.text("server") ?? "", tlsServerName: try fields.text("tls-server-name"),
      skipsVerification: try fields.flag("insecure-skip-tls-verify"),
      authorityFile: resolved(try fields.text("certificate-authority")),
      authorityData: try fields.data("certificate-authority-data"), proxyURL: try fields.text("proxy-url"),
      disablesCompression: try fields.flag("disable-compression"), mark: fields.mark)
    for node in try fields.list("extensions") where !node.isNull {
      let entry = try KubeconfigFields(node, "an entry of extensions")
      if try entry.text("name") == "client.authentication.k8s.io/exec", let value = entry.node("extension") {
        cluster.execConfig = JSONValue(value)
      }
    }
    return cluster
  }

  private func user(_ fields: KubeconfigFields) throws(KubeconfigError) -> KubeconfigUser {
    KubeconfigUser(
      certificateFile: resolved(try fields.text("client-certificate")),
      certificateData: try fields.data("client-certificate-data"), keyFile: resolved(try fields.text("client-key")),
      keyData: try fields.data("client-key-data").map(SecretBytes.init),
      token: try fields.text("token").map(SecretText.init), tokenFile: resolved(try fields.text("tokenFile")),
      username: try fields.text("username"), password: try fields.text("password").map(SecretText.init),
      impersonatedUser: try fields.text("act-as"), impersonatedUID: try fields.text("act-as-uid"),
      impersonatedGroups: try fields.texts("act-as-groups"), impersonatedExtra: try fields.extra("act-as-user-extra"),
      authProvider: try fields.fields("auth-provider").map { provider throws(KubeconfigError) in
        try provider.text("name") ?? ""
      },
      exec: try fields.fields("exec").map(exec), mark: fields.mark)
  }

  private func exec(_ fields: KubeconfigFields) throws(KubeconfigError) -> KubeconfigUser.Exec {
    var command = try fields.text("command")
    // A bare name is looked up in PATH.
    if command?.contains("/") == true { command = resolved(command) }
    var environment: [ExecPlugin.Variable] = []
    for node in try fields.list("env") where !node.isNull {
      let entry = try KubeconfigFields(node, "an entry of env")
      environment.append(.init(name: try entry.text("name") ?? "", value: try entry.text("value") ?? ""))
    }
    return KubeconfigUser.Exec(
      command: command, arguments: try fields.texts("args"), environment: environment,
      apiVersion: try fields.text("apiVersion"), installHint: try fields.text("installHint"),
      providesClusterInfo: try fields.flag("provideClusterInfo"), interactiveMode: try fields.text("interactiveMode"),
      mark: fields.mark)
  }
}
