/// One thing to look at. Checks name the probes they need; each is sent once, side by side with the others.
public enum Probe: String, Sendable, CaseIterable {
  /// The kubeconfig and its contexts.
  case kubeconfig
  /// Version, API groups and whether our credentials are good.
  case cluster
  case nodes
  /// Ingress classes and the controllers behind them.
  case ingress
  case namespace
  /// Access reviews for all that the steps need.
  case access
  case registry
  case helm
  case chart
  case dataRobot

  /// What must have been looked at first.
  var after: Set<Probe> {
    switch self {
    case .kubeconfig, .helm, .chart, .registry, .dataRobot: []
    case .cluster: [.kubeconfig]
    case .nodes, .ingress, .namespace: [.cluster]
    case .access: [.namespace]
    }
  }
}

/// What a probe has to say.
typealias SurveyUpdate = @Sendable (inout Survey) -> Void
