/// One thing to look at. Checks name the probes they need; each is sent once, side by side with the others.
public enum Probe: String, Sendable, CaseIterable {
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
}
