import Registry
import Text

/// An image of the answers, and where it can be had if the registry does not have it.
struct ImageTask: Sendable, Equatable {
  enum Source: Sendable, Equatable {
    case archive(DockerArchive, image: DockerArchive.Image)
    case build(ImageBuild)
    /// Neither archive nor package has it.
    case nowhere
  }

  let use: ImageUse
  let reference: ImageReference
  let source: Source

  /// The images that pods will run, in the order of `ImageUse`; that of generated images is made by the agent.
  static func all(
    _ answers: Answers, package: AgentPackage?, archives: [DockerArchive]
  ) throws(ImageReferenceError) -> [ImageTask] {
    var tasks: [ImageTask] = []
    for use in ImageUse.allCases where use != .generated {
      guard let text = answers[use.key] else { continue }
      let reference = try ImageReference(text)
      tasks.append(ImageTask(use: use, reference: reference, source: source(use, reference, package, archives)))
    }
    return tasks
  }

  private static func source(
    _ use: ImageUse, _ reference: ImageReference, _ package: AgentPackage?, _ archives: [DockerArchive]
  ) -> Source {
    let named = archives.flatMap { archive in
      archive.images.filter { $0.isNamed(like: reference) }.map { (archive: archive, image: $0) }
    }
    let name = FileNames.last(of: reference.repository)
    if let found = named.first(where: { $0.image.tag(named: name) == reference.tag }) ?? named.first {
      return .archive(found.archive, image: found.image)
    }
    guard let role = use.buildRole, let package else { return .nowhere }
    do { return .build(try package.imageBuild(role)) } catch { return .nowhere }  // it is no whole package
  }

  /// The archive's own name for the image, where it holds several.
  static func member(_ archive: DockerArchive, _ image: DockerArchive.Image) -> String? {
    archive.images.count > 1 ? image.references.first : nil
  }
}

extension ImageUse {
  /// What the package builds for it; nil: nothing.
  var buildRole: ImageBuild.Role? {
    switch self {
    case .managementAgent: .managementAgent
    case .trackingAgent: .trackingAgent
    case .predictionServer, .generated: nil
    }
  }

  /// The last part of its repository's name as DataRobot gives it.
  var imageName: String {
    switch self {
    case .managementAgent: "mlops-management-agent"
    case .trackingAgent: "mlops-tracking-agent"
    case .predictionServer: "datarobot-portable-prediction-api"
    case .generated: "frozen-models"
    }
  }
}

extension ImageBuild {
  /// The names under which `make build` may leave the image: with that tag, with whatever version it says, as `latest`.
  func localNames(_ use: ImageUse, _ tag: String?) -> [String] {
    let name = repository ?? "datarobot/\(use.imageName)"
    let said = images.filter { $0.hasPrefix(name + ":") && !$0.contains("$") && $0 != name + ":latest" }
    var seen: Set<String> = []
    return ((tag.map { ["\(name):\($0)"] } ?? []) + said + ["\(name):latest"]).filter { seen.insert($0).inserted }
  }
}

extension DockerArchive.Image {
  /// Whether it is loaded under the name of that image, whatever its registry, path and tag.
  func isNamed(like reference: ImageReference) -> Bool {
    names.contains(FileNames.last(of: reference.repository))
  }

  /// The tag it is loaded under with that name; nil: none.
  func tag(named name: String) -> String? {
    for text in references {
      do {
        let reference = try ImageReference(text)
        if FileNames.last(of: reference.repository) == name { return reference.tag }
      } catch { continue }  // the archive's reader has refused those
    }
    return nil
  }

  private var names: [String] {
    references.compactMap { text in
      do { return FileNames.last(of: try ImageReference(text).repository) } catch { return nil }
    }
  }
}
