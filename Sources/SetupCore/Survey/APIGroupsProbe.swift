public import Kubernetes

extension Probe {
  /// The API groups that the cluster serves.
  public static let apiGroups = Probe("apiGroups", \.apiGroups, page: .cluster, after: [.cluster]) { setup, _ in
    try await setup.kubernetes().apiGroups().value
  }
  /// OpenShift's own version, where it is OpenShift.
  public static let openShift = Probe("openshift", \.openShiftVersion, page: .cluster, after: [.apiGroups]) {
    setup, survey in
    guard survey.isOpenShift == true else { return OpenShiftVersion() }
    let path = "/apis/config.openshift.io/v1/clusterversions/version"
    return OpenShiftVersion(try await setup.kubernetes().raw(JSONValue.self, path).value)
  }
}

extension Survey {
  /// The API groups that the cluster serves.
  public var apiGroups: Observed<APIGroupList> {
    get { self["cluster/apiGroups"] }
    set { self["cluster/apiGroups"] = newValue }
  }
  /// OpenShift's own version.
  public var openShiftVersion: Observed<OpenShiftVersion> {
    get { self["cluster/openShiftVersion"] }
    set { self["cluster/openShiftVersion"] = newValue }
  }
}

/// What OpenShift's ClusterVersion says (config.openshift.io/v1).
public struct OpenShiftVersion: Sendable, Equatable {
  /// The version that is installed: the newest completed update of the history.
  public var installed: String?
  /// The version that is wanted; another than the installed one during an update.
  public var desired: String?

  /// Nothing known.
  public init(installed: String? = nil, desired: String? = nil) {
    self.installed = installed
    self.desired = desired
  }

  init(_ object: JSONValue) {
    desired = object["status"]?["desired"]?["version"]?.string
    let history = object["status"]?["history"]?.array ?? []
    installed = history.first { $0["state"]?.string == "Completed" }?["version"]?.string
  }
}
