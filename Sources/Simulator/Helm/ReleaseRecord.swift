import Kubernetes

/// A revision of a release as Helm stores it in the cluster (helm/helm, pkg/storage/driver).
struct ReleaseRecord {
  var name: String
  var namespace: String
  var chart: ChartIdentity
  var revision: Int
  /// `deployed`, `superseded`, `failed`.
  var status: String
  var description: String
  /// RFC 3339.
  var firstDeployed: String
  var lastDeployed: String
  /// The user's values alone.
  var configuration: JSONValue
  var chartValues: JSONValue
  var objects: [JSONValue]

  var secretName: String { "sh.helm.release.v1.\(name).v\(revision)" }

  /// The release as JSON: what is in the Secret, and what `-o json` prints.
  var document: JSONValue {
    let manifest = objects.map { "---\n\(JSONText.string($0))\n" }.joined()
    return [
      "name": .string(name),
      "info": [
        "first_deployed": .string(firstDeployed), "last_deployed": .string(lastDeployed), "deleted": "",
        "description": .string(description), "status": .string(status), "notes": "",
      ],
      "chart": [
        "metadata": [
          "name": .string(chart.name), "version": .string(chart.version),
          "appVersion": .string(chart.appVersion), "apiVersion": "v2", "type": "application",
        ],
        "lock": nil, "templates": [], "values": chartValues, "schema": nil, "files": [],
      ],
      "config": configuration, "manifest": .string(manifest), "version": .integer(revision),
      "namespace": .string(namespace), "apply_method": "ssa",
    ]
  }

  /// The Secret: the document gzipped, in base64, and as a Secret's data in base64 once more.
  func secret(seconds: Int) -> JSONValue {
    let packed = Base64.encode(GzipStored.encode(JSONText.format(document)))
    return [
      "apiVersion": "v1", "kind": "Secret",
      "metadata": [
        "name": .string(secretName), "namespace": .string(namespace),
        "labels": [
          "createdAt": .string(String(seconds)), "name": .string(name), "owner": "helm", "status": .string(status),
          "version": .string(String(revision)),
        ],
      ],
      "type": "helm.sh/release.v1", "data": ["release": .string(Base64.encode(Array(packed.utf8)))],
    ]
  }

  /// The document in a Secret that this wrote.
  static func document(in secret: JSONValue) -> JSONValue? {
    guard let outer = secret["data"]?["release"]?.string.flatMap(Base64.decode),
      let file = Base64.decode(String(decoding: outer, as: UTF8.self)), file.count > 18
    else { return nil }
    // Our own file: stored blocks behind a head of ten bytes, eight bytes behind them.
    var content: [UInt8] = []
    var position = 10
    while position + 5 <= file.count - 8 {
      let isLast = file[position] & 1 == 1
      let count = Int(file[position + 1]) | Int(file[position + 2]) << 8
      guard position + 5 + count <= file.count else { return nil }
      content += file[(position + 5)..<(position + 5 + count)]
      position += 5 + count
      if isLast { break }
    }
    do { return try JSONText.parse(content) } catch { return nil }  // Another Helm's record.
  }
}
