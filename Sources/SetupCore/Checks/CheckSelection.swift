import Text

/// Which checks a report is about, and which have to run for it: what they build on runs too, as far as it decides
/// whether they can be looked at, but is not reported.
public struct CheckSelection: Sendable {
  /// All that run or are reported, in the catalogue's order.
  public let checks: [Check]
  /// Those that run.
  public let running: Set<CheckID>
  /// Those that are reported.
  public let reported: Set<CheckID>
  /// Those that are reported as left out.
  public let leftOut: Set<CheckID>

  /// Every one of these checks.
  public init(all checks: [Check]) {
    self.checks = checks
    running = Set(checks.map(\.id))
    reported = running
    leftOut = []
  }

  /// Those that `check` names, all where it names none, without those that `skip` names. A name is an id
  /// (`nodes.fit`) or a category (`nodes`). Throws a usage error for a name that nothing has (`known` are the ids of all
  /// there are, whatever the answers), and where nothing is left to check.
  public init(
    _ checks: [Check], known: [CheckID], check: [String], skip: [String], of inspection: Inspection = .preflight
  ) throws(SetupError) {
    for (option, names) in [("--check", check), ("--skip", skip)] {
      for name in names { try Self.prove(name, known, option, inspection) }
    }
    func isNamed(_ id: CheckID, by names: [String]) -> Bool { names.contains { $0 == id.name || $0 == id.category } }
    let wanted = checks.map(\.id).filter { check.isEmpty || isNamed($0, by: check) }
    let left = wanted.filter { isNamed($0, by: skip) }
    guard wanted.count > left.count else {
      let why = left.isEmpty ? "none of them applies to these answers" : "--skip leaves out all that were chosen"
      throw SetupError(.usage, "no check is left to run: \(why)", next: Self.list(inspection))
    }
    reported = Set(wanted)
    leftOut = Set(left)
    var running = reported.subtracting(left)
    var count = -1
    while count != running.count {
      count = running.count
      for check in checks where running.contains(check.id) { running.formUnion(check.after) }
    }
    self.running = running
    self.checks = checks.filter { running.contains($0.id) || left.contains($0.id) }
  }

  private static func list(_ inspection: Inspection) -> String {
    "mlops-setup \(inspection.rawValue) --list names them all."
  }

  private static func prove(
    _ name: String, _ known: [CheckID], _ option: String, _ inspection: Inspection
  ) throws(SetupError) {
    let names = known.map(\.name) + Set(known.map(\.category)).sorted()
    if names.contains(name) { return }
    let hint = DidYouMean.nearest(to: name, among: names).map { "Did you mean \($0)?" }
    throw SetupError(
      .usage, "\(option) \(name): there is no such check or category",
      next: hint ?? list(inspection))
  }
}

extension CheckID {
  /// The part before the dot: `registry` of `registry.push`.
  public var category: String { String(name.prefix { $0 != "." }) }
}

extension CheckCatalog {
  /// Every check there is, whatever the answers: the core's and every registry provider's.
  public static var all: [Check] { core + RegistryProviders.all.flatMap(\.checks) }
}
