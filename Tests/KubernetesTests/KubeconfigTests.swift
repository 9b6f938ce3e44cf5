import HTTP
import Kubernetes
import Testing
import Text
import YAML

@Suite("Kubeconfig")
struct KubeconfigTests {
  static let simple = """
    apiVersion: v1
    kind: Config
    current-context: prod
    clusters:
    - name: prod
      cluster: {server: "https://prod.example:6443/", certificate-authority: ca.crt}
    - name: rancher
      cluster: {server: "https://rancher.example/k8s/clusters/c-1", proxy-url: "http://proxy:3128", tls-server-name: inner}
    users:
    - name: admin
      user: {client-certificate: certs/admin.crt, client-key: ../admin.key}
    - name: robot
      user: {token: s3cret}
    contexts:
    - name: prod
      context: {cluster: prod, user: admin, namespace: mlops}
    - name: dev
      context: {cluster: rancher, user: robot}
    """

  static func load(
    _ files: [String: String], explicit: String? = nil, environment: [String: String] = [:], home: String = "/home/a"
  ) throws -> Kubeconfig {
    try Kubeconfig.load(explicit: explicit, environment: environment, home: home) { path in
      files[path].map { Array($0.utf8) }
    }
  }

  /// The connection of a kubeconfig with one cluster, one user and one context.
  static func connection(cluster: String = "server: https://x", user: String = "token: a") throws -> ClusterConnection {
    try load([
      "/home/a/.kube/config": """
      current-context: c
      clusters: [{name: a, cluster: {\(cluster)}}]
      users: [{name: u, user: {\(user)}}]
      contexts: [{name: c, context: {cluster: a, user: u}}]
      """
    ]).connection()
  }

  static func failure(_ body: () throws -> some Any) -> KubeconfigError? {
    do {
      _ = try body()
      return nil
    } catch { return error as? KubeconfigError }
  }

  @Test("A context becomes a connection, its paths resolved against the file's directory")
  func connection() throws {
    let config = try Self.load(["/home/a/.kube/config": Self.simple])
    #expect(config.contexts.map(\.name) == ["prod", "dev"])
    #expect(config.currentContext == "prod")
    let prod = try config.connection()
    #expect(prod.server == "https://prod.example:6443")
    #expect(prod.tls.certificateAuthority == .file("/home/a/.kube/ca.crt"))
    #expect(prod.tls.clientCertificate == .file("/home/a/.kube/certs/admin.crt"))
    #expect(prod.tls.clientKey == .file("/home/a/admin.key"))
    #expect(prod.defaultNamespace == "mlops")
    #expect(prod.identity == #"the client certificate of user "admin""#)
    let dev = try config.connection(context: "dev")
    #expect(dev.server == "https://rancher.example/k8s/clusters/c-1")
    #expect(dev.proxy == .url("http://proxy:3128"))
    #expect(dev.tls.serverName == "inner")
    #expect(dev.credential == .token(SecretText("s3cret")))
    #expect(dev.defaultNamespace == "default")
  }

  @Test("An explicit file stands alone, and must exist")
  func explicitFile() throws {
    let files = ["/home/a/.kube/config": Self.simple, "/x": "current-context: only\n"]
    #expect(try Self.load(files, explicit: "/x", environment: ["KUBECONFIG": "/home/a/.kube/config"]).contexts.isEmpty)
    #expect(try Self.load(files, explicit: "").currentContext == "prod")
    let error = Self.failure { try Self.load(files, explicit: "/nope") }
    #expect(error?.code == .missing)
    #expect(error?.message == "the kubeconfig /nope does not exist")
  }

  @Test("In KUBECONFIG missing files and repetitions are skipped, and the first file wins by whole entry")
  func merge() throws {
    let one = """
      contexts: [{name: c, context: {cluster: a, user: u}}]
      clusters: [{name: a, cluster: {server: "https://one"}}]
      """
    let two = """
      current-context: c
      contexts: [{name: c, context: {cluster: other, user: u, namespace: ignored}}, {name: d, context: {cluster: a}}]
      clusters: [{name: a, cluster: {server: "https://two", tls-server-name: ignored}}]
      users: [{name: u, user: {token: two}}]
      """
    let config = try Self.load(
      ["/one": one, "/two": two, "/home/a/.kube/config": Self.simple],
      environment: ["KUBECONFIG": "/missing::/one:/two:/one:"])
    #expect(config.files == ["/one", "/two"])
    #expect(config.contexts.map(\.name) == ["c", "d"])
    let connection = try config.connection()
    #expect(connection.server == "https://one")
    #expect(connection.tls.serverName == nil)
    #expect(connection.credential == .token(SecretText("two")))
    #expect(connection.defaultNamespace == "default")
  }

  @Test(
    "Relative paths of a relative kubeconfig are resolved by the working directory; a program without a slash is not")
  func relative() throws {
    func command(_ command: String, _ environment: [String: String]) throws -> String? {
      let text = """
        current-context: c
        clusters: [{name: a, cluster: {server: "https://x"}}]
        users: [{name: u, user: {exec: {command: \(command), apiVersion: client.authentication.k8s.io/v1beta1}}}]
        contexts: [{name: c, context: {cluster: a, user: u}}]
        """
      let config = try Self.load(["sub/config": text], explicit: "sub/config", environment: environment)
      guard case .exec(let plugin) = try config.connection().credential else { return nil }
      return plugin.command
    }
    #expect(try command("./plug", ["PWD": "/work"]) == "/work/sub/plug")
    #expect(try command("../../plug", ["PWD": "/work"]) == "/plug")
    #expect(try command("/abs/plug", ["PWD": "/work"]) == "/abs/plug")
    #expect(try command("plug", ["PWD": "/work"]) == "plug")
    #expect(try command("../plug", [:]) == "./plug")
  }

  @Test("Without a kubeconfig the error names where we looked")
  func nowhere() {
    #expect(
      Self.failure { try Self.load([:]) }?.message == "there is no kubeconfig; looked in /home/a/.kube/config")
    #expect(
      Self.failure { try Self.load([:], environment: ["KUBECONFIG": "~/k:/b"]) }?.message
        == "there is no kubeconfig; looked in KUBECONFIG: ~/k, /b (a ~ in KUBECONFIG is not expanded)")
    #expect(Self.failure { try Self.load([:], home: "") }?.message.contains("HOME and KUBECONFIG are unset") == true)
  }

  @Test("In a pod without a kubeconfig the service account is used")
  func inCluster() throws {
    let folder = "/var/run/secrets/kubernetes.io/serviceaccount"
    let environment = ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"]
    let files = ["\(folder)/token": "t", "\(folder)/namespace": "mlops\n"]
    let connection = try Self.load(files, environment: environment).connection()
    #expect(connection.server == "https://[fd00::1]:443")
    #expect(connection.credential == .tokenFile("\(folder)/token", fallback: nil))
    #expect(connection.tls.certificateAuthority == .file("\(folder)/ca.crt"))
    #expect(connection.defaultNamespace == "mlops")
    let both = files.merging(["/home/a/.kube/config": Self.simple]) { $1 }
    #expect(try Self.load(both, environment: environment).connection().context == "prod")
    #expect(Self.failure { try Self.load([:], environment: environment) }?.code == .noKubeconfig)
  }

  @Test("An unknown context is named with those that exist and the nearest")
  func unknownContext() throws {
    let config = try Self.load(["/home/a/.kube/config": Self.simple])
    let error = Self.failure { try config.connection(context: "prdo") }
    #expect(error?.code == .unknownContext)
    #expect(
      error?.description
        == #"there is no context "prdo" in the kubeconfig (/home/a/.kube/config). Did you mean "prod"? There are: prod, dev"#
    )
    let stale = try Self.load([
      "/home/a/.kube/config": "current-context: gone\n"
        + Self.simple.split(separator: "\n").filter { !$0.hasPrefix("current") }.joined(separator: "\n")
    ])
    #expect(
      Self.failure { try stale.connection() }?.message.hasPrefix(#"current-context is "gone", which does not exist,"#)
        == true)
    let none = try Self.load(["/home/a/.kube/config": "clusters: [{name: a}]"])
    #expect(Self.failure { try none.connection() }?.code == .noCurrentContext)
  }

  @Test("A context that names what is not there says where")
  func dangling() throws {
    let text = Self.simple.split(separator: "\n").map {
      $0 == "  context: {cluster: rancher, user: robot}" ? "  context: {cluster: ranger, user: robot}" : String($0)
    }
    let config = try Self.load(["/home/a/.kube/config": text.joined(separator: "\n")])
    let error = Self.failure { try config.connection(context: "dev") }
    #expect(error?.code == .dangling)
    #expect(
      error?.description
        == #"/home/a/.kube/config:18:12: context "dev" names the cluster "ranger", which does not exist. Did you mean "rancher"? There are: prod, rancher"#
    )
  }

  @Test(
    "Files that client-go refuses are refused with the place",
    arguments: [
      (
        "contexts: [{name: a, context: {namespace: 123}}]", "f:1:43: namespace must be text and is a number",
        KubeconfigError.Code.malformed
      ),
      ("users:\n- name: a\n  user: {token: 12345}", "f:3:17: token must be text and is a number", .malformed),
      ("clusters: {a: b}", "f:1:11: clusters must be a list and is a mapping", .malformed),
      (
        "clusters:\n- name: a\n  cluster: {certificate-authority-data: '!!'}",
        "f:3:41: certificate-authority-data is no valid base64", .malformed
      ),
      ("clusters:\n- name: a\n- name: a", #"f:3:3: clusters has "a" twice, the first in line 2"#, .duplicateName),
      ("apiVersion: v2\nkind: Config", #"f:1:13: apiVersion is "v2", a kubeconfig has "v1""#, .malformed),
      ("kind: Pod", #"f:1:7: kind is "Pod", a kubeconfig has "Config""#, .malformed),
      ("- a", "f:1:1: a kubeconfig must be a mapping and is a list", .malformed),
      (
        "users: [{name: a, user: {exec: {command: true}}}]", "f:1:42: command must be text and is true or false",
        .malformed
      ),
      (
        "clusters: [{name: a, cluster: {insecure-skip-tls-verify: maybe}}]",
        "f:1:58: insecure-skip-tls-verify must be true or false and is text", .malformed
      ),
    ])
  func refused(text: String, message: String, code: KubeconfigError.Code) {
    let error = Self.failure { try Self.load(["f": text], explicit: "f") }
    #expect(error?.code == code)
    #expect(error?.description.hasPrefix(message) == true, "\(error?.description ?? "no error")")
  }

  @Test("Broken YAML is a syntax error with its place")
  func syntax() {
    let error = Self.failure { try Self.load(["f": "a: [1\nb: 2"], explicit: "f") }
    #expect(error?.code == .syntax)
    #expect(error?.mark?.line == 2)
  }

  @Test(
    "What client-go tolerates is tolerated",
    arguments: [
      "", "# nothing\n", "clusters: null\nusers: []\ncontexts:", "clusters: [null]\nunknown: {field: 1}",
      "clusters:\n- name: a\n  cluster:\n- name: b\n  cluster: null",
    ])
  func tolerated(text: String) throws { _ = try Self.load(["f": text], explicit: "f") }

  @Test("Data come before files, with line ends in their base64, and the connection warns that kubectl refuses both")
  func data() throws {
    let both = try Self.connection(
      cluster: "server: https://x, certificate-authority: /ca, certificate-authority-data: \"QUJD\\nREVG\"",
      user: "client-certificate-data: QUJD, client-key: /key")
    #expect(both.tls.certificateAuthority == .pem(Array("ABCDEF".utf8)))
    #expect(both.tls.clientCertificate == .pem(Array("ABC".utf8)))
    #expect(both.tls.clientKey == .file("/key"))
    #expect(both.warnings.count == 1)
    #expect(both.warnings.first?.contains("kubectl and helm refuse it") == true)
  }

  @Test(
    "A server without a scheme is https where there is anything of TLS about it",
    arguments: [
      ("server: 10.0.0.1:6443", "http://10.0.0.1:6443"),
      ("server: 10.0.0.1:6443, certificate-authority: /ca", "https://10.0.0.1:6443"),
      ("server: 'host/', insecure-skip-tls-verify: true", "https://host"), ("server: HTTPS://x//", "https://x"),
    ])
  func servers(cluster: String, expected: String) throws {
    #expect(try Self.connection(cluster: cluster).server == expected)
  }

  @Test(
    "Clusters that cannot be used say why",
    arguments: [
      ("", "has no server"), ("server: ftp://x", "is no http or https URL"),
      ("server: host/path", "must be a URL or HOST:PORT"),
      (
        "server: https://x, certificate-authority: /ca, insecure-skip-tls-verify: true",
        "and insecure-skip-tls-verify: true"
      ),
      ("server: https://x, proxy-url: ftp://p", "is no http, https or socks5 URL"),
    ])
  func unusableClusters(cluster: String, message: String) {
    let error = Self.failure { try Self.connection(cluster: cluster) }
    #expect(error?.code == .unusable)
    #expect(error?.message.contains(message) == true, "\(error?.description ?? "no error")")
  }

  @Test(
    "A user's credential is chosen as client-go chooses",
    arguments: [
      ("token: a", Credential.token(SecretText("a"))),
      ("token: a, tokenFile: /t", .tokenFile("/t", fallback: SecretText("a"))),
      ("tokenFile: t", .tokenFile("/home/a/.kube/t", fallback: nil)),
      ("username: a, password: b", .basic(name: "a", password: SecretText("b"))), ("", .none),
      ("token: a, exec: {command: x, apiVersion: client.authentication.k8s.io/v1beta1}", .token(SecretText("a"))),
      (
        "client-certificate: /c, client-key: /k, exec: {command: x, apiVersion: client.authentication.k8s.io/v1beta1}",
        .none
      ),
      (
        "exec: {command: x, args: [get-token, --cluster, a], env: [{name: A, value: b}], apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}",
        .exec(
          ExecPlugin(
            apiVersion: "client.authentication.k8s.io/v1", command: "x", arguments: ["get-token", "--cluster", "a"],
            environment: [.init(name: "A", value: "b")], interactiveMode: .never))
      ),
    ])
  func credentials(user: String, expected: Credential) throws {
    #expect(try Self.connection(user: user).credential == expected)
  }

  @Test(
    "Users that cannot be used say why",
    arguments: [
      ("token: a, username: b", "has a token and a password"),
      ("client-certificate: /c", "has a client certificate and no client-key"),
      ("auth-provider: {name: gcp}", #"logs in by auth-provider "gcp""#),
      ("act-as: \"a\\nb\"", "has a control character"),
      ("exec: {apiVersion: client.authentication.k8s.io/v1}", "names no command"),
      ("exec: {command: x}", "has no apiVersion"),
      ("exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}", "does not exist any more"),
      ("exec: {command: x, apiVersion: client.authentication.k8s.io/v1}", "has no interactiveMode"),
      (
        "exec: {command: x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Maybe}",
        #"the interactiveMode "Maybe""#
      ),
    ])
  func unusableUsers(user: String, message: String) {
    let error = Self.failure { try Self.connection(user: user) }
    #expect(error?.code == .unusable)
    #expect(error?.message.contains(message) == true, "\(error?.description ?? "no error")")
    #expect(error?.mark?.line == 3)
  }

  @Test("Groups to act as without a user do nothing, and the connection warns of it")
  func groupsWithoutUser() throws {
    let connection = try Self.connection(user: "token: a, act-as-groups: [g]")
    #expect(connection.impersonation == nil)
    #expect(connection.warnings.first?.contains("without act-as; they do nothing") == true)
  }

  @Test("Impersonation and the exec extension are carried over")
  func extras() throws {
    let connection = try Self.connection(
      cluster: "server: https://x, certificate-authority-data: QUJD, disable-compression: true, "
        + "extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: a, list: [1, yes, 'yes', null]}}]",
      user: "act-as: jane, act-as-uid: u1, act-as-groups: [g1, g2], act-as-user-extra: {Scopes/x: [v w]}, "
        + "exec: {command: x, apiVersion: client.authentication.k8s.io/v1beta1, provideClusterInfo: true}")
    #expect(
      connection.impersonation?.headers.map { "\($0.name): \($0.value)" } == [
        "Impersonate-User: jane", "Impersonate-Uid: u1", "Impersonate-Group: g1", "Impersonate-Group: g2",
        "Impersonate-Extra-Scopes%2Fx: v w",
      ])
    guard case .exec(let plugin) = connection.credential else {
      Issue.record("no plugin")
      return
    }
    #expect(plugin.cluster?.config == ["audience": "a", "list": [1, true, "yes", nil]])
    #expect(plugin.cluster?.disablesCompression == true)
    #expect(plugin.interactiveMode == .ifAvailable)
  }
}
