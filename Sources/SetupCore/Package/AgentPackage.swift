import Text

/// DataRobot's agent package, unpacked: `datarobot_mlops_package-11.2.62` with the chart and what the images are built of.
public struct AgentPackage: Sendable, Equatable {
  /// Its folder.
  public var folder: String
  /// `11.2.62`; nil: nothing in it tells.
  public var version: String?
  /// The chart of the management agent.
  public var chart: Chart
  /// What the images of both agents are built by, as far as it is there.
  public var imageBuilds: [ImageBuild]
  /// What a package has and this one has not, by path below the folder.
  public var missing: [String]
  /// What does not fit together in it, in sentences.
  public var doubts: [String]

  static let chartPath = "tools/charts/\(Chart.agentName)"

  /// Finds a package, unpacks it into the user's cache if that has not been done, and looks into it.
  public static func open(
    _ source: PackageSource, world: World, limits: TarLimits = .package, report: PackageReport? = nil
  ) async throws -> AgentPackage {
    switch source {
    case .folder(let path): return try await read(path, name: FileNames.last(of: path), world)
    case .archive(let path):
      let archive = try await TarArchive(path, world: world)
      return try await PackageCache(world: world).unpack(archive, limits, report: report) { folder in
        try await read(folder, name: FileNames.last(of: path), world)
      }
    }
  }

  /// The build of an image; throws where the package cannot build it.
  public func imageBuild(_ role: ImageBuild.Role) throws(SetupError) -> ImageBuild {
    let needed = missing.filter { $0 != Self.chartPath }
    guard let build = imageBuilds.first(where: { $0.role == role }), needed.isEmpty else {
      throw SetupError(
        .usage, "\(folder) cannot build the image of the \(role.words): it lacks \(needed.joined(separator: ", "))",
        next: "Take the package as DataRobot offers it, or name an image that is in the registry already.")
    }
    return build
  }

  /// The folder that the package's own folders are in: this one, or the only one in it; nil: neither.
  static func root(of folder: String, _ world: World) throws -> String? {
    func isRoot(_ path: String) throws -> Bool { try chart(in: path, world) != nil }
    if try isRoot(folder) { return folder }
    let inner = try world.files.list(folder).map { folder + "/" + $0 }.filter { try isRoot($0) }
    return inner.count == 1 ? inner.first : nil
  }

  /// The chart in a package's folder, unpacked or packed; nil: there is none.
  private static func chart(in root: String, _ world: World) throws -> String? {
    let path = root + "/" + chartPath
    if try world.files.kind(path) == .directory { return path }
    let folder = FileNames.folder(of: path)
    guard try world.files.kind(folder) == .directory else { return nil }
    let packed = try world.files.list(folder).filter { FileNames.matches($0, "\(Chart.agentName)-*.tgz") }
    return packed.count == 1 ? "\(folder)/\(packed[0])" : nil
  }

  /// Reads a folder. `name`: the archive or folder that a person named, for messages.
  static func read(_ folder: String, name: String, _ world: World) async throws -> AgentPackage {
    guard let root = try root(of: folder, world), let path = try chart(in: root, world) else {
      let found = try world.files.list(folder).prefix(8).map { OutsideText.clean($0, limit: 60) }
      throw SetupError(
        .usage,
        "\(name) is no agent package: it has no \(chartPath), but \(found.isEmpty ? "nothing" : found.joined(separator: ", "))",
        next: "The package is called \(PackageSource.pattern).tar.gz; fetch it from DataRobot's developer tools.")
    }
    let loaded = await ChartLoader(world: world).load(path)
    guard let chart = loaded.value else {
      let reason = if case .failed(let failure) = loaded { failure.message } else { "its chart cannot be read" }
      throw SetupError(.usage, "\(name) is no whole agent package: \(reason)", next: "Fetch it anew.")
    }
    var missing = try ["lib", "conf"].filter { try world.files.kind(root + "/" + $0) != .directory }
    var builds: [ImageBuild] = []
    for role in ImageBuild.Role.allCases {
      if let build = try ImageBuild.read(role, in: root, world) {
        builds.append(build)
      } else {
        missing.append(role.folder + "/Makefile")
      }
    }
    var doubts: [String] = []
    if chart.name != Chart.agentName {
      doubts.append("Its chart is called \(OutsideText.clean(chart.name, limit: 100)).")
    }
    let version = try version(of: root, name: name, world, &doubts)
    return AgentPackage(
      folder: root, version: version, chart: chart, imageBuilds: builds, missing: missing, doubts: doubts)
  }

  /// What the folder's name, a version file and the libraries say; the first counts, what differs from it is a doubt.
  private static func version(
    of root: String, name: String, _ world: World, _ doubts: inout [String]
  ) throws -> String? {
    var found: [(place: String, version: String)] = []
    let folder = FileNames.last(of: root)
    for place in [folder, name] where FileNames.matches(place, PackageSource.pattern) {
      if let version = FileNames.version(in: place) { found.append((place, version)) }
    }
    for file in ["VERSION", "version", "version.txt"] where try world.files.kind("\(root)/\(file)") == .file {
      let text = String(decoding: try world.files.readPart("\(root)/\(file)", 0, 200), as: UTF8.self)
      let line = text.split(whereSeparator: \.isNewline).first.map { String($0).trimmed(to: 100) }
      if let version = FileNames.version(in: line ?? "") { found.append((file, version)) }
    }
    for file in try world.files.list(root + "/lib") {
      let isAgent = ["datarobot_mlops-", "mlops-agent-", "mlops-agents-"].contains { file.hasPrefix($0) }
      if isAgent, let version = FileNames.version(in: file, withSuffix: false) {
        found.append(("lib/\(file)", version))
      }
    }
    guard let first = found.first else { return nil }
    for other in found.dropFirst() where other.version != first.version && !first.version.hasPrefix(other.version + "-")
    {
      doubts.append(
        OutsideText.clean(
          "\(first.place) says version \(first.version), \(other.place) says \(other.version).", limit: 300))
    }
    return first.version
  }
}
