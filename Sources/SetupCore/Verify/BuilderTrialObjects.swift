import Kubernetes

/// A pod that starts the image builder as the agent's plugin would, and the ConfigMap with what it is to build.
///
/// kaniko asks the registry for permission to push before it reads the Dockerfile (cmd/executor/cmd/root.go), and this
/// Dockerfile has a line that is no instruction: an end with "unknown instruction" means that it started, logged in and
/// may push, and nothing was pushed.
struct BuilderTrialObjects: Sendable {
  static let name = "mlops-setup-builder-trial"
  /// What kaniko calls an unknown instruction.
  static let marker = "MLOPS-SETUP-ENDS-HERE"
  /// The tag that a pushed image would have had.
  static let tag = "mlops-setup-verify"
  /// The kubelet ends the pod after that time, whatever became of us.
  static let lifetime = 300

  /// Where the login comes from: `Secret registry-creds`; nil: none is mounted.
  let login: String?
  /// Where it would push.
  let destination: String
  /// Whether it asks the registry at all.
  let asksRegistry: Bool
  let image: String
  let account: String
  let namespace: String
  private let spec: JSONValue

  /// The objects that fit these values.
  init(_ values: EffectiveValues, account: String, destination: String, namespace: String) {
    let builder = ImageBuilder(values)
    image = builder.image
    self.account = account
    self.namespace = namespace
    self.destination = destination
    func text(_ key: String) -> String? { values["imageBuilder", key]?.string.flatMap { $0.isEmpty ? nil : $0 } }
    func list(_ key: String) -> [String] { values["imageBuilder", key]?.texts ?? [] }

    let pullSecrets = values["imagePullSecrets"].flatMap { $0.array?.isEmpty == false ? $0 : nil }
    var spec = builder.podSpec(pullSecrets: pullSecrets)
    var container = spec["containers"]?.array?.first ?? [:]
    let arguments =
      ["--cache=true", "--context=dir:///workspace", "--destination=\(destination):\(Self.tag)"]
      + list("skipSslVerifyRegistries").map { "--skip-tls-verify-registry=\($0)" }
      + list("insecureRegistries").map { "--insecure-registry=\($0)" } + builder.arguments
    asksRegistry = !arguments.contains { argument in
      ["--skip-push-permission-check", "--no-push"].contains { argument == $0 || argument == $0 + "=true" }
    }
    container["args"] = .array(arguments.map { .string($0) })
    // Nobody is attached.
    container["stdin"] = nil
    container["stdinOnce"] = nil

    var volumes: [JSONValue] = [["name": "mlops-setup-context", "configMap": ["name": .string(Self.name)]]]
    var mounts: [JSONValue] = [["name": "mlops-setup-context", "mountPath": "/workspace", "readOnly": true]]
    if let name = text("secretName") {
      login = "Secret \(name)"
      let items: JSONValue = [["key": .string(RegistrySecret.key), "path": "config.json"]]
      volumes.append(["name": "mlops-setup-login", "secret": ["secretName": .string(name), "items": items]])
    } else if let name = text("configMap") {
      login = "ConfigMap \(name)"
      volumes.append(["name": "mlops-setup-login", "configMap": ["name": .string(name)]])
    } else {
      login = nil
    }
    if login != nil {
      mounts.append(["name": "mlops-setup-login", "mountPath": "/kaniko/.docker", "readOnly": true])
    }
    container["volumeMounts"] = .array((container["volumeMounts"]?.array ?? []) + mounts)
    spec["volumes"] = .array((spec["volumes"]?.array ?? []) + volumes)
    spec["containers"] = [container]
    spec["serviceAccountName"] = .string(account)
    spec["activeDeadlineSeconds"] = .integer(Self.lifetime)
    spec["terminationGracePeriodSeconds"] = 1
    self.spec = spec
  }

  /// The ConfigMap with the Dockerfile.
  var context: ManagedObject {
    ManagedObject(resource: .configMaps, kind: "ConfigMap", name: Self.name, namespace: namespace)
  }

  /// The pod.
  var pod: ManagedObject { ManagedObject(resource: .pods, kind: "Pod", name: Self.name, namespace: namespace) }

  private static let labels: JSONValue = [
    ManagedObject.ownerLabel: .string(ManagedObject.owner), "app.kubernetes.io/component": "builder-trial",
  ]

  /// The ConfigMap's further members.
  var contextMembers: JSONValue {
    ["metadata": ["labels": Self.labels], "data": ["Dockerfile": .string("FROM scratch\n\(Self.marker)\n")]]
  }

  /// The whole pod. A mesh's sidecar would outlive kaniko, and a pod with one never ends.
  var podManifest: JSONValue {
    pod.manifest([
      "metadata": ["labels": Self.labels, "annotations": ["sidecar.istio.io/inject": "false"]], "spec": spec,
    ])
  }

  /// `Pod a, ConfigMap a in b`.
  var names: String { "\(pod.title) and \(context.title) in the namespace \(namespace)" }
}
