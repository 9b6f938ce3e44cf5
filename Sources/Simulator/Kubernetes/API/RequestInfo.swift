/// What a path asks for, as a server's authorizer sees it (k8s.io/apiserver, RequestInfo).
struct RequestInfo: Equatable {
  /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`; the lower-case method elsewhere.
  var verb: String
  /// The path, percent-decoding left out.
  var path: String
  var isResource = false
  var group = ""
  var version = ""
  var namespace = ""
  var resource = ""
  var subresource = ""
  var name = ""

  init(method: String, path: String, query: RequestQuery) {
    self.path = path
    verb = method.lowercased()
    var parts = path.split(separator: "/", omittingEmptySubsequences: true).map { RequestQuery.decode(String($0)) }
    guard let root = parts.first, root == "api" || root == "apis" else { return }
    parts.removeFirst()
    if root == "apis" {
      guard parts.count >= 3 else { return }
      group = parts.removeFirst()
    } else {
      guard parts.count >= 2 else { return }
    }
    version = parts.removeFirst()
    isResource = true
    if parts.first == "watch" { parts.removeFirst() }
    if parts.first == "namespaces", parts.count >= 2 {
      namespace = parts[1]
      // namespaces/NAME/status and /finalize are parts of the namespace itself.
      if parts.count >= 3, !(parts.count == 3 && ["status", "finalize"].contains(parts[2])) {
        parts.removeFirst(2)
      } else {
        namespace = parts[1]
      }
    }
    resource = parts.first ?? ""
    name = parts.count > 1 ? parts[1] : ""
    // As a namespace is in itself, so is a project.
    if group == "project.openshift.io", resource == "projects" { namespace = name }
    subresource = parts.count > 2 ? parts[2...].joined(separator: "/") : ""
    verb = Self.verb(method: method, isNamed: !name.isEmpty, isWatch: query.flag("watch"))
  }

  private static func verb(method: String, isNamed: Bool, isWatch: Bool) -> String {
    switch method {
    case "GET", "HEAD": isWatch ? "watch" : isNamed ? "get" : "list"
    case "POST": "create"
    case "PUT": "update"
    case "PATCH": "patch"
    case "DELETE": isNamed ? "delete" : "deletecollection"
    default: method.lowercased()
    }
  }
}

/// The parameters of a request's query.
struct RequestQuery: Equatable {
  var items: [(name: String, value: String)]

  static func == (left: RequestQuery, right: RequestQuery) -> Bool {
    left.items.elementsEqual(right.items) { $0 == $1 }
  }

  init(_ text: String) {
    items = text.split(separator: "&").map { item in
      let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      return (Self.decode(String(parts[0])), parts.count > 1 ? Self.decode(String(parts[1])) : "")
    }
  }

  subscript(name: String) -> String? { items.first { $0.name == name }?.value }

  /// Whether a switch is on: `watch`, `watch=true`, `watch=1`.
  func flag(_ name: String) -> Bool {
    guard let value = self[name] else { return false }
    return value != "false" && value != "0"
  }

  func integer(_ name: String) -> Int? { self[name].flatMap { Int($0) } }

  var isDryRun: Bool { self["dryRun"] == "All" }

  /// Percent decoding of a query item; `+` is a blank.
  static func decode(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.first {
      rest = rest.dropFirst()
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte == UInt8(ascii: "+") ? 0x20 : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
