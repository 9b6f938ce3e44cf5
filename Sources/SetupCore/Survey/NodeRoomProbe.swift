import FoundationEssentials
import Kubernetes

extension Probe {
  /// Room on the nodes that come into question.
  public static let nodeRoom = Probe("nodeRoom", \.nodeRoom, page: .cluster, after: [.nodes, .apiGroups]) {
    setup, survey in
    try await NodeRoomProbe.look(setup, survey)
  }
}

/// Reads the pods of the nodes that come into question, the most promising first, until one has room.
enum NodeRoomProbe {
  /// How many nodes are read side by side, one after another batch: most clusters have room on the first.
  static let batches = [1, 4, 5, 10]
  /// How many nodes are read at most. Two requests each, whatever runs on them: 40 in the worst case.
  static let limit = batches.reduce(0, +)

  static func look(_ setup: Setup, _ survey: Survey) async throws -> NodeRoom {
    guard case .seen(let nodes) = survey.nodes else { return NodeRoom() }
    var room = NodeRoom()
    do {
      room.placement = .seen(try await Placement.read(setup))
    } catch {
      room.placement = .failed(ObservationFailure(error))
      return room
    }
    let placement = room.placement.value ?? Placement()
    var rest = NodeCandidate.ranked(nodes, placement, setup.requirements).filter(\.isWorthReading)[...]
    let client = try setup.kubernetes()
    for size in batches where !rest.isEmpty {
      let batch = rest.prefix(size)
      rest = rest.dropFirst(size)
      await withTaskGroup(of: (String, Observed<NodeLoad>).self) { group in
        for candidate in batch {
          group.addTask { (candidate.name, await load(of: candidate.name, client, setup.answers)) }
        }
        for await (name, load) in group { room.loads[name] = load }
      }
      if batch.contains(where: { $0.fits(room.loads[$0.name]) }) { return room }
      // Where one node's pods may not be read no other's may.
      let isDenied = batch.contains {
        if case .failed(let failure)? = room.loads[$0.name] { failure.kind == .denied } else { false }
      }
      if isDenied { break }
    }
    room.autoscaler = await autoscaler(client, survey, now: setup.world.now())
    return room
  }

  /// The pods on a node, and those for which room is being made on it: the one place where pods are read.
  private static func load(of node: String, _ client: KubernetesClient, _ answers: Answers) async -> Observed<NodeLoad>
  {
    do {
      async let bound = client.list(Pod.self, .pods, fieldSelector: "spec.nodeName=\(node)")
      async let nominated = client.list(Pod.self, .pods, fieldSelector: "status.nominatedNodeName=\(node)")
      let pods = try await bound.value.items + nominated.value.items
      let namespace = answers[.namespace]
      let release = answers[.release] ?? "bosun"
      return .seen(
        NodeLoad(pods, on: node) { pod in
          pod.metadata.namespace == namespace && pod.metadata.labels["app.kubernetes.io/instance"] == release
        })
    } catch {
      return .failed(ObservationFailure(error))
    }
  }

  /// What adds nodes by itself, as far as it can be seen.
  private static func autoscaler(
    _ client: KubernetesClient, _ survey: Survey, now: Date
  ) async -> Observed<String?> {
    if survey.apiGroups.value?.serves("karpenter.sh") == true {
      return .seen("Karpenter (API group karpenter.sh)")
    }
    do throws(KubernetesError) {
      let status = try await client.find(
        PartialObject.self, Resource("configmaps", namespaced: true), name: "cluster-autoscaler-status",
        namespace: "kube-system")
      guard let status else { return .seen(nil) }
      // It is written every ten seconds; one that has not been is left over from an autoscaler that is gone.
      let written = status.value.metadata.annotations["cluster-autoscaler.kubernetes.io/last-updated"]
      if let date = written.flatMap({ Timestamp.rfc3339(String($0.prefix(19)) + "Z") }),
        abs(now.timeIntervalSince(date)) > 900
      {
        return .seen(nil)
      }
      return .seen("the cluster autoscaler (ConfigMap kube-system/cluster-autoscaler-status)")
    } catch {
      return .failed(ObservationFailure(error))
    }
  }
}
