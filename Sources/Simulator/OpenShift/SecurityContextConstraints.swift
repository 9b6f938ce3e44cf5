import Kubernetes

/// OpenShift's own constraints. The order is that in which they are tried: by priority, then the more restrictive first.
extension OpenShiftPlatform {
  private struct Traits {
    var name: String
    var user = "MustRunAsRange"
    var group = "MustRunAs"
    var allows: [String] = []
    var volumes: [JSONValue] = []
    var priority: Int?
  }

  private static let plainVolumes: [JSONValue] = [
    "configMap", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret",
  ]

  private static let traits: [Traits] = [
    Traits(name: "anyuid", user: "RunAsAny", group: "RunAsAny", priority: 10),
    Traits(name: "restricted-v2"), Traits(name: "restricted"),
    Traits(name: "nonroot-v2", user: "MustRunAsNonRoot", group: "RunAsAny"),
    Traits(name: "nonroot", user: "MustRunAsNonRoot", group: "RunAsAny"),
    Traits(
      name: "hostmount-anyuid", user: "RunAsAny", group: "RunAsAny", allows: ["HostDirVolumePlugin"],
      volumes: ["hostPath", "nfs"]),
    Traits(name: "hostnetwork-v2", allows: ["HostNetwork", "HostPorts"]),
    Traits(name: "hostnetwork", allows: ["HostNetwork", "HostPorts"]),
    Traits(
      name: "hostaccess", allows: ["HostDirVolumePlugin", "HostIPC", "HostNetwork", "HostPID", "HostPorts"],
      volumes: ["hostPath"]),
    Traits(
      name: "privileged", user: "RunAsAny", group: "RunAsAny",
      allows: [
        "HostDirVolumePlugin", "HostIPC", "HostNetwork", "HostPID", "HostPorts", "PrivilegedContainer",
      ], volumes: ["*"]),
  ]

  /// The constraints of this release.
  var constraints: [JSONValue] {
    Self.traits.filter { hasSecondConstraints || !$0.name.hasSuffix("-v2") }.map(constraint)
  }

  private func constraint(_ traits: Traits) -> JSONValue {
    let isSecond = traits.name.hasSuffix("-v2")
    let isPrivileged = traits.name == "privileged"
    var object: JSONValue = [
      "apiVersion": "security.openshift.io/v1", "kind": "SecurityContextConstraints",
      "metadata": ["name": .string(traits.name)],
    ]
    for right in [
      "HostDirVolumePlugin", "HostIPC", "HostNetwork", "HostPID", "HostPorts", "PrivilegedContainer",
    ] {
      object["allow\(right)"] = .bool(traits.allows.contains(right))
    }
    object["allowPrivilegeEscalation"] = .bool(!isSecond)
    object["allowedCapabilities"] = isPrivileged ? ["*"] : isSecond ? ["NET_BIND_SERVICE"] : .null
    object["fsGroup"] = ["type": .string(traits.group)]
    // Up to 4.10 every authenticated user may use `restricted`, as it says itself.
    let isForAll = traits.name == "restricted" && !hasSecondConstraints
    object["groups"] =
      isForAll
      ? ["system:authenticated"]
      : isPrivileged
        ? ["system:cluster-admins", "system:nodes", "system:masters"]
        : traits.name == "anyuid" ? ["system:cluster-admins"] : []
    object["priority"] = traits.priority.map { .integer($0) } ?? .null
    object["readOnlyRootFilesystem"] = false
    object["requiredDropCapabilities"] =
      isPrivileged
      ? .null
      : isSecond ? ["ALL"] : traits.name == "anyuid" ? ["MKNOD"] : ["KILL", "MKNOD", "SETUID", "SETGID"]
    object["runAsUser"] = ["type": .string(traits.user)]
    object["seLinuxContext"] = ["type": isPrivileged ? "RunAsAny" : "MustRunAs"]
    if isSecond { object["seccompProfiles"] = ["runtime/default"] }
    object["supplementalGroups"] = ["type": "RunAsAny"]
    object["users"] = []
    object["volumes"] = traits.volumes == ["*"] ? ["*"] : .array(Self.plainVolumes + traits.volumes)
    return object
  }

  /// Constraints in the order they are tried: by priority, ours as listed, and what others made before `privileged`.
  static func ordered(_ constraints: [JSONValue]) -> [JSONValue] {
    func rank(_ constraint: JSONValue) -> Int {
      traits.firstIndex { $0.name == constraint.name }.map { 2 * $0 } ?? 2 * traits.count - 3
    }
    return constraints.sorted { left, right in
      let priorities = (left["priority"]?.integer ?? 0, right["priority"]?.integer ?? 0)
      if priorities.0 != priorities.1 { return priorities.0 > priorities.1 }
      return (rank(left), left.name) < (rank(right), right.name)
    }
  }
}
