import Kubernetes
import OrderedCollections

/// The defaults that an API server fills in before it stores an object (k8s.io/kubernetes, pkg/apis/*/defaults.go).
enum Defaults {
  static func apply(to object: inout JSONValue, type: ResourceType) {
    switch type.kind {
    case "Namespace": namespace(&object)
    case "Secret": secret(&object)
    case "Pod":
      var spec = object["spec"] ?? [:]
      podSpec(&spec)
      spec.setDefault(true, at: "enableServiceLinks")
      object["spec"] = spec
    case "Deployment": deployment(&object)
    case "ReplicaSet":
      workload(&object)
      object.setDefault(1, at: "spec", "replicas")
    case "StatefulSet":
      workload(&object)
      object.setDefault(1, at: "spec", "replicas")
      object.setDefault("OrderedReady", at: "spec", "podManagementPolicy")
      object.setDefault("RollingUpdate", at: "spec", "updateStrategy", "type")
      object.setDefault(10, at: "spec", "revisionHistoryLimit")
    case "DaemonSet":
      workload(&object)
      object.setDefault("RollingUpdate", at: "spec", "updateStrategy", "type")
      object.setDefault(10, at: "spec", "revisionHistoryLimit")
    case "Job":
      workload(&object)
      object.setDefault(1, at: "spec", "completions")
      object.setDefault(1, at: "spec", "parallelism")
      object.setDefault(6, at: "spec", "backoffLimit")
    case "Service": service(&object)
    case "StorageClass":
      object.setDefault("Delete", at: "reclaimPolicy")
      object.setDefault("Immediate", at: "volumeBindingMode")
    case "RoleBinding", "ClusterRoleBinding": binding(&object)
    case "PersistentVolumeClaim": object.setDefault("Filesystem", at: "spec", "volumeMode")
    case "HorizontalPodAutoscaler": object.setDefault(1, at: "spec", "minReplicas")
    default: break
    }
  }

  private static func namespace(_ object: inout JSONValue) {
    object.set(.string(object.name), at: "metadata", "labels", "kubernetes.io/metadata.name")
    object.setDefault(["kubernetes"], at: "spec", "finalizers")
    object.setDefault("Active", at: "status", "phase")
  }

  private static func secret(_ object: inout JSONValue) {
    object.setDefault("Opaque", at: "type")
    guard let texts = object["stringData"]?.object else { return }
    for (key, value) in texts {
      object.set(.string(Base64.encode(Array((value.string ?? "").utf8))), at: "data", key)
    }
    object["stringData"] = nil
  }

  private static func workload(_ object: inout JSONValue) {
    guard var spec = object.value(at: ["spec", "template", "spec"]) else { return }
    podSpec(&spec)
    object.set(spec, at: "spec", "template", "spec")
    // Go writes the zero time of a template as null; newer servers leave it out.
    if object.value(at: ["spec", "template", "metadata"]) == nil {
      object.set([:], at: "spec", "template", "metadata")
    }
  }

  private static func deployment(_ object: inout JSONValue) {
    workload(&object)
    object.setDefault(1, at: "spec", "replicas")
    object.setDefault("RollingUpdate", at: "spec", "strategy", "type")
    if object.value(at: ["spec", "strategy", "type"]) == "RollingUpdate" {
      object.setDefault("25%", at: "spec", "strategy", "rollingUpdate", "maxUnavailable")
      object.setDefault("25%", at: "spec", "strategy", "rollingUpdate", "maxSurge")
    }
    object.setDefault(10, at: "spec", "revisionHistoryLimit")
    object.setDefault(600, at: "spec", "progressDeadlineSeconds")
  }

  private static func service(_ object: inout JSONValue) {
    object.setDefault("ClusterIP", at: "spec", "type")
    object.setDefault("None", at: "spec", "sessionAffinity")
    object.setDefault("Cluster", at: "spec", "internalTrafficPolicy")
    if let ports = object.value(at: ["spec", "ports"])?.array {
      object.set(
        .array(
          ports.map { port in
            var port = port
            port.setDefault("TCP", at: "protocol")
            if let number = port["port"] { port.setDefault(number, at: "targetPort") }
            return port
          }), at: "spec", "ports")
    }
  }

  private static func binding(_ object: inout JSONValue) {
    object.setDefault("rbac.authorization.k8s.io", at: "roleRef", "apiGroup")
    guard let subjects = object["subjects"]?.array else { return }
    object["subjects"] = .array(
      subjects.map { subject in
        var subject = subject
        if subject["kind"] != "ServiceAccount" { subject.setDefault("rbac.authorization.k8s.io", at: "apiGroup") }
        return subject
      })
  }

  private static func podSpec(_ spec: inout JSONValue) {
    for list in ["initContainers", "containers"] {
      guard let containers = spec[list]?.array else { continue }
      spec[list] = .array(containers.map(container))
    }
    if let account = spec["serviceAccountName"] { spec.setDefault(account, at: "serviceAccount") }
    spec.setDefault("Always", at: "restartPolicy")
    spec.setDefault(30, at: "terminationGracePeriodSeconds")
    spec.setDefault("ClusterFirst", at: "dnsPolicy")
    spec.setDefault([:], at: "securityContext")
    spec.setDefault("default-scheduler", at: "schedulerName")
    guard let volumes = spec["volumes"]?.array else { return }
    spec["volumes"] = .array(
      volumes.map { volume in
        var volume = volume
        for source in ["secret", "configMap", "projected"] where volume[source] != nil {
          volume.setDefault(420, at: source, "defaultMode")
        }
        return volume
      })
  }

  private static func container(_ container: JSONValue) -> JSONValue {
    var container = container
    container.setDefault([:], at: "resources")
    container.setDefault("/dev/termination-log", at: "terminationMessagePath")
    container.setDefault("File", at: "terminationMessagePolicy")
    let image = container["image"]?.string ?? ""
    let name = image.split(separator: "/").last.map(String.init) ?? ""
    let isLatest = !name.contains("@") && (!name.contains(":") || name.hasSuffix(":latest"))
    container.setDefault(isLatest ? "Always" : "IfNotPresent", at: "imagePullPolicy")
    // Limits stand in for requests that are not given.
    for (resource, limit) in container.value(at: ["resources", "limits"])?.object ?? [:] {
      container.setDefault(limit, at: "resources", "requests", resource)
    }
    if let ports = container["ports"]?.array {
      container["ports"] = .array(
        ports.map { port in
          var port = port
          port.setDefault("TCP", at: "protocol")
          return port
        })
    }
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] where container[probe] != nil {
      container.setDefault(1, at: probe, "timeoutSeconds")
      container.setDefault(10, at: probe, "periodSeconds")
      container.setDefault(1, at: probe, "successThreshold")
      container.setDefault(3, at: probe, "failureThreshold")
      if container.value(at: [probe, "httpGet"]) != nil {
        container.setDefault("HTTP", at: probe, "httpGet", "scheme")
      }
    }
    return container
  }
}
