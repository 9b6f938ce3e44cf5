import Kubernetes
import YAML

/// The objects that the stand-in chart renders to; what its templates say, without a template engine.
struct AgentChart: StandInRelease {
  static let name = "datarobot-management-agent"
  static let version = "2.1.0"
  static let appVersion = "11.2.62"

  /// The chart's values with those of the user over them.
  var values: JSONValue
  var release: String
  var namespace: String

  var chart: ChartIdentity { ChartIdentity(name: Self.name, version: Self.version, appVersion: Self.appVersion) }
  var deploymentName: String { fullName }

  var fullName: String {
    let override = values["fullnameOverride"]?.string ?? ""
    if !override.isEmpty { return override }
    let name = values["nameOverride"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? Self.name
    return release.contains(name) ? release : "\(release)-\(name)"
  }

  private var selectorLabels: JSONValue {
    ["app.kubernetes.io/instance": .string(release), "app.kubernetes.io/name": .string(Self.name)]
  }

  private func labels(_ component: String? = nil) -> JSONValue {
    var labels: JSONValue = [
      "app.kubernetes.io/instance": .string(release), "app.kubernetes.io/managed-by": "Helm",
      "app.kubernetes.io/name": .string(Self.name), "app.kubernetes.io/part-of": "bosun",
      "app.kubernetes.io/version": .string(Self.appVersion), "helm.sh/chart": .string("\(Self.name)-\(Self.version)"),
    ]
    if let component { labels["app.kubernetes.io/component"] = .string(component) }
    return labels
  }

  private func metadata(_ name: String, component: String? = nil, annotations: JSONValue? = nil) -> JSONValue {
    // Helm marks what it made, so that no other release takes it.
    var all: JSONValue = [
      "meta.helm.sh/release-name": .string(release), "meta.helm.sh/release-namespace": .string(namespace),
    ]
    for (key, value) in annotations?.texts.sorted(by: { $0.key < $1.key }) ?? [] { all[key] = .string(value) }
    return ["name": .string(name), "namespace": .string(namespace), "labels": labels(component), "annotations": all]
  }

  private func text(_ path: String...) -> String { values.value(at: path)?.string ?? "" }
  private func isOn(_ path: String...) -> Bool { values.value(at: path) != false }

  private var agentAccount: String {
    let name = text("managementAgent", "serviceAccount", "name")
    return !name.isEmpty ? name : isOn("managementAgent", "serviceAccount", "create") ? fullName : "default"
  }

  private var builderAccount: String {
    let name = text("imageBuilder", "serviceAccount", "name")
    let isMade = isOn("imageBuilder", "serviceAccount", "create")
    return !name.isEmpty ? name : isMade ? "image-builder-\(fullName)" : "default"
  }

  /// The objects in the order in which Helm installs them.
  var objects: [JSONValue] {
    var objects: [JSONValue] = []
    if isOn("managementAgent", "serviceAccount", "create") {
      objects.append([
        "apiVersion": "v1", "kind": "ServiceAccount",
        "metadata": metadata(
          agentAccount, annotations: values.value(at: ["managementAgent", "serviceAccount", "annotations"])),
      ])
    }
    if isOn("imageBuilder", "serviceAccount", "create") {
      objects.append([
        "apiVersion": "v1", "kind": "ServiceAccount",
        "metadata": metadata(
          builderAccount, component: "image-builder",
          annotations: values.value(at: ["imageBuilder", "serviceAccount", "annotations"])),
      ])
    }
    objects.append([
      "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata(fullName), "data": configuration,
    ])
    if isOn("managementAgent", "rbac", "create") {
      objects += grant(fullName, to: agentAccount, rules: agentRules)
    }
    let secret = text("imageBuilder", "secretName")
    if isOn("imageBuilder", "rbac", "create"), !secret.isEmpty {
      let rule: JSONValue = [
        "apiGroups": [""], "resources": ["secrets"], "resourceNames": [.string(secret)], "verbs": ["get"],
      ]
      objects += grant("\(fullName)-image-builder", to: builderAccount, rules: [rule], component: "image-builder")
    }
    objects.append(deployment)
    return objects
  }

  private func grant(_ name: String, to account: String, rules: JSONValue, component: String? = nil) -> [JSONValue] {
    let group: JSONValue = "rbac.authorization.k8s.io"
    return [
      [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": metadata(name, component: component),
        "rules": rules,
      ],
      [
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
        "metadata": metadata(name, component: component),
        "roleRef": ["apiGroup": group, "kind": "Role", "name": .string(name)],
        "subjects": [["kind": "ServiceAccount", "name": .string(account), "namespace": .string(namespace)]],
      ],
    ]
  }

  private var agentRules: JSONValue {
    func rule(_ group: String, _ resources: [String], _ verbs: [String]) -> JSONValue {
      [
        "apiGroups": [.string(group)], "resources": .array(resources.map { .string($0) }),
        "verbs": .array(verbs.map { .string($0) }),
      ]
    }
    return [
      rule("", ["pods"], ["create", "get", "list", "watch", "delete"]),
      rule("", ["pods/attach"], ["get", "create"]),
      rule("", ["pods/log"], ["get"]),
      rule("", ["services", "secrets"], ["create", "get", "list", "delete"]),
      rule("apps", ["deployments"], ["create", "get", "list", "patch", "delete"]),
      rule("apps", ["deployments/status"], ["get"]),
      rule("apps", ["replicasets"], ["list"]),
      rule("networking.k8s.io", ["ingresses"], ["create", "get", "list", "delete"]),
      rule("policy", ["poddisruptionbudgets"], ["create", "get", "list", "delete"]),
      rule("autoscaling", ["horizontalpodautoscalers"], ["create", "get", "list", "delete"]),
    ]
  }

  private var configuration: JSONValue {
    func line(_ key: String, _ value: String) -> String { "\(key): \(JSONText.string(.string(value)))\n" }
    return [
      "mlops.bosun.conf.yaml": .string(
        line("mlopsUrl", text("datarobot", "url"))
          + "predictionEnvironments:\n  - " + line("id", text("datarobot", "predictionEnvId"))),
      "plugin.k8s.conf.yaml": .string(
        line("kubeNamespace", namespace)
          + line("outfacingPredictionURLPrefix", text("predictionServer", "outfacingUrlRoot"))
          + line("ingressClass", text("predictionServer", "ingressClassName"))
          + line("ppsBaseImage", text("imageBuilder", "ppsImage"))
          + line("generatedImageRepo", text("imageBuilder", "generatedImageRepository"))
          + line("kanikoServiceAccount", builderAccount)),
    ]
  }

  private var deployment: JSONValue {
    let tag = text("managementAgent", "tag")
    let image = "\(text("managementAgent", "repository")):\(tag.isEmpty ? Self.appVersion : tag)"
    let container: JSONValue = [
      "name": "management-agent", "image": .string(image), "imagePullPolicy": "IfNotPresent",
      "env": [
        [
          "name": "MLOPS_API_TOKEN",
          "valueFrom": ["secretKeyRef": ["name": .string(text("datarobot", "apiSecretName")), "key": "secret"]],
        ],
        ["name": "MLOPS_BOSUN_PRED_ENV_ID", "value": .string(text("datarobot", "predictionEnvId"))],
        ["name": "MLOPS_BOSUN_MONITORING_URL", "value": .string(text("datarobot", "url"))],
      ],
      "volumeMounts": [["name": "config", "mountPath": "/opt/datarobot/conf", "readOnly": true]],
      "securityContext": values.value(at: ["managementAgent", "securityContext"]) ?? [:],
      "resources": values.value(at: ["managementAgent", "resources"]) ?? [:],
    ]
    var spec: JSONValue = [
      "serviceAccountName": .string(agentAccount),
      "securityContext": values.value(at: ["managementAgent", "podSecurityContext"]) ?? [:], "containers": [container],
      "volumes": [["name": "config", "configMap": ["name": .string(fullName)]]],
    ]
    if let secrets = values["imagePullSecrets"], !secrets.isEmptyContainer { spec["imagePullSecrets"] = secrets }
    let checksum = RandomNames.hash(JSONText.string(configuration))
    return [
      "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata(fullName),
      "spec": [
        "replicas": 1, "strategy": ["type": "Recreate"], "selector": ["matchLabels": selectorLabels],
        "template": [
          "metadata": ["labels": labels(), "annotations": ["checksum/config": .string(checksum)]], "spec": spec,
        ],
      ],
    ]
  }
}
