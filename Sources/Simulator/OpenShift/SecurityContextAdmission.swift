import Kubernetes
import OrderedCollections

/// What security context constraints make of a pod (openshift/apiserver-library-go, pkg/securitycontextconstraints).
struct SecurityContextAdmission {
  /// The constraints in the order they are tried.
  var constraints: [JSONValue]
  /// Whether the pod's creator or its service account may use a constraint.
  var isUsable: (JSONValue) -> Bool
  /// The user IDs of the namespace: its first and how many.
  var range: (first: Int, count: Int)
  /// The SELinux level of the namespace.
  var level: String
  /// Whether errors name the constraint that they come from: since 4.12.
  var namesProviders: Bool

  /// The refusal in the server's words.
  struct Refusal: Error, Equatable {
    var message: String
  }

  /// The pod as the first constraint that takes it makes it.
  func admit(_ pod: JSONValue) throws(Refusal) -> JSONValue {
    var errors: [String] = []
    for constraint in constraints {
      guard isUsable(constraint) else {
        errors.append("provider \"\(constraint.name)\": Forbidden: not usable by user or serviceaccount")
        continue
      }
      let broken = violations(of: pod, constraint)
      if broken.isEmpty { return completed(pod, by: constraint) }
      errors += broken
    }
    throw Refusal(
      message: "unable to validate against any security context constraint: [\(errors.joined(separator: ", "))]")
  }

  private static func containers(_ pod: JSONValue) -> [(path: String, container: JSONValue)] {
    ["initContainers", "containers"].flatMap { list in
      (pod.value(at: ["spec", list])?.array ?? []).enumerated().map { ("\(list)[\($0.offset)]", $0.element) }
    }
  }

  private func violations(of pod: JSONValue, _ constraint: JSONValue) -> [String] {
    let spec = pod["spec"] ?? [:]
    let prefix = namesProviders ? "provider \(constraint.name): " : ""
    var errors: [String] = []
    func forbid(_ path: String, _ value: String, _ why: String) {
      errors.append("\(prefix)\(path): Invalid value: \(value): \(why)")
    }
    if constraint["allowHostDirVolumePlugin"] != true {
      for (index, volume) in (spec["volumes"]?.array ?? []).enumerated() where volume["hostPath"] != nil {
        // Volumes are the pod's alone: these errors have never named the constraint.
        errors.append(
          "spec.volumes[\(index)]: Invalid value: \"hostPath\": hostPath volumes are not allowed to be used")
      }
    }
    let context = namesProviders ? ".spec.securityContext" : "spec.securityContext"
    for (field, right, text) in [
      ("hostNetwork", "allowHostNetwork", "Host network is not allowed to be used"),
      ("hostPID", "allowHostPID", "Host PID is not allowed to be used"),
      ("hostIPC", "allowHostIPC", "Host IPC is not allowed to be used"),
    ] where spec[field] == true && constraint[right] != true {
      forbid("\(context).\(field)", "true", text)
    }
    if constraint["fsGroup"]?["type"] == "MustRunAs", let group = spec["securityContext"]?["fsGroup"]?.integer,
      !contains(group)
    {
      forbid("\(context).fsGroup", "[]int64{\(group)}", "\(group) is not an allowed group")
    }
    for (place, container) in Self.containers(pod) {
      let own = container["securityContext"]
      func path(_ field: String) -> String {
        namesProviders ? ".\(place).\(field)" : "spec.\(place).securityContext.\(field)"
      }
      let user = (own?["runAsUser"] ?? spec["securityContext"]?["runAsUser"])?.integer
      switch (constraint["runAsUser"]?["type"]?.string, user) {
      case ("MustRunAsRange", let user?) where !contains(user):
        forbid(
          path("runAsUser"), "\(user)",
          "must be in the ranges: [\(range.first), \(range.first + range.count - 1)]")
      case ("MustRunAsNonRoot", 0):
        forbid(path("runAsUser"), "0", "running with the root UID is forbidden")
      default: break
      }
      if own?["privileged"] == true, constraint["allowPrivilegedContainer"] != true {
        forbid(path("privileged"), "true", "Privileged containers are not allowed")
      }
      if own?["allowPrivilegeEscalation"] == true, constraint["allowPrivilegeEscalation"] == false {
        forbid(path("allowPrivilegeEscalation"), "true", "Allowing privilege escalation for containers is not allowed")
      }
      let allowed = (constraint["allowedCapabilities"]?.array ?? []).compactMap(\.string)
      for capability in (own?["capabilities"]?["add"]?.array ?? []).compactMap(\.string)
      where !allowed.contains("*") && !allowed.contains(capability) {
        forbid(path("capabilities.add"), "\"\(capability)\"", "capability may not be added")
      }
    }
    return errors
  }

  private func contains(_ id: Int) -> Bool { (range.first..<range.first + range.count).contains(id) }

  /// The pod with what the constraint fills in, and its name.
  private func completed(_ pod: JSONValue, by constraint: JSONValue) -> JSONValue {
    var pod = pod
    pod.set(.string(constraint.name), at: "metadata", "annotations", "openshift.io/scc")
    let podUser = pod.value(at: ["spec", "securityContext", "runAsUser"])
    let drops = constraint["requiredDropCapabilities"]?.array ?? []
    for list in ["initContainers", "containers"] {
      guard let containers = pod.value(at: ["spec", list])?.array else { continue }
      let filled = containers.map { container -> JSONValue in
        var container = container
        if constraint["runAsUser"]?["type"] == "MustRunAsRange", podUser == nil {
          container.setDefault(.integer(range.first), at: "securityContext", "runAsUser")
        }
        if constraint["runAsUser"]?["type"] == "MustRunAsNonRoot" {
          container.setDefault(true, at: "securityContext", "runAsNonRoot")
        }
        if constraint["allowPrivilegeEscalation"] == false {
          container.setDefault(false, at: "securityContext", "allowPrivilegeEscalation")
        }
        if !drops.isEmpty {
          let own = container.value(at: ["securityContext", "capabilities", "drop"])?.array ?? []
          let all = own + drops.filter { !own.contains($0) }
          container.set(.array(all), at: "securityContext", "capabilities", "drop")
        }
        return container
      }
      pod.set(.array(filled), at: "spec", list)
    }
    if constraint["seLinuxContext"]?["type"] == "MustRunAs" {
      pod.setDefault(.string(level), at: "spec", "securityContext", "seLinuxOptions", "level")
    }
    if constraint["fsGroup"]?["type"] == "MustRunAs" {
      pod.setDefault(.integer(range.first), at: "spec", "securityContext", "fsGroup")
    }
    if constraint["seccompProfiles"] != nil {
      pod.setDefault("RuntimeDefault", at: "spec", "securityContext", "seccompProfile", "type")
    }
    return pod
  }
}

extension KubernetesCluster {
  /// Namespaces of the cluster's own that no constraint looks into.
  private static let unconstrained: Set<String> = [
    "default", "kube-system", "kube-public", "openshift", "openshift-infra", "openshift-node",
  ]

  /// The pod with the constraint that takes it; a pod that none takes is refused.
  func constrain(
    _ pod: JSONValue, type: ResourceType, user: SimulatedUser?, platform: OpenShiftPlatform
  ) throws(APIError) -> JSONValue {
    guard !Self.unconstrained.contains(pod.namespace) else { return pod }
    let account = pod.value(at: ["spec", "serviceAccountName"])?.string ?? "default"
    // Controllers make pods on behalf of the service account alone.
    let subjects = [user, SimulatedUser(serviceAccount: account, in: pod.namespace)].compactMap { $0 }
    let policy = policy
    let annotations = find("namespaces", "", pod.namespace)?.annotations ?? [:]
    let range = (annotations[Self.userRange] ?? "").split(separator: "/").compactMap { Int($0) }
    let admission = SecurityContextAdmission(
      constraints: OpenShiftPlatform.ordered(all("securitycontextconstraints.security.openshift.io")),
      isUsable: { constraint in
        let names = (constraint["users"]?.array ?? []).compactMap(\.string)
        let groups = (constraint["groups"]?.array ?? []).compactMap(\.string)
        let question = AccessQuestion(
          verb: "use", group: "security.openshift.io", resource: "securitycontextconstraints", name: constraint.name,
          namespace: pod.namespace)
        return subjects.contains { subject in
          names.contains(subject.name) || subject.allGroups.contains(where: groups.contains)
            || RBAC.isAllowed(question, user: subject, policy: policy)
        }
      },
      range: range.count == 2 ? (range[0], range[1]) : (1_000_000_000, 10_000),
      level: annotations[Self.levels] ?? "s0:c1,c0", namesProviders: discovery.version.minor >= 25)
    do {
      return try admission.admit(pod)
    } catch {
      // Names that are yet to be made up are told by their beginning.
      let generated = pod["metadata"]?["generateName"]?.string
      throw .forbidden(type, generated ?? pod.name, error.message)
    }
  }

  private static let userRange = "openshift.io/sa.scc.uid-range"
  private static let levels = "openshift.io/sa.scc.mcs"

  /// The user IDs and the SELinux level of a namespace that has none yet: a block of 10,000 for each.
  func allotRange(to namespace: JSONValue) {
    guard namespace.annotations[Self.userRange] == nil else { return }
    let firsts = all("namespaces").compactMap { namespace in
      namespace.annotations[Self.userRange]?.split(separator: "/").first.flatMap { Int($0) }
    }
    let first = (firsts.max() ?? 999_990_000) + 10_000
    let block = (first - 1_000_000_000) / 10_000
    var new = namespace
    new.set(.string("\(first)/10000"), at: "metadata", "annotations", Self.userRange)
    new.set(.string("\(first)/10000"), at: "metadata", "annotations", "openshift.io/sa.scc.supplemental-groups")
    new.set(.string("s0:c\(block / 5 + 1),c\(block % 5 * 5)"), at: "metadata", "annotations", Self.levels)
    write(new, over: namespace, type: namespaceType, manager: "cluster-policy-controller")
  }
}

extension SimulatedUser {
  /// The user that a service account's tokens stand for.
  init(serviceAccount name: String, in namespace: String) {
    self.init(
      name: "system:serviceaccount:\(namespace):\(name)",
      groups: ["system:serviceaccounts", "system:serviceaccounts:\(namespace)"])
  }
}
