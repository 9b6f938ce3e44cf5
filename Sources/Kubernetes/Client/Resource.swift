/// A kind of object as the API's paths name it.
public struct Resource: Sendable, Hashable {
  /// `apps`; empty for the core group.
  public var group: String
  /// `v1`.
  public var version: String
  /// The plural: `deployments`.
  public var name: String
  /// Whether its objects live in namespaces.
  public var isNamespaced: Bool

  /// A resource from its parts.
  public init(group: String = "", version: String = "v1", _ name: String, namespaced: Bool) {
    self.group = group
    self.version = version
    self.name = name
    self.isNamespaced = namespaced
  }

  /// The path of a collection or an object: `/apis/apps/v1/namespaces/x/deployments/y/scale`. A nil namespace is all
  /// namespaces; it is left out where the resource has none.
  public func path(namespace: String? = nil, name: String? = nil, subresource: String? = nil) -> String {
    var path = group.isEmpty ? "/api/\(version)" : "/apis/\(percentEncoded(group))/\(version)"
    if isNamespaced, let namespace { path += "/namespaces/\(percentEncoded(namespace))" }
    path += "/\(self.name)"
    if let name { path += "/\(percentEncoded(name))" }
    if let subresource { path += "/\(subresource)" }
    return path
  }

  /// As kubectl writes it: `deployments.apps`.
  public var qualifiedName: String { group.isEmpty ? name : "\(name).\(group)" }

  /// `apps/v1`, or `v1` for the core group.
  public var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }
}

extension Resource {
  /// `nodes` of v1.
  public static let nodes = Resource("nodes", namespaced: false)
  /// `namespaces` of v1.
  public static let namespaces = Resource("namespaces", namespaced: false)
  /// `pods` of v1.
  public static let pods = Resource("pods", namespaced: true)
  /// `secrets` of v1.
  public static let secrets = Resource("secrets", namespaced: true)
  /// `configmaps` of v1.
  public static let configMaps = Resource("configmaps", namespaced: true)
  /// `serviceaccounts` of v1.
  public static let serviceAccounts = Resource("serviceaccounts", namespaced: true)
  /// `services` of v1.
  public static let services = Resource("services", namespaced: true)
  /// `events` of v1.
  public static let events = Resource("events", namespaced: true)
  /// `resourcequotas` of v1.
  public static let resourceQuotas = Resource("resourcequotas", namespaced: true)
  /// `limitranges` of v1.
  public static let limitRanges = Resource("limitranges", namespaced: true)
  /// `persistentvolumeclaims` of v1.
  public static let persistentVolumeClaims = Resource("persistentvolumeclaims", namespaced: true)
  /// `deployments` of apps/v1.
  public static let deployments = Resource(group: "apps", "deployments", namespaced: true)
  /// `replicasets` of apps/v1.
  public static let replicaSets = Resource(group: "apps", "replicasets", namespaced: true)
  /// `statefulsets` of apps/v1.
  public static let statefulSets = Resource(group: "apps", "statefulsets", namespaced: true)
  /// `daemonsets` of apps/v1.
  public static let daemonSets = Resource(group: "apps", "daemonsets", namespaced: true)
  /// `ingresses` of networking.k8s.io/v1.
  public static let ingresses = Resource(group: "networking.k8s.io", "ingresses", namespaced: true)
  /// `ingressclasses` of networking.k8s.io/v1.
  public static let ingressClasses = Resource(group: "networking.k8s.io", "ingressclasses", namespaced: false)
  /// `storageclasses` of storage.k8s.io/v1.
  public static let storageClasses = Resource(group: "storage.k8s.io", "storageclasses", namespaced: false)
  /// `roles` of rbac.authorization.k8s.io/v1.
  public static let roles = Resource(group: "rbac.authorization.k8s.io", "roles", namespaced: true)
  /// `rolebindings` of rbac.authorization.k8s.io/v1.
  public static let roleBindings = Resource(group: "rbac.authorization.k8s.io", "rolebindings", namespaced: true)
  /// `selfsubjectaccessreviews` of authorization.k8s.io/v1.
  public static let selfSubjectAccessReviews = Resource(
    group: "authorization.k8s.io", "selfsubjectaccessreviews", namespaced: false)
  /// `subjectaccessreviews` of authorization.k8s.io/v1.
  public static let subjectAccessReviews = Resource(
    group: "authorization.k8s.io", "subjectaccessreviews", namespaced: false)
  /// `localsubjectaccessreviews` of authorization.k8s.io/v1.
  public static let localSubjectAccessReviews = Resource(
    group: "authorization.k8s.io", "localsubjectaccessreviews", namespaced: true)
  /// `selfsubjectreviews` of authentication.k8s.io/v1.
  public static let selfSubjectReviews = Resource(
    group: "authentication.k8s.io", "selfsubjectreviews", namespaced: false)
  /// `selfsubjectrulesreviews` of authorization.k8s.io/v1.
  public static let selfSubjectRulesReviews = Resource(
    group: "authorization.k8s.io", "selfsubjectrulesreviews", namespaced: false)
}

/// Percent-encodes all but RFC 3986's unreserved characters.
func percentEncoded(_ text: String) -> String {
  var result = ""
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
      result.unicodeScalars.append(Unicode.Scalar(byte))
    default:
      result += "%" + hexadecimal(byte)
    }
  }
  return result
}
