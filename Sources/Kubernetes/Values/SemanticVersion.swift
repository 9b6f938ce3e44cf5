/// A version as semver.org 2.0 orders it; a leading `v` and missing minor or patch numbers are accepted, as Helm does.
public struct SemanticVersion: Sendable, Hashable {
  /// 1 of 1.24.0.
  public var major: Int
  /// 24 of 1.24.0.
  public var minor: Int
  /// 0 of 1.24.0.
  public var patch: Int
  /// What stands behind `-`: `rc.1`. A version with it comes before the one without.
  public var prerelease: String
  /// What stands behind `+`; it takes no part in comparisons.
  public var build: String

  /// A version from its parts.
  public init(_ major: Int, _ minor: Int, _ patch: Int = 0, prerelease: String = "", build: String = "") {
    self.major = major
    self.minor = minor
    self.patch = patch
    self.prerelease = prerelease
    self.build = build
  }

  /// Parses `v1.24.3-rc.1+k3s1`; nil where the text is no version.
  public init?(_ text: String) {
    var rest = text[...]
    if rest.first == "v" || rest.first == "V" { rest.removeFirst() }
    let halves = rest.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
    let parts = halves[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let fields = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    guard (1...3).contains(fields.count) else { return nil }
    var numbers: [Int] = []
    for field in fields {
      guard field.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = Int(field)
      else { return nil }
      numbers.append(number)
    }
    if parts.count == 2, !Self.isIdentifierList(parts[1]) { return nil }
    if halves.count == 2, !Self.isIdentifierList(halves[1]) { return nil }
    self.init(
      numbers[0], numbers.count > 1 ? numbers[1] : 0, numbers.count > 2 ? numbers[2] : 0,
      prerelease: parts.count == 2 ? String(parts[1]) : "", build: halves.count == 2 ? String(halves[1]) : "")
  }

  private static func isIdentifierList(_ text: Substring) -> Bool {
    text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { identifier in
      !identifier.isEmpty && identifier.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }
    }
  }
}

extension SemanticVersion: Comparable, CustomStringConvertible {
  /// Equal in order: the build is left out.
  public static func == (left: SemanticVersion, right: SemanticVersion) -> Bool {
    (left.major, left.minor, left.patch, left.prerelease) == (right.major, right.minor, right.patch, right.prerelease)
  }

  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(major)
    hasher.combine(minor)
    hasher.combine(patch)
    hasher.combine(prerelease)
  }

  /// The order of semver.org, section 11.
  public static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
    let numbers = ((left.major, left.minor, left.patch), (right.major, right.minor, right.patch))
    if numbers.0 != numbers.1 { return numbers.0 < numbers.1 }
    if left.prerelease.isEmpty || right.prerelease.isEmpty {
      return !left.prerelease.isEmpty && right.prerelease.isEmpty
    }
    let identifiers = (left.prerelease.split(separator: "."), right.prerelease.split(separator: "."))
    for (one, other) in zip(identifiers.0, identifiers.1) where one != other {
      switch (Int(one), Int(other)) {
      case (let number?, let otherNumber?): return number < otherNumber
      case (.some, nil): return true
      case (nil, .some): return false
      case (nil, nil): return one.utf8.lexicographicallyPrecedes(other.utf8)
      }
    }
    return identifiers.0.count < identifiers.1.count
  }

  /// `1.24.3-rc.1+k3s1`, without a `v`.
  public var description: String {
    "\(major).\(minor).\(patch)" + (prerelease.isEmpty ? "" : "-\(prerelease)") + (build.isEmpty ? "" : "+\(build)")
  }
}
