import FoundationEssentials
import Kubernetes
import OrderedCollections

/// The state of a simulated cluster: its objects, their history, and who watches them.
actor KubernetesCluster {
  let discovery: Discovery
  let behaviour: ClusterBehaviour
  let time: SimulatedTime
  let users: [SimulatedUser]
  let withoutCredentials: SimulatedUser

  /// Objects by resource (`deployments.apps`) and key (`namespace/name`, or `name`).
  private var objects: [String: [String: JSONValue]] = [:]
  private(set) var revision = 1
  private var history: [Change] = []
  private var watchers: [Int: Watcher] = [:]
  private var nextWatcher = 0
  var random: RandomNames
  /// Tokens of service accounts, as they were issued.
  var issuedTokens: [String: SimulatedUser] = [:]
  /// When what is due next: pod stages, namespace removals.
  var schedule: [String: Date] = [:]
  /// How far each pod has come on its node, by uid.
  var podStages: [String: PodStage] = [:]
  /// What was reported already, so that it is reported once: uids of pods that fit nowhere, refusals of a ReplicaSet.
  var reported: Set<String> = []
  /// Who answers for registries; nil: image builders are pods like any other.
  var pushGate: PushGate?
  /// What image builders wrote, by the uid of their pod.
  var builderLogs: [String: String] = [:]
  private let changes: AsyncStream<Void>
  private let changed: AsyncStream<Void>.Continuation
  /// Watches and lists from before this revision are too old.
  private(set) var compactedRevision = 0

  struct Change: Sendable {
    var revision: Int
    var storageKey: String
    var old: JSONValue?
    var new: JSONValue?
    /// The removed object with the revision of its removal.
    var last: JSONValue?
  }

  init(
    discovery: Discovery, behaviour: ClusterBehaviour, users: [SimulatedUser],
    withoutCredentials: SimulatedUser = .anonymous, time: SimulatedTime, seed: UInt64 = 42, revision: Int = 20_000
  ) {
    self.discovery = discovery
    self.behaviour = behaviour
    self.users = users
    self.withoutCredentials = withoutCredentials
    self.time = time
    self.revision = revision
    random = RandomNames(seed: seed)
    (changes, changed) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  // MARK: Reading

  static func key(_ namespace: String, _ name: String) -> String { namespace.isEmpty ? name : "\(namespace)/\(name)" }

  func find(_ storageKey: String, _ namespace: String, _ name: String) -> JSONValue? {
    objects[storageKey]?[Self.key(namespace, name)]
  }

  /// All objects of a resource, of one namespace or of all, in the order of their keys.
  func all(_ storageKey: String, in namespace: String = "") -> [JSONValue] {
    keyed(storageKey, in: namespace).map(\.object)
  }

  func keyed(_ storageKey: String, in namespace: String = "") -> [(key: String, object: JSONValue)] {
    let stored = objects[storageKey] ?? [:]
    let prefix = namespace.isEmpty ? "" : "\(namespace)/"
    return stored.filter { prefix.isEmpty || $0.key.hasPrefix(prefix) }.sorted { $0.key < $1.key }.map {
      ($0.key, $0.value)
    }
  }

  var resourceNames: [String] { Array(objects.keys) }

  var now: String { Timestamp.seconds(time.now()) }

  // MARK: Writing

  /// Stores an object, new or changed, with the next revision, and tells the watchers.
  @discardableResult
  func persist(_ object: JSONValue, type: ResourceType) -> JSONValue {
    revision += 1
    var object = object
    object.set(.string(String(revision)), at: "metadata", "resourceVersion")
    let key = Self.key(object.namespace, object.name)
    let old = objects[type.storageKey]?[key]
    objects[type.storageKey, default: [:]][key] = object
    record(Change(revision: revision, storageKey: type.storageKey, old: old, new: object))
    return object
  }

  func erase(_ object: JSONValue, type: ResourceType) {
    let key = Self.key(object.namespace, object.name)
    guard let old = objects[type.storageKey]?.removeValue(forKey: key) else { return }
    revision += 1
    var last = old
    last.set(.string(String(revision)), at: "metadata", "resourceVersion")
    record(Change(revision: revision, storageKey: type.storageKey, old: old, new: nil, last: last))
  }

  private func record(_ change: Change) {
    history.append(change)
    if history.count > 2000 { history.removeFirst(history.count - 2000) }
    for watcher in watchers.values { watcher.see(change) }
    changed.yield()
  }

  /// Forgets the history, as etcd's compaction does: older watches and continue tokens are answered with 410.
  func compact() {
    history.removeAll()
    compactedRevision = revision
  }

  // MARK: Watching

  /// A watcher of one resource: what it wants to see and where it goes.
  struct Watcher {
    var type: ResourceType
    var namespace: String
    var labels: LabelSelector
    var fields: FieldSelector
    var isMetadataOnly: Bool
    var continuation: AsyncStream<[UInt8]>.Continuation

    func wants(_ object: JSONValue) -> Bool {
      (namespace.isEmpty || object.namespace == namespace) && labels.matches(object.labels) && fields.matches(object)
    }

    func see(_ change: Change) {
      guard change.storageKey == type.storageKey else { return }
      let before = change.old.map(wants) ?? false
      if let new = change.new, wants(new) {
        send(before ? "MODIFIED" : "ADDED", new)
      } else if before {
        var last = change.last ?? change.new ?? change.old ?? .null
        last.set(.string(String(change.revision)), at: "metadata", "resourceVersion")
        send("DELETED", last)
      }
    }

    func send(_ kind: String, _ object: JSONValue) {
      var rendered = Rendering.object(object, as: type)
      if isMetadataOnly { rendered = Rendering.metadataOnly(rendered) }
      continuation.yield(JSONText.format(["type": .string(kind), "object": rendered]) + [0x0A])
    }
  }

  /// Begins a watch. From a revision it resumes; without one it shows what is there first.
  func watch(
    _ type: ResourceType, namespace: String, labels: LabelSelector, fields: FieldSelector, from start: Int?,
    isMetadataOnly: Bool, sendsInitialEvents: Bool, bookmarks: Bool, seconds: Int
  ) -> AsyncStream<[UInt8]> {
    let (stream, continuation) = AsyncStream<[UInt8]>.makeStream()
    let watcher = Watcher(
      type: type, namespace: namespace, labels: labels, fields: fields, isMetadataOnly: isMetadataOnly,
      continuation: continuation)
    if let start, start > 0, !sendsInitialEvents {
      let oldest = history.first?.revision ?? revision + 1
      if start < compactedRevision || (start < oldest - 1 && start < revision && history.count >= 2000) {
        let error = APIError.expired("too old resource version: \(start) (\(max(compactedRevision, oldest - 1)))")
        continuation.yield(JSONText.format(["type": "ERROR", "object": error.status]) + [0x0A])
        continuation.finish()
        return stream
      }
      for change in history where change.revision > start { watcher.see(change) }
    } else {
      for object in all(type.storageKey, in: namespace) where watcher.wants(object) { watcher.send("ADDED", object) }
      if sendsInitialEvents, bookmarks { sendBookmark(to: watcher, endsInitialEvents: true) }
    }
    let id = nextWatcher
    nextWatcher += 1
    watchers[id] = watcher
    let timer = Task { [time] in
      do {
        for second in 1...max(1, seconds) {
          try await time.sleep(.seconds(1))
          if bookmarks, second % 5 == 0 { self.bookmark(id) }
        }
      } catch is CancellationError {
        // The client left.
      } catch {
        // A clock that fails ends the watch as its time-out does.
      }
      continuation.finish()
    }
    continuation.onTermination = { _ in
      timer.cancel()
      Task { await self.forget(id) }
    }
    return stream
  }

  private func bookmark(_ id: Int) {
    if let watcher = watchers[id] { sendBookmark(to: watcher, endsInitialEvents: false) }
  }

  private func sendBookmark(to watcher: Watcher, endsInitialEvents: Bool) {
    var object: JSONValue = [
      "kind": .string(watcher.type.kind), "apiVersion": .string(watcher.type.groupVersion),
      "metadata": ["resourceVersion": .string(String(revision)), "creationTimestamp": nil],
    ]
    if endsInitialEvents { object.set("true", at: "metadata", "annotations", "k8s.io/initial-events-end") }
    watcher.continuation.yield(JSONText.format(["type": "BOOKMARK", "object": object]) + [0x0A])
  }

  private func forget(_ id: Int) { watchers[id] = nil }

  /// How many watches are open.
  var watcherCount: Int { watchers.count }

  func endWatches() {
    for watcher in watchers.values { watcher.continuation.finish() }
    watchers.removeAll()
  }

  // MARK: Controllers

  /// Runs the controllers until the task is cancelled: whenever something changed, and when something is due.
  func runControllers() async {
    var alarm: Task<Void, Never>?
    for await _ in changes {
      if Task.isCancelled { break }
      reconcile()
      alarm?.cancel()
      alarm = nil
      guard let due = schedule.values.min() else { continue }
      // Never at once: what stays due must not keep a processor busy.
      let wait = max(0.005, due.timeIntervalSince(time.now()))
      alarm = Task { [time, changed] in
        do {
          try await time.sleep(.seconds(wait))
          changed.yield()
        } catch {
          // A later change has set another alarm.
        }
      }
    }
    alarm?.cancel()
  }
}
