import Kubernetes
import OrderedCollections

/// The least OpenAPI that kubectl accepts: one PATCH operation a kind that says `fieldValidation` is supported, so that
/// it leaves the validation to the server.
enum OpenAPIDocument {
  /// `/openapi/v2` as older clients read it: a protobuf document without definitions, which is no bytes at all. They
  /// then check nothing before they send.
  static let v2 = APIResponse(
    status: 200,
    headers: [("Content-Type", "application/octet-stream")], body: .bytes([]))

  /// `/openapi/v3`: where each group version's document is.
  static func index(_ discovery: Discovery) -> JSONValue {
    var paths: JSONValue = [:]
    for path in groupVersionPaths(discovery) {
      paths[path] = ["serverRelativeURL": .string("/openapi/v3/\(path)?hash=0")]
    }
    return ["paths": paths]
  }

  private static func groupVersionPaths(_ discovery: Discovery) -> [String] {
    ["api/v1"] + discovery.groups.flatMap { group in group.versions.map { "apis/\(group.name)/\($0)" } }
  }

  /// `/openapi/v3/apis/apps/v1`.
  static func document(_ path: String, _ discovery: Discovery) -> JSONValue? {
    guard groupVersionPaths(discovery).contains(path) else { return nil }
    let groupVersion = String(path.drop { $0 != "/" }.dropFirst())
    var paths: JSONValue = [:]
    for type in discovery.resources where type.groupVersion == groupVersion {
      let place = type.isNamespaced ? "/namespaces/{namespace}" : ""
      let parameters: JSONValue = ["dryRun", "fieldManager", "fieldValidation", "force"].reduce(into: []) {
        list, name in
        list = .array((list.array ?? []) + [["name": .string(name), "in": "query", "schema": ["type": "string"]]])
      }
      paths["/\(path)\(place)/\(type.name)/{name}"] = [
        "patch": [
          "operationId": .string("patch\(type.kind)"),
          "parameters": parameters,
          "responses": ["200": ["description": "OK"]],
          "x-kubernetes-group-version-kind": [
            "group": .string(type.group), "version": .string(type.version), "kind": .string(type.kind),
          ],
        ]
      ]
    }
    return [
      "openapi": "3.0.0",
      "info": ["title": "Kubernetes", "version": .string(discovery.version.gitVersion)],
      "paths": paths,
      "components": ["schemas": [:]],
    ]
  }
}
