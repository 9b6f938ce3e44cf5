import Text

extension ChartLoader {
  /// A packed chart, as `helm package` makes it. Nothing of an archive that is none is unpacked.
  func packed(_ path: String) async throws -> Chart {
    if FileNames.matches(FileNames.last(of: path), PackageSource.pattern) {
      throw ObservationFailure(
        .absent, "\(path) is an agent package and no chart",
        remedy: Remedy("Name it under agent.tarball, and leave chart.path out."))
    }
    let archive = try await TarArchive(path, world: world)
    guard archive.compression == .gzip else {
      throw Self.refusal(path, "is not compressed with gzip, and helm reads no other")
    }
    let cache = PackageCache(world: world, shelf: .charts)
    return try await cache.unpack(archive, .chart, report: nil, judge: Self.judge) { place in
      guard let root = try world.files.list(place).first else { throw Self.refusal(path, "is empty") }
      return try read("\(place)/\(root)", as: path) { "\($0) of \(path)" }
    }
  }

  /// Helm takes what lies in the first folder of each path together, whatever that is called; a file beside it, it refuses.
  private static func judge(_ contents: TarContents) throws(ObservationFailure) {
    var folders: Set<Substring> = []
    for (name, entry) in contents.entries where !name.contains("/") {
      guard entry == .directory else {
        throw refusal(contents.archive, "is no packed chart: \(OutsideText.clean(name, limit: 100)) is in no folder")
      }
      folders.insert(name[...])
    }
    guard folders.count == 1, let root = folders.first else {
      let names = folders.sorted().prefix(5).map { OutsideText.clean(String($0), limit: 100) }
      throw refusal(
        contents.archive, "is no packed chart: it has several folders, \(names.joined(separator: ", "))")
    }
    let metadata = "\(root)/Chart.yaml"
    guard case .file? = contents.entries[metadata] else {
      throw refusal(contents.archive, "is no packed chart: it has no \(OutsideText.clean(metadata, limit: 100))")
    }
    if let stored = contents.storedNames[metadata], stored.prefix(while: { $0 != "/" }) != root {
      throw refusal(
        contents.archive, "cannot be read by helm: what is in it is called \(OutsideText.clean(stored, limit: 100))")
    }
  }

  private static func refusal(_ path: String, _ problem: String) -> ObservationFailure {
    ObservationFailure(
      .absent, "\(path) \(problem)",
      remedy: Remedy("Pack the chart with helm package, or name its unpacked folder."))
  }
}
