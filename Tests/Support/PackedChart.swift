import FoundationEssentials

/// The stand-in chart, packed as `helm package` does it.
public struct PackedChart: Sendable {
  /// Which keys it has.
  public var generation: AgentTarball.Generation
  /// Files by path below the chart's folder, laid over its own.
  public var changes: [String: String]

  /// A chart.
  public init(_ generation: AgentTarball.Generation = .current, changes: [String: String] = [:]) {
    self.generation = generation
    self.changes = changes
  }

  /// Makes its folder in another and tells its path.
  @discardableResult
  public func unpacked(in folder: String) throws -> String {
    let root = "\(folder)/datarobot-management-agent"
    try FileManager.default.copyItem(atPath: generation.chart, toPath: root)
    for (path, text) in changes {
      let file = URL(filePath: "\(root)/\(path)")
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    return root
  }

  /// Makes the archive and tells its path.
  @discardableResult
  public func write(to path: String) async throws -> String {
    let work = try ScratchDirectory("mlops-setup-chart")
    defer { work.remove() }
    try unpacked(in: work.path)
    try await TestProgram("tar", debianPackage: "tar").run([
      "--create", "--gzip", "--file=\(path)", "--directory=\(work.path)", "datarobot-management-agent",
    ])
    return path
  }
}
