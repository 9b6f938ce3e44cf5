/// What `/version` answers (k8s.io/apimachinery, pkg/version).
public struct ServerVersion: Sendable, Equatable, Codable {
  /// `1`.
  public var major: String
  /// `24`; some vendors write `24+`.
  public var minor: String
  /// `v1.29.4-eks-036c24b`, `v1.30.2+k3s1`.
  public var gitVersion: String
  /// `linux/amd64`.
  public var platform: String?

  /// A version from its parts.
  public init(major: String, minor: String, gitVersion: String, platform: String? = nil) {
    self.major = major
    self.minor = minor
    self.gitVersion = gitVersion
    self.platform = platform
  }

  /// The numbers: the digits of `major` and `minor`, or those of `gitVersion` where they are empty. The patch comes from
  /// `gitVersion`. A vendor's suffix is no prerelease, so 1.29.4-eks-036c24b counts as 1.29.4; alpha, beta and rc are.
  public var version: SemanticVersion? {
    let git = SemanticVersion(gitVersion)
    guard let major = Self.leadingNumber(major) ?? git?.major, let minor = Self.leadingNumber(minor) ?? git?.minor
    else { return nil }
    let isPrerelease = ["alpha", "beta", "rc"].contains { git?.prerelease.hasPrefix($0) == true }
    return SemanticVersion(
      major, minor, git?.patch ?? 0, prerelease: isPrerelease ? git?.prerelease ?? "" : "", build: git?.build ?? "")
  }

  /// Who built it, as far as `gitVersion` says.
  public enum Vendor: String, Sendable, Equatable {
    case eks
    case gke
    case k3s
    case rke2
    case other
  }

  /// Who built it, as far as `gitVersion` says.
  public var vendor: Vendor {
    let text = gitVersion.lowercased()
    if text.contains("-eks-") { return .eks }
    if text.contains("-gke.") { return .gke }
    if text.contains("+k3s") { return .k3s }
    if text.contains("+rke2") { return .rke2 }
    return .other
  }

  private static func leadingNumber(_ text: String) -> Int? { Int(text.prefix { $0.isASCII && $0.isNumber }) }
}

extension ServerVersion: CustomStringConvertible {
  /// `v1.29.4-eks-036c24b`.
  public var description: String { gitVersion }
}
