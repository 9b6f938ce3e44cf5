public import FoundationEssentials
public import Kubernetes
import YAML

/// Which clusters and ingress controllers will do, with the dates on which that changes. Empty: nothing is known.
public struct PlatformRequirements: Sendable, Equatable {
  /// The highest Kubernetes minor version of major 1.
  public var kubernetesMaximumMinor = 99
  /// The last day of upstream's fixes by Kubernetes minor version.
  public var endOfLife: [Int: Date] = [:]
  /// The lowest OpenShift version.
  public var openShiftMinimum = SemanticVersion(4, 8)
  /// Architectures that the images are built for.
  public var architectures: [String] = []
  /// The lowest version of ingress-nginx' chart.
  public var chartMinimum = SemanticVersion(4, 0)
  /// The lowest Traefik version that reads ingress-nginx' annotations.
  public var traefikMinimum = SemanticVersion(3, 7)
  /// The day from which ingress-nginx gets no fixes.
  public var ingressNginxRetired: Date?
  /// The last day on which AKS patches its ingress-nginx add-on.
  public var azurePatchesEnd: Date?

  /// Nothing known.
  public init() {}

  /// Reads them from the root of requirements.yaml.
  init(_ root: YAMLNode?) throws {
    func text(_ path: String...) throws -> String {
      guard let text = path.reduce(root, { $0?[$1] })?.text else {
        throw SetupError(.tool, "requirements.yaml has no \(path.joined(separator: "."))")
      }
      return text
    }
    func version(_ path: String, _ key: String) throws -> SemanticVersion {
      guard let version = SemanticVersion(try text(path, key)) else {
        throw SetupError(.tool, "requirements.yaml: \(path).\(key) is no version")
      }
      return version
    }
    func date(_ text: String) throws -> Date {
      guard let date = Timestamp.rfc3339("\(text)T00:00:00Z") else {
        throw SetupError(.tool, "requirements.yaml: \(text) is no date")
      }
      return date
    }
    kubernetesMaximumMinor = try version("kubernetes", "maximum").minor
    for entry in root?["kubernetes"]?["endOfLife"]?.mapping ?? [] {
      guard let minor = SemanticVersion(entry.key)?.minor, let day = entry.value.text else {
        throw SetupError(.tool, "requirements.yaml: kubernetes.endOfLife.\(entry.key) is no date of a version")
      }
      endOfLife[minor] = try date(day)
    }
    openShiftMinimum = try version("openshift", "minimum")
    architectures = (root?["node"]?["architectures"]?.sequence ?? []).compactMap(\.text)
    chartMinimum = try version("ingress", "chartMinimum")
    traefikMinimum = try version("ingress", "traefikMinimum")
    ingressNginxRetired = try date(text("ingress", "retired"))
    azurePatchesEnd = try date(text("ingress", "azurePatchesEnd"))
  }

  /// The minor versions that upstream still mends at that time, the oldest first.
  func supported(at now: Date) -> [Int] { endOfLife.filter { $0.value.addingTimeInterval(86_400) > now }.keys.sorted() }
}

extension Date {
  /// `2026-11-24`, in UTC.
  var utcDay: String { String(ISO8601Format().prefix(10)) }
  /// `November 2026`, in UTC.
  var utcMonth: String {
    let months = [
      "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
      "December",
    ]
    let parts = utcDay.split(separator: "-").compactMap { Int($0) }
    guard parts.count == 3, months.indices.contains(parts[1] - 1) else { return utcDay }
    return "\(months[parts[1] - 1]) \(parts[0])"
  }
}
