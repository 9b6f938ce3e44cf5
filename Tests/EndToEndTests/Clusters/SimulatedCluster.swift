import FoundationEssentials
import Kubernetes
import Simulator
import Testing

/// A cluster as administrators have them, with what is the matter with it. Its report is the golden file
/// Clusters/NAME.txt.
struct SimulatedCluster: Sendable, CustomTestStringConvertible {
  /// `full-node`.
  var name: String
  /// What is there.
  var scenario: ClusterScenario
  /// What goes wrong with requests once it is up.
  var faults: [Fault] = []
  /// The kubeconfig's token; nil: none.
  var token: String? = "admin-token"
  /// The class of the answers; nil: the default.
  var ingressClass: String?
  /// A namespace that is deleted just before.
  var terminating: String?
  /// By how many seconds the cluster's clock is ahead.
  var clockSkew: TimeInterval = 0
  /// More of the command line.
  var arguments: [String] = []

  var testDescription: String { name }

  /// The healthy cluster with something changed.
  init(_ name: String, _ change: (inout ClusterScenario) -> Void = { _ in }) {
    self.name = name
    scenario = .healthy.with(change)
  }

  /// Another scenario.
  init(_ name: String, of scenario: ClusterScenario) {
    self.name = name
    self.scenario = scenario
  }

  /// With something changed.
  func with(_ change: (inout SimulatedCluster) -> Void) -> SimulatedCluster {
    var copy = self
    change(&copy)
    return copy
  }
}
