import Kubernetes
import TestSupport
import Testing

@testable import SetupCore

@Suite("The picture of a rollout")
struct RolloutPictureTests {
  static func deployment(
    _ name: String = "agent", replicas: Int = 1, available: Int = 0, generation: Int = 1, observed: Int = 1,
    conditions: String = ""
  ) throws -> Deployment {
    try object(
      Deployment.self,
      """
      {"metadata":{"name":"\(name)","generation":\(generation),"annotations":{"meta.helm.sh/release-name":"bosun"}},
       "spec":{"replicas":\(replicas),"selector":{"matchLabels":{"app":"\(name)"}}},
       "status":{"observedGeneration":\(observed),"replicas":\(replicas),"updatedReplicas":\(replicas),
       "availableReplicas":\(available),"conditions":[\(conditions)]}}
      """)
  }

  static func waiting(_ reason: String, _ message: String = "", restarts: Int = 0) -> String {
    #"{"name":"agent","image":"r/agent:1","restartCount":\#(restarts),"state":{"waiting":{"reason":"\#(reason)","message":"\#(message)"}}}"#
  }

  static func pod(
    _ name: String = "agent-1", phase: String = "Pending", containers: String = "", initContainers: String = "",
    conditions: String = "", deleted: Bool = false
  ) throws -> Pod {
    let deletion = deleted ? #","deletionTimestamp":"2026-01-01T00:00:00Z""# : ""
    return try object(
      Pod.self,
      """
      {"metadata":{"name":"\(name)"\(deletion)},"status":{"phase":"\(phase)","conditions":[\(conditions)],
       "containerStatuses":[\(containers)],"initContainerStatuses":[\(initContainers)]}}
      """)
  }

  private static let unschedulable =
    #"{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/3 nodes are available: 3 Insufficient cpu."}"#

  private static func picture(_ pods: [Pod] = [], _ deployment: Deployment? = nil) throws -> RolloutPicture {
    RolloutPicture(workloads: [Workload(try deployment ?? Self.deployment(), pods: pods)])
  }

  @Test(
    "What keeps a container from starting is named with the pod and what to do, after the patience its kind deserves",
    arguments: [
      ("ErrImagePull", "pull", Duration.seconds(45)), ("ImagePullBackOff", "pull", .seconds(45)),
      ("InvalidImageName", "image", .seconds(5)), ("ErrImageNeverPull", "image", .seconds(5)),
      ("CreateContainerConfigError", "config", .seconds(30)), ("CreateContainerError", "config", .seconds(30)),
      ("RunContainerError", "config", .seconds(30)),
    ])
  func waitingContainers(_ reason: String, _ kind: String, _ patience: Duration) throws {
    for isInit in [false, true] {
      let status = Self.waiting(reason, "said the kubelet")
      let pod = try isInit ? Self.pod(initContainers: status) : Self.pod(containers: status)
      let obstacle = try Self.picture([pod]).obstacle
      #expect(obstacle.kind == kind)
      #expect(obstacle.reason == "Pod agent-1, container agent: \(reason): said the kubelet")
      #expect(obstacle.patience == patience)
      #expect(!obstacle.next.isEmpty)
    }
  }

  @Test("A pull error names the image that must be there")
  func pull() throws {
    #expect(
      try Self.picture([try Self.pod(containers: Self.waiting("ImagePullBackOff"))]).obstacle.next
        == "See that r/agent:1 is pushed, and that nodes may pull it (imagePullSecrets, CA, architecture).")
  }

  @Test("A crash counts from the second restart on, and names whose log to read")
  func crash() throws {
    let once = try Self.picture([
      try Self.pod(phase: "Running", containers: Self.waiting("CrashLoopBackOff", "back-off", restarts: 1))
    ]).obstacle
    #expect(once.kind == "waiting")
    #expect(once.crashingPod == nil)
    let twice = try Self.picture([
      try Self.pod(phase: "Running", containers: Self.waiting("CrashLoopBackOff", "back-off", restarts: 2))
    ]).obstacle
    #expect(twice.kind == "crash")
    #expect(twice.crashingPod == .init(name: "agent-1", container: "agent"))
    #expect(twice.patience == .seconds(20))
  }

  @Test("A pod that finds no node is told with the scheduler's words, and is waited for, since a node may come")
  func scheduling() throws {
    let obstacle = try Self.picture([try Self.pod(conditions: Self.unschedulable)]).obstacle
    #expect(obstacle.kind == "scheduling")
    #expect(obstacle.reason == "Pod agent-1 finds no node: 0/3 nodes are available: 3 Insufficient cpu.")
    #expect(obstacle.patience == nil)
  }

  @Test("A quota or policy that refuses pods, and a passed deadline, are the Deployment's own")
  func deploymentConditions() throws {
    let refused = try Self.picture(
      [],
      try Self.deployment(
        conditions:
          #"{"type":"ReplicaFailure","status":"True","reason":"FailedCreate","message":"exceeded quota: small"}"#)
    ).obstacle
    #expect(refused.kind == "replicas")
    #expect(refused.reason == "Deployment agent cannot make its pods: exceeded quota: small")
    #expect(refused.patience == .seconds(20))
    let late = try Self.picture(
      [],
      try Self.deployment(
        conditions:
          #"{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded","message":"has timed out"}"#)
    ).obstacle
    #expect(late.kind == "deadline")
    #expect(late.reason == "Deployment agent: has timed out")
    #expect(late.patience == .zero)
  }

  @Test("A Deployment that no controller has taken up is told so")
  func noController() throws {
    let obstacle = try Self.picture([], try Self.deployment(generation: 1, observed: 0)).obstacle
    #expect(obstacle.kind == "unseen")
    #expect(
      obstacle.reason == "Deployment agent was made, but no controller of the cluster has taken it up")
  }

  @Test("Where nothing stands out it is not yet available, and pods on their way out do not count")
  func waitingOnly() throws {
    let leaving = try Self.pod(containers: Self.waiting("ImagePullBackOff"), deleted: true)
    let obstacle = try Self.picture([leaving]).obstacle
    #expect(obstacle.kind == "waiting")
    #expect(obstacle.reason == "Deployment agent is not yet available")
    #expect(obstacle.patience == nil)
  }

  @Test("Only Deployments that are not rolled out are in the way, a container before a condition before scheduling")
  func worst() throws {
    let good = Workload(
      try Self.deployment("good", available: 1),
      pods: [try Self.pod("good-old", containers: Self.waiting("ErrImagePull"))])
    let bad = Workload(
      try Self.deployment(
        "bad", conditions: #"{"type":"ReplicaFailure","status":"True","message":"quota"}"#),
      pods: [
        try Self.pod("bad-1", conditions: Self.unschedulable),
        try Self.pod("bad-2", containers: Self.waiting("InvalidImageName")),
      ])
    let picture = RolloutPicture(workloads: [good, bad])
    #expect(!picture.isRolledOut)
    #expect(picture.summary == "1 of 2 Deployments available")
    #expect(picture.obstacle.kind == "image")
    var withoutImage = bad
    withoutImage.pods.removeLast()
    #expect(RolloutPicture(workloads: [good, withoutImage]).obstacle.kind == "replicas")
  }

  @Test("A line a Deployment and a line a pod say how things are")
  func lines() throws {
    let picture = try Self.picture(
      [
        try Self.pod("a", containers: Self.waiting("ImagePullBackOff", "Back-off pulling")),
        try Self.pod("b", conditions: Self.unschedulable),
        try Self.pod(
          "c", phase: "Running",
          containers:
            #"{"name":"agent","ready":true,"state":{"running":{}}},{"name":"side","state":{"terminated":{"exitCode":137}}},{"name":"done","state":{"terminated":{"exitCode":0}}}"#
        ),
        try Self.pod("d", phase: "Running", deleted: true),
      ], try Self.deployment(replicas: 3, available: 1))
    #expect(
      picture.lines == [
        "Deployment agent: 1 of 3 available", "Pod a: Pending, agent: ImagePullBackOff: Back-off pulling",
        "Pod b: Pending, Unschedulable: 0/3 nodes are available: 3 Insufficient cpu.",
        "Pod c: Running, agent ready, side: ended with exit code 137", "Pod d: Terminating",
      ])
    #expect(picture.summary == "0 of 1 Deployment available")
  }

  @Test("All rolled out is rolled out, and so is a Deployment of none")
  func rolledOut() throws {
    #expect(try Self.picture([], try Self.deployment(replicas: 2, available: 2)).isRolledOut)
    #expect(try Self.picture([], try Self.deployment(replicas: 0)).isRolledOut)
    #expect(try !Self.picture([], try Self.deployment(replicas: 2, available: 1)).isRolledOut)
    #expect(try !Self.picture([], try Self.deployment(available: 1, generation: 2, observed: 1)).isRolledOut)
  }

  @Test("The watch gives an obstacle its patience, counted anew when another comes between")
  func patience() throws {
    let pull = try Self.picture([try Self.pod(containers: Self.waiting("ErrImagePull"))])
    let backOff = try Self.picture([try Self.pod(containers: Self.waiting("ImagePullBackOff"))])
    let fine = try Self.picture()
    var watch = RolloutWatch()
    #expect(watch.verdict(pull, at: .seconds(0)) == nil)
    #expect(watch.verdict(backOff, at: .seconds(44)) == nil)  // the same kind in another word
    #expect(watch.verdict(fine, at: .seconds(45)) == nil)
    #expect(watch.verdict(pull, at: .seconds(46)) == nil)
    #expect(watch.verdict(backOff, at: .seconds(90)) == nil)
    #expect(watch.verdict(backOff, at: .seconds(91))?.kind == "pull")
    // What has no patience of its own is waited for as long as the rollout may take.
    #expect(watch.verdict(fine, at: .seconds(100_000)) == nil)
  }
}
