import Kubernetes
import OrderedCollections

/// What a server says of itself: its version, groups and resources.
struct Discovery: Sendable {
  var version: ClusterVersion
  /// What makes it an OpenShift; nil: it is none.
  var openShift: OpenShiftPlatform?
  let resources: [ResourceType]

  init(version: ClusterVersion, openShift: OpenShiftPlatform? = nil) {
    self.version = version
    self.openShift = openShift
    let current = ResourceTable.resources(minor: version.minor, isOpenShift: openShift != nil)
    var all = current
    for group in Self.groups(minor: version.minor, resources: current) {
      for older in group.versions where !current.contains(where: { $0.group == group.name && $0.version == older }) {
        let like = current.filter {
          $0.group == group.name && $0.version == (group.name == "autoscaling" ? "v1" : $0.version)
        }
        all += ResourceTable.others(group: group.name, version: older, current: like)
      }
    }
    resources = all
  }

  /// The groups in the order of a real server, their versions with the preferred one first.
  var groups: [(name: String, versions: [String])] { Self.groups(minor: version.minor, resources: resources) }

  private static func groups(minor: Int, resources: [ResourceType]) -> [(name: String, versions: [String])] {
    func older(_ limit: Int, _ version: String) -> [String] { minor < limit ? [version] : [] }
    let flowControl =
      minor >= 29 ? ["v1"] + older(32, "v1beta3") : minor >= 26 ? ["v1beta3", "v1beta2"] : ["v1beta2", "v1beta1"]
    var groups: [(name: String, versions: [String])] = [
      ("apiregistration.k8s.io", ["v1"]),
      ("apps", ["v1"]),
      ("events.k8s.io", ["v1"] + older(25, "v1beta1")),
      ("authentication.k8s.io", ["v1"]),
      ("authorization.k8s.io", ["v1"]),
      ("autoscaling", (minor >= 23 ? ["v2", "v1"] : ["v1"]) + older(25, "v2beta1") + older(26, "v2beta2")),
      ("batch", ["v1"] + older(25, "v1beta1")),
      ("certificates.k8s.io", ["v1"]),
      ("networking.k8s.io", ["v1"]),
      ("policy", ["v1"] + older(25, "v1beta1")),
      ("rbac.authorization.k8s.io", ["v1"]),
      ("storage.k8s.io", ["v1"] + older(27, "v1beta1")),
      ("admissionregistration.k8s.io", ["v1"]),
      ("apiextensions.k8s.io", ["v1"]),
      ("scheduling.k8s.io", ["v1"]),
      ("coordination.k8s.io", ["v1"]),
      ("node.k8s.io", ["v1"] + older(25, "v1beta1")),
      ("discovery.k8s.io", ["v1"] + older(25, "v1beta1")),
      ("flowcontrol.apiserver.k8s.io", flowControl),
    ]
    for type in resources where !groups.contains(where: { $0.name == type.group }) && !type.group.isEmpty {
      groups.append((type.group, [type.version]))
    }
    return groups
  }

  func type(group: String, version: String, name: String) -> ResourceType? {
    resources.first { $0.group == group && $0.version == version && $0.name == name }
  }

  /// The type of a group and kind, for owner references and the like.
  func type(apiVersion: String, kind: String) -> ResourceType? {
    resources.first { $0.groupVersion == apiVersion && $0.kind == kind }
  }

  var versionDocument: JSONValue {
    var document: JSONValue = [
      "major": "1", "minor": .string("\(version.minor)\(version.minorSuffix)"),
      "gitVersion": .string(version.gitVersion),
      "gitCommit": "2cc6ddc68588debdbb6806e1b57e73207505324f", "gitTreeState": "clean",
      "buildDate": "2022-05-06T09:44:28Z", "goVersion": "go1.21.13", "compiler": "gc", "platform": "linux/amd64",
    ]
    if version.minor >= 33 {
      document["emulationMajor"] = "1"
      document["emulationMinor"] = .string(String(version.minor))
      document["minCompatibilityMajor"] = "1"
      document["minCompatibilityMinor"] = .string(String(version.minor - 1))
    }
    return document
  }

  func coreVersions(address: String) -> JSONValue {
    [
      "kind": "APIVersions", "versions": ["v1"],
      "serverAddressByClientCIDRs": [["clientCIDR": "0.0.0.0/0", "serverAddress": .string(address)]],
    ]
  }

  var groupList: JSONValue {
    ["kind": "APIGroupList", "apiVersion": "v1", "groups": .array(groups.map(Self.document))]
  }

  func group(_ name: String) -> JSONValue? {
    guard let group = groups.first(where: { $0.name == name }) else { return nil }
    var document: JSONValue = ["kind": "APIGroup", "apiVersion": "v1"]
    for (key, value) in Self.document(group).object ?? [:] { document[key] = value }
    return document
  }

  private static func document(_ group: (name: String, versions: [String])) -> JSONValue {
    let versions: [JSONValue] = group.versions.map {
      ["groupVersion": .string("\(group.name)/\($0)"), "version": .string($0)]
    }
    return ["name": .string(group.name), "versions": .array(versions), "preferredVersion": versions[0]]
  }

  func resourceList(group: String, version: String) -> JSONValue? {
    let known = group.isEmpty ? version == "v1" : groups.contains { $0.name == group && $0.versions.contains(version) }
    guard known else { return nil }
    let groupVersion = group.isEmpty ? version : "\(group)/\(version)"
    var list: JSONValue = ["kind": "APIResourceList"]
    if !group.isEmpty { list["apiVersion"] = "v1" }
    list["groupVersion"] = .string(groupVersion)
    var entries: [JSONValue] = []
    let types = resources.filter { $0.groupVersion == groupVersion }.sorted { $0.name < $1.name }
    for type in types {
      entries.append(document(type))
      for part in type.subresources { entries.append(document(part, of: type)) }
    }
    list["resources"] = .array(entries)
    return list
  }

  private func document(_ type: ResourceType) -> JSONValue {
    var entry: JSONValue = [
      "name": .string(type.name), "singularName": .string(version.minor >= 27 ? type.kind.lowercased() : ""),
      "namespaced": .bool(type.isNamespaced), "kind": .string(type.kind),
      "verbs": .array(type.verbs.map { .string($0) }),
    ]
    if !type.shortNames.isEmpty { entry["shortNames"] = .array(type.shortNames.map { .string($0) }) }
    if !type.categories.isEmpty { entry["categories"] = .array(type.categories.map { .string($0) }) }
    if let hash = type.storageVersionHash { entry["storageVersionHash"] = .string(hash) }
    return entry
  }

  private func document(_ part: ResourceType.Subresource, of type: ResourceType) -> JSONValue {
    var entry: JSONValue = [
      "name": .string("\(type.name)/\(part.name)"), "singularName": "", "namespaced": .bool(type.isNamespaced),
    ]
    if let group = part.group { entry["group"] = .string(group) }
    if let version = part.version { entry["version"] = .string(version) }
    entry["kind"] = .string(part.kind)
    entry["verbs"] = .array(part.verbs.map { .string($0) })
    return entry
  }
}

/// The version that a simulated server reports.
public struct ClusterVersion: Sendable, Equatable {
  /// The minor version: 31 for Kubernetes 1.31.
  public var minor: Int
  /// The patch version.
  public var patch: Int
  /// What a vendor appends to `gitVersion`: `-eks-8cb36c9`, `+k3s1`.
  public var vendorSuffix: String
  /// What a vendor appends to `minor`: `+` on EKS.
  public var minorSuffix: String

  /// A version from its parts.
  public init(minor: Int, patch: Int = 0, vendorSuffix: String = "", minorSuffix: String = "") {
    self.minor = minor
    self.patch = patch
    self.vendorSuffix = vendorSuffix
    self.minorSuffix = minorSuffix
  }

  /// `v1.31.0-eks-8cb36c9`.
  public var gitVersion: String { "v1.\(minor).\(patch)\(vendorSuffix)" }
  /// `v1.31.0`, as nodes report it.
  var plain: String { "v1.\(minor).\(patch)" }
}
