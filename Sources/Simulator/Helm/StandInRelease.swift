import Kubernetes

/// A release as its chart renders it.
protocol StandInRelease {
  /// The chart.
  var chart: ChartIdentity { get }
  /// The namespace that it is installed into.
  var namespace: String { get }
  /// The name of its Deployment.
  var deploymentName: String { get }
  /// The objects in the order in which Helm installs them.
  var objects: [JSONValue] { get }
}

/// A chart's name and versions.
struct ChartIdentity {
  var name: String
  var version: String
  var appVersion: String
}
