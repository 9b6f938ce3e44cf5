import Kubernetes

/// A field selector: `status.phase=Running,spec.nodeName!=node-1`.
struct FieldSelector: Sendable, Equatable {
  struct Term: Sendable, Equatable {
    var path: [String]
    var value: String
    var isNegative: Bool
  }

  var terms: [Term] = []

  static let everything = FieldSelector()

  private init() {}

  /// Which fields an index knows, beside `metadata.name` and `metadata.namespace`.
  private static let fields: [String: Set<String>] = [
    "pods": [
      "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "status.phase",
      "status.podIP", "status.nominatedNodeName",
    ],
    "events": [
      "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
      "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "source",
      "reportingComponent", "type",
    ],
    "secrets": ["type"],
    "namespaces": ["status.phase"],
    "nodes": ["spec.unschedulable"],
    "replicasets": ["status.replicas"],
    "jobs": ["status.successful"],
    "services": ["spec.clusterIP", "spec.type"],
  ]

  init(_ text: String, for type: ResourceType) throws(APIError) {
    for part in text.split(separator: ",") {
      let isNegative = part.contains("!=")
      let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard pieces.count == 2 else {
        throw .badRequest("invalid selector: '\(text)'; can't understand '\(part)'")
      }
      let name = isNegative ? String(pieces[0].dropLast()) : pieces[0]
      let value = !isNegative && pieces[1].hasPrefix("=") ? String(pieces[1].dropFirst()) : pieces[1]
      let isKnown =
        name == "metadata.name" || (name == "metadata.namespace" && type.isNamespaced)
        || Self.fields[type.name]?.contains(name) == true
      guard isKnown else {
        throw .badRequest(
          "Unable to find \"\(type.groupVersion), Resource=\(type.name)\" that match label selector \"\", field selector "
            + "\"\(text)\": field label not supported: \(name)")
      }
      terms.append(Term(path: name.split(separator: ".").map(String.init), value: value, isNegative: isNegative))
    }
  }

  func matches(_ object: JSONValue) -> Bool {
    terms.allSatisfy { term in
      let found: String
      switch object.value(at: term.path) {
      case .string(let text)?: found = text
      case .integer(let number)?: found = String(number)
      case .bool(let flag)?: found = flag ? "true" : "false"
      default: found = term.path == ["spec", "unschedulable"] ? "false" : ""
      }
      return (found == term.value) != term.isNegative
    }
  }
}
