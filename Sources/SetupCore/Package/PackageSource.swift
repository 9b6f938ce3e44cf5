import Kubernetes
import Text

/// Where an agent package is: what a person wrote, resolved.
public enum PackageSource: Sendable, Equatable {
  /// The tarball as it was downloaded; an absolute path.
  case archive(String)
  /// An unpacked one; an absolute path.
  case folder(String)

  /// How DataRobot names its packages.
  static let pattern = "datarobot_mlops_package-*"

  /// Resolves a path, a folder that packages were downloaded to, or a pattern with `*` in its last part; `~` is the home
  /// folder. Of several the newest version is taken.
  public static func find(_ text: String, world: World, relativeTo base: String? = nil) throws -> PackageSource {
    let path = world.absolutePath(text, relativeTo: base)
    let name = FileNames.last(of: path)
    if FileNames.folder(of: path).contains("*") {
      throw SetupError(
        .usage, "\(text): a * can stand in the last part of a path only",
        next: "Name the folder, or the archive itself.")
    }
    if name.contains("*") { return try newest(of: name, in: FileNames.folder(of: path), text, world) }
    switch try world.files.kind(path) {
    case .file?: return .archive(path)
    case .directory?:
      // A folder with downloads in it is as good as the pattern.
      if try AgentPackage.root(of: path, world) == nil, !(try candidates(for: pattern, in: path, world)).isEmpty {
        return try newest(of: pattern, in: path, text, world)
      }
      return .folder(path)
    case .other?:
      throw SetupError(.usage, "\(text) is neither a file nor a folder", next: "Name the agent tarball.")
    case nil:
      throw SetupError(
        .usage, "there is no file \(path)",
        next: try hint(name, in: FileNames.folder(of: path), world) ?? "Name the agent tarball as it was downloaded.")
    }
  }

  private static func candidates(for pattern: String, in folder: String, _ world: World) throws -> [String] {
    try world.files.list(folder).filter { name in
      guard FileNames.matches(name, pattern) else { return false }
      let isArchive = FileNames.archiveSuffixes.contains { name.lowercased().hasSuffix($0) }
      switch try world.files.kind(folder + "/" + name) {
      case .directory?: return true
      // A checksum beside an archive has its name too.
      case .file?: return isArchive
      case .other?, nil: return false
      }
    }
  }

  private static func newest(
    of pattern: String, in folder: String, _ text: String, _ world: World
  ) throws -> PackageSource {
    let names = try candidates(for: pattern, in: folder, world)
    let versions = names.map { FileNames.version(in: $0).flatMap { SemanticVersion($0) } }
    // One without a version comes before all others.
    let newest = zip(names, versions).filter { pair in
      versions.allSatisfy { other in
        guard let other else { return true }
        return pair.1.map { $0 >= other } ?? false
      }
    }.map(\.0)
    guard let first = newest.first else {
      throw SetupError(
        .usage, "\(text) describes no package: there is none in \(folder)",
        next: try hint(pattern, in: folder, world) ?? "Name the agent tarball as it was downloaded.")
    }
    if newest.count > 1 {
      let list = newest.map { OutsideText.clean($0, limit: 100) }.joined(separator: ", ")
      throw SetupError(
        .usage, "\(text) describes more than one package of the same version: \(list)", next: "Name one of them.")
    }
    let path = folder + "/" + first
    return try world.files.kind(path) == .directory ? .folder(path) : .archive(path)
  }

  /// What might have been meant.
  private static func hint(_ name: String, in folder: String, _ world: World) throws -> String? {
    guard try world.files.kind(folder) == .directory else { return "There is no folder \(folder) either." }
    let names = try candidates(for: "*", in: folder, world)
    let near = names.filter { FileNames.matches($0, pattern) }
    if !near.isEmpty {
      let list = near.prefix(5).map { OutsideText.clean($0, limit: 100) }.joined(separator: ", ")
      return "\(folder) has \(list): name one of these."
    }
    return DidYouMean.nearest(to: name, among: names).map { "Did you mean \(OutsideText.clean($0, limit: 100))?" }
  }
}
