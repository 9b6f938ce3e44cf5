/// The resources that only OpenShift has.
enum OpenShiftResources {
  /// Lines as in `ResourceTable`; custom and aggregated resources carry no storage hash.
  static let lines: [(groupVersion: String, table: String)] = [
    (
      "config.openshift.io/v1",
      """
      clusterversions ClusterVersion - - - s
      images Image - - - s
      infrastructures Infrastructure - - - s
      ingresses Ingress - - - s
      """
    ),
    ("image.openshift.io/v1", "imagestreams ImageStream N is - sa"),
    ("imageregistry.operator.openshift.io/v1", "configs Config - - - s"),
    ("route.openshift.io/v1", "routes Route N - - sa"),
    ("security.openshift.io/v1", "securitycontextconstraints SecurityContextConstraints - scc - -"),
    ("user.openshift.io/v1", "users User - - - -"),
    ("apps.openshift.io/v1", "deploymentconfigs DeploymentConfig N dc - sc"),
  ]

  /// Resources that are no objects of their own: projects are namespaces seen through their owner's eyes.
  static let special: [ResourceType] = [
    ResourceType(
      group: "project.openshift.io", version: "v1", name: "projectrequests", kind: "ProjectRequest",
      isNamespaced: false, verbs: ["create", "list"]),
    ResourceType(
      group: "project.openshift.io", version: "v1", name: "projects", kind: "Project", isNamespaced: false,
      verbs: ["create", "delete", "get", "list", "patch", "update", "watch"]),
  ]
}
