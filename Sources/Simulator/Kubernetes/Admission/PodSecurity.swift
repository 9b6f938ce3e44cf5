import Kubernetes

/// The Pod Security Standards as far as they decide on the wizard's work: privileged, baseline, restricted
/// (k8s.io/pod-security-admission, policy).
enum PodSecurity {
  enum Level: String, Comparable {
    case privileged
    case baseline
    case restricted

    private var rank: Int { self == .privileged ? 0 : self == .baseline ? 1 : 2 }
    static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }
  }

  /// A rule that was broken: `privileged`, and why in parentheses.
  struct Violation: Equatable {
    var name: String
    var detail: String
  }

  /// `enforce`, `warn` or `audit` as a namespace's labels say it; `privileged` without a label.
  static func level(_ mode: String, of namespace: JSONValue?) -> Level {
    namespace.flatMap { Level(rawValue: $0.labels["pod-security.kubernetes.io/\(mode)"] ?? "") } ?? .privileged
  }

  static func version(_ mode: String, of namespace: JSONValue?) -> String {
    namespace?.labels["pod-security.kubernetes.io/\(mode)-version"] ?? "latest"
  }

  /// What a pod's spec breaks at a level.
  static func violations(_ spec: JSONValue, at level: Level) -> [Violation] {
    if level == .privileged { return [] }
    var violations: [Violation] = []
    let containers = (spec["initContainers"]?.array ?? []) + (spec["containers"]?.array ?? [])
    func named(_ isBad: (JSONValue) -> Bool) -> (text: String, count: Int) {
      let names = containers.filter(isBad).map { "\"\($0["name"]?.string ?? "")\"" }
      return ("\(names.count == 1 ? "container" : "containers") \(names.joined(separator: ", "))", names.count)
    }
    func report(_ name: String, _ isBad: (JSONValue) -> Bool, _ detail: (String) -> String) {
      let bad = named(isBad)
      if bad.count > 0 { violations.append(Violation(name: name, detail: detail(bad.text))) }
    }
    for field in ["hostNetwork", "hostPID", "hostIPC"] where spec[field] == true {
      violations.append(Violation(name: "host namespaces", detail: "\(field)=true"))
    }
    report("privileged", { $0.value(at: ["securityContext", "privileged"]) == true }) {
      "\($0) must not set securityContext.privileged=true"
    }
    let hostPaths = (spec["volumes"]?.array ?? []).filter { $0["hostPath"] != nil }.map {
      "\"\($0["name"]?.string ?? "")\""
    }
    if !hostPaths.isEmpty {
      let noun = hostPaths.count == 1 ? "volume" : "volumes"
      violations.append(Violation(name: "hostPath volumes", detail: "\(noun) \(hostPaths.joined(separator: ", "))"))
    }
    if level == .baseline { return violations }
    let pod = spec["securityContext"]
    report(
      "allowPrivilegeEscalation != false", { $0.value(at: ["securityContext", "allowPrivilegeEscalation"]) != false }
    ) {
      "\($0) must set securityContext.allowPrivilegeEscalation=false"
    }
    report(
      "unrestricted capabilities",
      { $0.value(at: ["securityContext", "capabilities", "drop"])?.array?.contains("ALL") != true }
    ) { "\($0) must set securityContext.capabilities.drop=[\"ALL\"]" }
    if pod?["runAsNonRoot"] != true {
      report("runAsNonRoot != true", { $0.value(at: ["securityContext", "runAsNonRoot"]) != true }) {
        "pod or \($0) must set securityContext.runAsNonRoot=true"
      }
    }
    func isConfined(_ context: JSONValue?) -> Bool {
      ["RuntimeDefault", "Localhost"].contains(context?["seccompProfile"]?["type"]?.string ?? "")
    }
    if !isConfined(pod) {
      report("seccompProfile", { !isConfined($0["securityContext"]) }) {
        "pod or \($0) must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\""
      }
    }
    return violations
  }

  /// `privileged (container "c" must not set …), …`, as refusals and warnings list them.
  static func text(_ violations: [Violation]) -> String {
    violations.map { "\($0.name) (\($0.detail))" }.joined(separator: ", ")
  }

  /// The warnings of a namespace whose enforced level was raised above what its pods keep to.
  static func warnings(namespace: String, level: Level, version: String, pods: [JSONValue]) -> [String] {
    var groups: [(names: [String], text: String)] = []
    for pod in pods.sorted(by: { $0.name < $1.name }) {
      let broken = violations(pod["spec"] ?? [:], at: level)
      if broken.isEmpty { continue }
      let text = broken.map(\.name).joined(separator: ", ")
      if let index = groups.firstIndex(where: { $0.text == text }) {
        groups[index].names.append(pod.name)
      } else {
        groups.append(([pod.name], text))
      }
    }
    if groups.isEmpty { return [] }
    let head =
      "existing pods in namespace \"\(namespace)\" violate the new PodSecurity enforce level \"\(level.rawValue):\(version)\""
    return [head]
      + groups.map { group in
        let others = group.names.count - 1
        let more = others == 0 ? "" : " (and \(others) other \(others == 1 ? "pod" : "pods"))"
        return "\(group.names[0])\(more): \(group.text)"
      }
  }
}
