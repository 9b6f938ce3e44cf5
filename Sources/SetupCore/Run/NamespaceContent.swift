import Kubernetes
import Text

/// What stands in the agent's namespace beside what the answers ask for.
enum NamespaceContent {
  /// What an installation of ours can consist of.
  private static let ourKinds: [(Resource, String)] = [
    (.roleBindings, "RoleBinding"), (.roles, "Role"), (.serviceAccounts, "ServiceAccount"),
    (.configMaps, "ConfigMap"), (.secrets, "Secret"), (.pods, "Pod"),
  ]
  /// What others usually keep in a namespace.
  private static let kinds: [(Resource, String)] =
    [
      (.deployments, "Deployment"), (Resource(group: "apps", "statefulsets", namespaced: true), "StatefulSet"),
      (.daemonSets, "DaemonSet"), (Resource(group: "batch", "cronjobs", namespaced: true), "CronJob"),
      (Resource(group: "batch", "jobs", namespaced: true), "Job"), (.services, "Service"),
      (.ingresses, "Ingress"), (.persistentVolumeClaims, "PersistentVolumeClaim"),
    ] + ourKinds

  /// Objects with our mark that none of these traces is about: what was made with other answers.
  static func leftovers(_ setup: Setup, beside known: [Trace]) async throws -> [Trace] {
    let client = try setup.kubernetes()
    let namespace = try setup.namespace()
    let mark = "\(ManagedObject.ownerLabel)=\(ManagedObject.owner)"
    let record = ReleaseStep.recordName("")
    var found: [ManagedObject] = []
    var traces: [Trace] = []
    for (resource, kind) in ourKinds {
      guard let list = try await listed(resource, client, namespace: namespace, labelSelector: mark) else {
        traces.append(.stays("\(kind)s that other answers made stay: they may not be listed"))
        continue
      }
      found += list.map { ManagedObject(resource: resource, kind: kind, name: $0.name, namespace: namespace) }
    }
    let left = found.filter { object in !known.contains { $0.isAbout(object.title) } }
    let records = left.filter {
      $0.resource == .configMaps && $0.name.hasPrefix(record) && $0.name != BuilderTrialObjects.name
    }
    if let other = records.first {
      let release = other.name.dropFirst(record.count)
      return traces + left.map { .stays("\($0.title) stays: release \(release) in this namespace may need it") }
    }
    for object in left { traces.append(try await object.trace(client)) }
    return traces
  }

  /// What is nobody's but others': neither ours, nor the release's, nor a model's, nor what every namespace has.
  static func foreign(_ setup: Setup) async throws -> [String] {
    let client = try setup.kubernetes()
    let namespace = try setup.namespace()
    let release = setup.answers[.release] ?? ""
    var titles: [String] = []
    for (resource, kind) in kinds {
      guard let list = try await listed(resource, client, namespace: namespace) else {
        titles.append("every \(kind), of which none may be listed")
        continue
      }
      titles += list.filter { isForeign($0, kind, release) }.map { "\(kind) \(OutsideText.clean($0.name))" }
    }
    return titles
  }

  /// The metadata of a list; nil: it may not be read.
  private static func listed(
    _ resource: Resource, _ client: KubernetesClient, namespace: String, labelSelector: String? = nil
  ) async throws(KubernetesError) -> [ObjectMeta]? {
    do {
      return try await client.servedMetadata(resource, namespace: namespace, labelSelector: labelSelector)
    } catch {
      if error.code == .forbidden { return nil }
      throw error
    }
  }

  private static func isForeign(_ metadata: ObjectMeta, _ kind: String, _ release: String) -> Bool {
    let labels = metadata.labels
    let isOurs = ManagedObject.isOurs(metadata)
    let isReleases =
      metadata.annotations["meta.helm.sh/release-name"] == release
      || (labels["owner"] == "helm" && labels["name"] == release)
    let isModels =
      labels["bosun.datarobot.com/deployment"] != nil || labels[ManagedObject.ownerLabel] == "Bosun"
    let isOwned = !metadata.ownerReferences.isEmpty
    return !isOurs && !isReleases && !isModels && !isOwned && !isUsual(metadata, kind)
  }

  /// What Kubernetes and OpenShift put into every namespace.
  private static func isUsual(_ metadata: ObjectMeta, _ kind: String) -> Bool {
    switch kind {
    case "ConfigMap": ["kube-root-ca.crt", "openshift-service-ca.crt"].contains(metadata.name)
    case "ServiceAccount": ["default", "builder", "deployer"].contains(metadata.name)
    case "Secret":
      // The tokens and pull secrets of service accounts.
      metadata.annotations["kubernetes.io/service-account.name"] != nil
        || metadata.annotations["openshift.io/internal-registry-auth-token.service-account"] != nil
    case "RoleBinding": metadata.name.hasPrefix("system:") || metadata.name == "admin"
    default: false
    }
  }
}

extension Trace {
  /// Whether it is about the object of that title: traces of objects begin with it.
  fileprivate func isAbout(_ title: String) -> Bool {
    switch self {
    case .gone(let text), .stays(let text): text.hasPrefix(title + " ")
    case .removable(let removal): removal.title == title
    }
  }
}
