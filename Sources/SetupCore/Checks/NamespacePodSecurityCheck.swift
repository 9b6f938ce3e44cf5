import Kubernetes

extension Check {
  /// The namespace's Pod Security Standard lets the image builder run.
  static let namespacePodSecurity = Check(
    "namespace.podsecurity", title: "Pod security",
    required: "the namespace does not enforce a standard that the image builder breaks",
    why: "kaniko builds as root: under the restricted standard no image of a model is ever built.",
    needs: [.namespace, .discovery, .values, .render], after: ["cluster.credentials"],
    exemption: { answers, survey in
      if answers[.namespace] == nil { return "No namespace was named." }
      guard survey.discovery.value?.isOpenShift == true else { return nil }
      return "On OpenShift security context constraints decide, not these labels: see namespace.scc."
    }
  ) { survey, _, _ in
    .judging(survey.namespace) { namespace in
      guard let namespace else {
        return Finding(
          .pass, observed: "no namespace yet",
          message: "The namespace will be made without labels; only the cluster's own default for pod security, which "
            + "no API tells, could still refuse the image builder.")
      }
      if case .failed(let failure) = survey.discovery { return .unknown(failure) }
      return judge(namespace.metadata, survey)
    }
  }

  private static let prefix = "pod-security.kubernetes.io/"
  private static let levels = ["privileged", "baseline", "restricted"]

  private static func judge(_ metadata: ObjectMeta, _ survey: Survey) -> Finding {
    let labels = ["enforce", "warn", "audit"].compactMap { mode in
      metadata.labels[prefix + mode].map { (mode: mode, level: $0) }
    }
    let observed = labels.isEmpty ? "no labels" : labels.map { "\($0.mode)=\($0.level)" }.joined(separator: ", ")
    if let odd = labels.first(where: { !levels.contains($0.level) }) {
      return Finding(
        .unknown, observed: observed,
        message: "The label \(prefix)\(odd.mode) has no level of Kubernetes: \(odd.level).",
        remedy: Remedy("Set it to privileged, baseline or restricted."))
    }
    // Without a rendered chart the builder is judged by the default, which breaks restricted in any case.
    let pods = suspects(survey)
    let breaking = labels.map { label in (label, broken(by: label.level, pods)) }.filter { !$0.1.isEmpty }
    let remedy = Remedy(
      breaking.contains { $0.0.level == "restricted" }
        ? "Let the namespace enforce baseline, or choose another with cluster.namespace."
        : "Mount the registry's CA from a ConfigMap instead of the node, or let the namespace enforce privileged.",
      command: "kubectl label namespace \(metadata.name) \(prefix)enforce="
        + "\(breaking.contains { $0.0.level == "restricted" } ? "baseline" : "privileged") --overwrite",
      url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/")
    let lines = breaking.flatMap { label, reasons in reasons.map { "\(label.mode)=\(label.level): \($0)" } }
    if let (label, reasons) = breaking.first(where: { $0.0.mode == "enforce" }) {
      return Finding(
        .fail, observed: observed,
        message: "The namespace enforces \(label.level), which refuses " + reasons.joined(separator: ", ") + ".",
        remedy: remedy, details: lines)
    }
    if !breaking.isEmpty {
      return Finding(
        .warn, observed: observed,
        message: "The namespace does not refuse the image builder, but will complain about it: "
          + breaking.map { "\($0.0.mode)=\($0.0.level)" }.joined(separator: ", ") + ".",
        remedy: Remedy("Nothing needs to change; see that nobody makes it enforce that level."), details: lines)
    }
    if labels.contains(where: { $0.level == "baseline" }) {
      if case .failed(let failure) = survey.values {
        return Finding(
          .unknown, observed: observed,
          message: "Whether the pods keep within baseline is not known without the chart: \(failure.message)",
          remedy: failure.remedy)
      }
    }
    return Finding(.pass, observed: observed, message: "Pod security lets the image builder run.")
  }

  /// The pods that will run there, each with what it breaks of baseline.
  private static func suspects(_ survey: Survey) -> [(title: String, isRoot: Bool, baseline: [String])] {
    let builder = survey.values.value.map { ImageBuilder($0).podSpec() } ?? [:]
    let chart = (survey.rendered.value?.objects ?? []).compactMap { object in
      object.podSpec.map { (object.title, isRoot: false, PodSecurityStandard.baselineViolations($0)) }
    }
    return [("the image builder", true, PodSecurityStandard.baselineViolations(builder))] + chart
  }

  private static func broken(
    by level: String, _ pods: [(title: String, isRoot: Bool, baseline: [String])]
  ) -> [String] {
    pods.compactMap { pod in
      if level == "privileged" { return nil }
      if level == "restricted", pod.isRoot { return "\(pod.title) (it runs as root)" }
      return pod.baseline.isEmpty ? nil : "\(pod.title) (\(pod.baseline.joined(separator: ", ")))"
    }
  }
}

/// The baseline Pod Security Standard, as far as charts meet it (kubernetes.io, "Pod Security Standards").
enum PodSecurityStandard {
  private static let allowedCapabilities: Set<String> = [
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "SETFCAP",
    "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
  ]

  /// What a pod's spec breaks of baseline.
  static func baselineViolations(_ spec: JSONValue) -> [String] {
    var found: [String] = []
    for volume in spec["volumes"]?.array ?? [] where volume["hostPath"] != nil {
      found.append("hostPath volume \(volume["name"]?.string ?? "")")
    }
    for key in ["hostNetwork", "hostPID", "hostIPC"] where spec[key] == true { found.append(key) }
    for container in (spec["containers"]?.array ?? []) + (spec["initContainers"]?.array ?? []) {
      if container["securityContext"]?["privileged"] == true { found.append("privileged container") }
      let added = container[path: "securityContext", "capabilities", "add"]?.texts ?? []
      found += added.filter { !allowedCapabilities.contains($0) }.map { "capability \($0)" }
      if (container["ports"]?.array ?? []).contains(where: { ($0["hostPort"]?.integer ?? 0) != 0 }) {
        found.append("hostPort")
      }
    }
    return found
  }
}
