import Kubernetes

extension Check {
  /// Quotas and limits leave room for the agent and for one build of an image.
  static let namespaceQuota = Check(
    "namespace.quota", title: "Quotas and limits",
    required: "ResourceQuotas and LimitRanges that admit the chart's pods, one image build and our objects",
    why: "A quota refuses pods one by one: the agent would come up and never be able to build an image.",
    needs: [.limits, .render, .values, .discovery, .releases], after: ["cluster.credentials"],
    exemption: { answers, survey in
      if answers[.namespace] == nil { return "No namespace was named." }
      if case .seen(nil) = survey.namespace { return "The namespace does not exist yet, so nothing limits it so far." }
      return answers[.chartPath] == nil ? "No chart was named." : nil
    }
  ) { survey, answers, _ in
    .judging(survey.limits) { limits in
      if limits.quotas.isEmpty, limits.ranges.isEmpty {
        return Finding(
          .pass, observed: "no ResourceQuota, no LimitRange", message: "Nothing limits what the namespace holds.")
      }
      return .judging(survey.rendered) { rendered in
        .judging(survey.values) { values in
          .judging(survey.releases) { releases in
            .judging(survey.discovery) { discovery in
              let live = releases.release(answers[.release])
              do {
                let needs = try NamespaceNeeds(
                  rendered: rendered, values: values, resources: discovery.resources, answers: answers,
                  isInstalled: live?.status == "deployed")
                return try QuotaVerdict(limits, needs).finding(answers[.namespace] ?? "")
              } catch {
                return .unknown(
                  ObservationFailure(
                    .malformed, "what the chart needs cannot be counted: \(ObservationFailure(error).message)"))
              }
            }
          }
        }
      }
    }
  }
}

/// What quotas and limits say to the needs.
private struct QuotaVerdict {
  /// What would be refused.
  private var problems: [String] = []
  /// What would be refused if a scoped quota counts these pods.
  private var doubts: [String] = []
  /// A line for each limit that was looked at.
  private var lines: [String] = []
  private let names: [String]

  init(_ limits: NamespaceLimits, _ needs: NamespaceNeeds) throws {
    names =
      limits.quotas.map { "ResourceQuota \($0.metadata.name)" } + limits.ranges.map { "LimitRange \($0.metadata.name)" }
    let pods = try needs.pods.map { (pod: $0, resources: try PodResources($0.spec, limits.ranges)) }
    for range in limits.ranges { for pod in pods { check(range, pod.pod.title, pod.resources) } }
    for quota in limits.quotas { check(quota, pods, needs.objects) }
  }

  // MARK: Quotas

  private static let podKeys: Set<String> = ["pods", "count/pods", "cpu", "memory", "ephemeral-storage"]

  private static func countsPods(_ key: String) -> Bool {
    podKeys.contains(key) || key.hasPrefix("limits.") || (key.hasPrefix("requests.") && key != "requests.storage")
  }

  private mutating func check(
    _ quota: ResourceQuota, _ pods: [(pod: NamespaceNeeds.Pod, resources: PodResources)], _ objects: [String: Int]
  ) {
    // Quotas of these scopes count none of our pods: they run until they are stopped.
    if quota.spec.scopes.contains("Terminating") { return }
    let isBestEffort = quota.spec.scopes.contains("BestEffort")
    let counted = isBestEffort ? pods.filter { $0.resources.requests.isEmpty && $0.resources.limits.isEmpty } : pods
    let name = "ResourceQuota \(quota.metadata.name)"
    var found: [String] = []
    for (key, hard) in quota.hard.sorted(by: { $0.key < $1.key }) {
      let used = quota.status.used[key] ?? .zero
      let needed: Quantity
      if Self.countsPods(key) {
        if key != "pods", key != "count/pods" {
          for pod in counted {
            let silent = pod.resources.containers.filter { !$0.resources.names(key) }.map(\.name)
            if !silent.isEmpty {
              found.append(
                "\(name) counts \(key), so every container must say it, and \(pod.pod.title) does not "
                  + "(\(silent.joined(separator: ", ")))")
            }
          }
        }
        needed = counted.reduce(.zero) { sum, pod in
          guard let one = pod.resources.usage(key) else { return sum }
          return (0..<max(0, min(pod.pod.replicas, 1000))).reduce(sum) { sum, _ in sum + one }
        }
      } else {
        let resource = key.hasPrefix("count/") ? String(key.dropFirst("count/".count)) : key
        needed = Quantity(Int64(objects[resource] ?? 0))
      }
      if needed == .zero { continue }
      let text = "\(name): \(key) used \(used) of \(hard), needed \(needed)"
      lines.append(text)
      if used + needed > hard { found.append(text) }
    }
    if quota.isScoped && !isBestEffort && !quota.spec.scopes.contains("NotTerminating") {
      doubts += found
    } else {
      problems += found
    }
  }

  // MARK: Limit ranges

  private mutating func check(_ range: LimitRange, _ title: String, _ pod: PodResources) {
    for limit in range.spec.limits {
      let name = "LimitRange \(range.metadata.name)"
      let subjects: [(String, [String: Quantity], [String: Quantity])]
      switch limit.type {
      case "Container":
        subjects = pod.containers.map {
          ("container \($0.name) of \(title)", $0.resources.requests, $0.resources.limits)
        }
      case "Pod": subjects = [(title, pod.requests, pod.limits)]
      default: continue
      }
      for (subject, requests, limits) in subjects {
        for (resource, most) in limit.max.sorted(by: { $0.key < $1.key }) {
          let wants = max(requests[resource] ?? .zero, limits[resource] ?? .zero)
          if wants > most {
            problems.append(
              "\(name) allows \(resource) up to \(most) for each \(limit.type), \(subject) asks for \(wants)")
          } else if limits[resource] == nil {
            problems.append("\(name) wants a limit of \(resource), and \(subject) has none")
          }
        }
        for (resource, least) in limit.min.sorted(by: { $0.key < $1.key }) {
          let wants = requests[resource] ?? .zero
          if wants < least {
            problems.append(
              "\(name) wants at least \(resource) \(least) for each \(limit.type), \(subject) asks for \(wants)")
          }
        }
        for (resource, request) in requests.sorted(by: { $0.key < $1.key }) {
          guard let most = limits[resource], request > most, limit.type == "Container" else { continue }
          problems.append("\(name) gives \(subject) a limit of \(resource) \(most), below its request of \(request)")
        }
        if limit.type == "Container" {
          lines += limit.default.sorted { $0.key < $1.key }.map {
            "\(name): a container without a limit of \($0.key) gets \($0.value)"
          }.filter { !lines.contains($0) }
        }
      }
    }
  }

  func finding(_ namespace: String) -> Finding {
    let observed = names.joined(separator: ", ")
    let command = "kubectl describe resourcequota,limitrange --namespace \(namespace)"
    if !problems.isEmpty {
      return Finding(
        .fail, observed: problems.joined(separator: "; "),
        message: "The namespace's limits leave no room: " + problems.joined(separator: "; ") + ".",
        remedy: Remedy(
          "Have the quota or limit raised, free what is used, or set resources in a file under chart.values.",
          command: command),
        details: lines)
    }
    if !doubts.isEmpty {
      return Finding(
        .warn, observed: doubts.joined(separator: "; "),
        message: "A quota of a scope leaves no room where it counts these pods: " + doubts.joined(separator: "; ")
          + ".",
        remedy: Remedy("See which pods it counts.", command: command), details: lines)
    }
    return Finding(
      .pass, observed: observed, message: "The namespace's limits leave room for the agent and one image build.",
      details: lines)
  }
}

extension ContainerResources {
  /// Whether it says what a quota counts.
  fileprivate func names(_ key: String) -> Bool {
    if key.hasPrefix("limits.") { return limits[String(key.dropFirst("limits.".count))] != nil }
    return requests[key.hasPrefix("requests.") ? String(key.dropFirst("requests.".count)) : key] != nil
  }
}
