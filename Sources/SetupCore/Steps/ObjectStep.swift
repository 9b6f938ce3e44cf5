import Kubernetes
import OrderedCollections
import Text
import YAML

/// An object together with what it is to hold beside its name and our mark: `data`, `roleRef`, annotations in `metadata`.
/// A member that is null must not be there.
struct WantedObject: Sendable {
  let object: ManagedObject
  let members: JSONValue
  /// What is written: where our own write leaves a member out, the server takes it away.
  var written: JSONValue { members.withoutNulls }

  init(_ resource: Resource, _ kind: String, _ name: String, namespace: String?, _ members: JSONValue) {
    object = ManagedObject(resource: resource, kind: kind, name: name, namespace: namespace)
    self.members = members
  }
}

/// Objects without secrets that the answers fully describe: a ConfigMap, a service account with its role binding.
struct ObjectStep: Step {
  let id: StepID
  let title: String
  private let wanted: [WantedObject]
  private let kubectl: Kubectl

  init(id: StepID, title: String, _ wanted: [WantedObject], _ answers: Answers) {
    self.id = id
    self.title = title
    self.wanted = wanted
    kubectl = Kubectl(answers)
  }

  func commands(_ setup: Setup) -> [EquivalentCommand] {
    [kubectl.apply(wanted.map { $0.object.manifest($0.written) })]
  }

  var objects: [Resource] { wanted.map(\.object.resource) }

  func access(namespaceExists: Bool) -> [AccessRequest] { wanted.flatMap(\.object.access) }

  func inspect(_ setup: Setup) async throws -> StepState {
    var changes: [String] = []
    for wanted in wanted {
      let object = wanted.object
      let found = try await setup.kubernetes().find(
        JSONValue.self, object.resource, name: object.name, namespace: object.namespace)?.value
      guard let found else {
        changes.append("create \(object.title)")
        continue
      }
      let differences = Difference.between(found, wanted.members)
      if differences.isEmpty { continue }
      let live = try await setup.kubernetes().find(
        PartialObject.self, object.resource, name: object.name, namespace: object.namespace)?.value
      if let live, !ManagedObject.isOurs(live.metadata) {
        return object.foreign(live.metadata, differences: differences)
      }
      changes += differences.map { "change \(object.title): \($0)" }
    }
    let names = wanted.map(\.object.title).joined(separator: ", ")
    return changes.isEmpty ? .done("\(names) \(wanted.count == 1 ? "is" : "are") as it should be") : .needed(changes)
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    for wanted in wanted { try await wanted.object.apply(wanted.written, setup.kubernetes()) }
  }

  func traces(_ setup: Setup) async throws -> [Trace] {
    var traces: [Trace] = []
    for wanted in wanted.reversed() { traces.append(try await wanted.object.trace(setup.kubernetes())) }
    return traces
  }
}

/// Where an object is not what it should be.
enum Difference {
  /// Each place where what is wanted does not stand, as `data.config.json is "x", not "y"`. What else the object holds
  /// is nobody's business here.
  static func between(_ live: JSONValue, _ wanted: JSONValue, at path: String = "") -> [String] {
    if case .object(let members) = wanted, live == .null || live.object != nil {
      return members.flatMap { key, value in
        between(live[key] ?? .null, value, at: path.isEmpty ? key : "\(path).\(key)")
      }
    }
    return live == wanted ? [] : ["\(path) is \(words(live)), not \(words(wanted))"]
  }

  static func words(_ value: JSONValue) -> String {
    switch value {
    case .null: "not set"
    case .bool(let flag): "\(flag)"
    case .integer(let number): "\(number)"
    case .double(let number): "\(number)"
    case .string(let text): "\"\(OutsideText.clean(text, limit: 60))\""
    case .array(let elements): "[\(elements.map(words).joined(separator: ", "))]"
    case .object(let members): "{\(members.keys.joined(separator: ", "))}"
    }
  }
}

extension JSONValue {
  /// The value without members that are null.
  fileprivate var withoutNulls: JSONValue {
    guard case .object(let members) = self else { return self }
    return .object(members.filter { $0.value != .null }.mapValues(\.withoutNulls))
  }
}
