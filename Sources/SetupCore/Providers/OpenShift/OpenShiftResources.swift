import Kubernetes

extension Resource {
  /// `routes` of route.openshift.io/v1.
  static let routes = Resource(group: "route.openshift.io", "routes", namespaced: true)
  /// `configs` of imageregistry.operator.openshift.io/v1: one, `cluster`.
  static let imageRegistryConfigs = Resource(
    group: "imageregistry.operator.openshift.io", "configs", namespaced: false)
  /// `imagestreams` of image.openshift.io/v1.
  static let imageStreams = Resource(group: "image.openshift.io", "imagestreams", namespaced: true)
  /// `projectrequests` of project.openshift.io/v1.
  static let projectRequests = Resource(group: "project.openshift.io", "projectrequests", namespaced: false)
  /// `projects` of project.openshift.io/v1.
  static let projects = Resource(group: "project.openshift.io", "projects", namespaced: false)
  /// `securitycontextconstraints` of security.openshift.io/v1.
  static let securityContextConstraints = Resource(
    group: "security.openshift.io", "securitycontextconstraints", namespaced: false)
}
