import Kubernetes
import OrderedCollections

/// The validation of objects that the wizard and its tools may run into, with the server's own texts.
enum Validation {
  typealias Cause = APIError.Cause

  /// What is wrong with a new object.
  static func create(_ object: JSONValue, type: ResourceType) -> [Cause] {
    var causes = name(object, type: type)
    causes += content(object, type: type)
    return causes
  }

  /// What is wrong with a change.
  static func update(from old: JSONValue, to new: JSONValue, type: ResourceType) -> [Cause] {
    var causes: [Cause] = []
    func immutable(_ path: String..., shown: String? = nil) {
      guard let before = old.value(at: path), before != new.value(at: path) else { return }
      let value = new.value(at: path) ?? .null
      let text = shown ?? (value.string.map { "\"\($0)\"" } ?? JSONText.string(value))
      causes.append(
        Cause(
          reason: "FieldValueInvalid", message: "Invalid value: \(text): field is immutable",
          field: path.joined(separator: ".")))
    }
    switch type.kind {
    case "Secret":
      immutable("type")
      if old["immutable"] == true, old["data"] != new["data"] {
        causes.append(
          Cause(
            reason: "FieldValueForbidden", message: "Forbidden: field is immutable when `immutable` is set",
            field: "data"))
      }
    case "Deployment", "ReplicaSet", "DaemonSet": immutable("spec", "selector")
    case "StorageClass": immutable("provisioner")
    case "IngressClass": immutable("spec", "controller")
    case "RoleBinding", "ClusterRoleBinding":
      if old["roleRef"] != new["roleRef"] {
        causes.append(
          Cause(
            reason: "FieldValueInvalid",
            message: "Invalid value: \(JSONText.string(new["roleRef"] ?? .null)): cannot change roleRef",
            field: "roleRef"))
      }
    default: break
    }
    return causes + content(new, type: type)
  }

  private static let label =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    + "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
  private static let subdomain =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    + "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    + "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

  static func isLabel(_ text: Substring) -> Bool {
    guard let first = text.utf8.first, let last = text.utf8.last else { return false }
    func isAlphanumeric(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) }
    return isAlphanumeric(first) && isAlphanumeric(last)
      && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
  }

  private static func name(_ object: JSONValue, type: ResourceType) -> [Cause] {
    let name = object.name
    func invalid(_ message: String) -> Cause {
      Cause(reason: "FieldValueInvalid", message: "Invalid value: \"\(name)\": \(message)", field: "metadata.name")
    }
    if name.isEmpty {
      return [
        Cause(
          reason: "FieldValueRequired", message: "Required value: name or generateName is required",
          field: "metadata.name")
      ]
    }
    // RBAC names may be anything that fits in a path.
    if type.group == "rbac.authorization.k8s.io" {
      return name.contains("/") || name.contains("%") ? [invalid("may not contain '/'")] : []
    }
    let isLabelKind = ["Namespace", "Service"].contains(type.kind)
    if name.utf8.count > (isLabelKind ? 63 : 253) {
      return [invalid("must be no more than \(isLabelKind ? 63 : 253) characters")]
    }
    if isLabelKind { return isLabel(name[...]) ? [] : [invalid(label)] }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    return parts.allSatisfy { isLabel($0) } ? [] : [invalid(subdomain)]
  }

  private static func required(_ field: String, _ why: String = "") -> Cause {
    Cause(
      reason: "FieldValueRequired", message: why.isEmpty ? "Required value" : "Required value: \(why)", field: field)
  }

  private static func content(_ object: JSONValue, type: ResourceType) -> [Cause] {
    switch type.kind {
    case "Secret": return secret(object)
    case "ConfigMap": return keys(object["data"], "data")
    case "Pod": return containers(object["spec"], "spec")
    case "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet":
      var causes: [Cause] = []
      if object.value(at: ["spec", "selector"]) == nil { causes.append(required("spec.selector")) }
      let selector = LabelSelector(object: object.value(at: ["spec", "selector"]))
      let labels = object.value(at: ["spec", "template", "metadata", "labels"])?.texts ?? [:]
      if !selector.matches(labels) {
        causes.append(
          Cause(
            reason: "FieldValueInvalid",
            message: "Invalid value: \(goMap(labels)): `selector` does not match template `labels`",
            field: "spec.template.metadata.labels"))
      }
      return causes + containers(object.value(at: ["spec", "template", "spec"]), "spec.template.spec")
    case "IngressClass":
      return object.value(at: ["spec", "controller"]) == nil ? [required("spec.controller")] : []
    case "StorageClass": return object["provisioner"] == nil ? [required("provisioner")] : []
    default: return []
    }
  }

  private static func goMap(_ labels: [String: String]) -> String {
    "map[string]string{"
      + labels.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ", ") + "}"
  }

  private static func keys(_ data: JSONValue?, _ field: String) -> [Cause] {
    (data?.object ?? [:]).keys.filter { key in
      key.isEmpty
        || !key.utf8.allSatisfy { byte in
          (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte)
            || [UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ".")].contains(byte)
        }
    }.map { key in
      Cause(
        reason: "FieldValueInvalid",
        message:
          "Invalid value: \"\(key)\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' "
          + "(e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
        field: "\(field)[\(key)]")
    }
  }

  private static func secret(_ object: JSONValue) -> [Cause] {
    var causes = keys(object["data"], "data")
    func json(_ key: String) {
      guard let text = object["data"]?[key]?.string else {
        causes.append(required("data[\(key)]"))
        return
      }
      do {
        _ = try JSONText.parse(Base64.decode(text) ?? [])
      } catch {
        causes.append(
          Cause(
            reason: "FieldValueInvalid", message: "Invalid value: \"<secret contents redacted>\": \(error.message)",
            field: "data[\(key)]"))
      }
    }
    switch object["type"]?.string {
    case "kubernetes.io/dockerconfigjson": json(".dockerconfigjson")
    case "kubernetes.io/dockercfg": json(".dockercfg")
    case "kubernetes.io/basic-auth":
      if object["data"]?["username"] == nil, object["data"]?["password"] == nil {
        causes += [required("data[username]"), required("data[password]")]
      }
    case "kubernetes.io/tls":
      for key in ["tls.crt", "tls.key"] where object["data"]?[key] == nil { causes.append(required("data[\(key)]")) }
    case "kubernetes.io/service-account-token":
      if object.annotations["kubernetes.io/service-account.name"]?.isEmpty != false {
        causes.append(required("metadata.annotations[kubernetes.io/service-account.name]"))
      }
    default: break
    }
    return causes
  }

  private static func containers(_ spec: JSONValue?, _ field: String) -> [Cause] {
    let containers = spec?["containers"]?.array ?? []
    if containers.isEmpty { return [required("\(field).containers")] }
    var causes: [Cause] = []
    for (index, container) in containers.enumerated() {
      if container["name"]?.string?.isEmpty != false { causes.append(required("\(field).containers[\(index)].name")) }
      if container["image"]?.string?.isEmpty != false { causes.append(required("\(field).containers[\(index)].image")) }
    }
    return causes
  }
}
