import FoundationEssentials
import Kubernetes
import YAML

/// Which helms the program drives, and until when they are mended (Resources/requirements.yaml).
struct HelmSupport: Sendable, Equatable {
  /// The lowest version.
  var minimum: SemanticVersion
  /// The majors.
  var majors: [Int]
  /// The day on which a major gets its last security fixes: `2027-02-10`.
  var ends: [Int: String]

  /// The documented one.
  static func documented() throws -> HelmSupport {
    let text = String(decoding: PackageResources.requirements_yaml, as: UTF8.self)
    let helm = try YAML.parse(text, source: "requirements.yaml")?["helm"]
    guard let minimum = helm?["minimum"]?.text.flatMap({ SemanticVersion($0) }),
      let majors = helm?["majors"]?.sequence?.compactMap(\.integer), !majors.isEmpty
    else { throw SetupError(.tool, "requirements.yaml has no helm.minimum or helm.majors") }
    let ends = (helm?["supportEnds"]?.mapping ?? []).compactMap { entry in
      Int(entry.key).flatMap { major in entry.value.text.map { (major, $0) } }
    }
    return HelmSupport(minimum: minimum, majors: majors, ends: Dictionary(ends, uniquingKeysWith: { $1 }))
  }

  /// The day on which that major's support ended, where that is past.
  func ended(_ major: Int, now: Date) -> String? {
    guard let day = ends[major], let end = Timestamp.rfc3339(day + "T23:59:59Z"), now > end else { return nil }
    return day
  }
}
