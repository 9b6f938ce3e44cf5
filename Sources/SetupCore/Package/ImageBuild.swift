import Text

/// How an image is built from the package, as far as its Makefile and scripts tell without being run.
public struct ImageBuild: Sendable, Equatable {
  /// Whose image it is.
  public enum Role: String, Sendable, CaseIterable {
    case managementAgent
    case trackingAgent

    /// Below the package's folder.
    var folder: String {
      switch self {
      case .managementAgent: "tools/bosun_docker"
      case .trackingAgent: "tools/agent_docker"
      }
    }

    var words: String {
      switch self {
      case .managementAgent: "management agent"
      case .trackingAgent: "tracking agent"
      }
    }
  }

  /// Whose image it is.
  public var role: Role
  /// The folder with the Makefile.
  public var folder: String
  /// The targets that can be made.
  public var targets: [String]
  /// The names and tags that are given to the image; `$(NAME)` stays where its value is not known.
  public var images: [String]
  /// The build arguments, with values as far as they are known.
  public var buildArguments: [String]
  /// The images it is built on.
  public var baseImages: [String]

  /// The image without registry and tag that the others are variants of: `datarobot/mlops-management-agent`.
  public var repository: String? {
    let names = images.map { image in
      let name = image.split(separator: "/").last.map { $0.prefix { $0 != ":" } } ?? ""
      let path = image.split(separator: "/").dropLast().last.map { "\($0)/" } ?? ""
      return path.contains("$") || path.contains(".") || path.contains(":") ? String(name) : path + name
    }
    return names.first { !$0.contains("$") }
  }

  /// Reads a folder of the package; nil: it has no Makefile.
  static func read(_ role: Role, in root: String, _ world: World) throws -> ImageBuild? {
    let folder = root + "/" + role.folder
    guard try world.files.kind(folder + "/Makefile") == .file else { return nil }
    func text(_ name: String) throws -> String {
      // Whoever writes more than this into a Makefile does not want it to be read.
      String(decoding: try world.files.readPart(folder + "/" + name, 0, 256 << 10), as: UTF8.self)
    }
    let makefile = Makefile(try text("Makefile"))
    var commands = makefile.recipes.flatMap { makefile.expand($0).split(separator: "\n").map(String.init) }
    var base: [String] = []
    for name in try world.files.list(folder) where try world.files.kind(folder + "/" + name) == .file {
      if name.hasSuffix(".sh") { commands += Makefile.joined(try text(name)) }
      if name.lowercased().hasPrefix("dockerfile") { base += baseImages(try text(name)) }
    }
    var images: [String] = []
    var arguments: [String] = []
    for command in commands {
      let words = Makefile.words(command)
      let isBuild = words.contains("build") || words.contains("buildx")
      if isBuild {
        images += values(of: ["-t", "--tag"], in: words)
        arguments += values(of: ["--build-arg"], in: words)
      } else if let verb = words.indices.dropFirst().first(where: { index in
        ["tag", "push"].contains(words[index])
          && ["docker", "podman", "nerdctl", "DOCKER)"].contains(where: words[index - 1].hasSuffix)
      }) {
        for word in words[(verb + 1)...] where !word.hasPrefix("-") {
          // What follows is the shell's.
          let end = word.firstIndex { ";&|<>".contains($0) } ?? word.endIndex
          if end > word.startIndex { images.append(String(word[..<end])) }
          if end < word.endIndex { break }
        }
      }
    }
    return ImageBuild(
      role: role, folder: folder, targets: makefile.targets, images: unique(images), buildArguments: unique(arguments),
      baseImages: unique(base))
  }

  private static func values(of options: [String], in words: [String]) -> [String] {
    var values: [String] = []
    for (index, word) in words.enumerated() {
      for option in options {
        if word == option, index + 1 < words.count { values.append(words[index + 1]) }
        if word.hasPrefix(option + "=") { values.append(String(word.dropFirst(option.count + 1))) }
      }
    }
    return values
  }

  private static func baseImages(_ dockerfile: String) -> [String] {
    var stages: Set<String> = []
    var images: [String] = []
    for line in Makefile.joined(dockerfile) {
      let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
      guard words.first?.lowercased() == "from" else { continue }
      let rest = words.dropFirst().filter { !$0.hasPrefix("--") }
      guard let image = rest.first else { continue }
      if !stages.contains(image) { images.append(image) }
      if rest.count == 3, rest[rest.startIndex + 1].lowercased() == "as", let stage = rest.last { stages.insert(stage) }
    }
    return images
  }

  private static func unique(_ texts: [String]) -> [String] {
    var seen: Set<String> = []
    return texts.map { OutsideText.clean($0, limit: 300) }.filter { seen.insert($0).inserted }
  }
}
