import FoundationEssentials
import Registry
import Text

/// A tarball that `docker save` or its like wrote, for instance of the Portable Prediction Server. It is read without
/// being loaded anywhere.
public struct DockerArchive: Sendable, Equatable {
  /// How the images stand in it.
  public enum Layout: String, Sendable {
    /// `manifest.json`, as `docker load` reads it. Newer ones hold an OCI layout besides.
    case docker
    /// `index.json` and blobs alone (OCI image specification, image layout).
    case oci
  }

  /// An image in it.
  public struct Image: Sendable, Equatable {
    /// The names it is loaded under, with tags; empty where it has none.
    public var references: [String]
    /// `sha256:` and 64 digits: what docker calls the image's id.
    public var configDigest: String
    /// `amd64`; nil: the image does not tell.
    public var architecture: String?
    /// `linux`.
    public var system: String?
    /// The size of its layers in the archive, in bytes.
    public var size: UInt64
    /// How many layers it has.
    public var layers: Int
    /// The sizes of its layers by digest, in the archive's form of them; none where the image does not name them all.
    public var blobs: [String: UInt64] = [:]
  }

  /// The archive's absolute path.
  public var path: String
  /// The archive's size in bytes.
  public var size: UInt64
  /// How the images stand in it.
  public var layout: Layout
  /// The images, in the archive's order.
  public var images: [Image]

  /// Reads an archive; all of it is listed and judged, and no layer is unpacked.
  public static func read(
    _ path: String, world: World, limits: TarLimits = .images
  ) async throws -> DockerArchive {
    let archive = try await TarArchive(path, world: world)
    let contents = try await archive.contents(limits)
    var documents: [String] = []
    var room: UInt64 = 0
    for (name, entry) in contents.entries {
      guard case .file(let size) = entry, isDocument(name), size <= documentLimit else { continue }
      documents.append(name)
      room += size
    }
    guard documents.contains("manifest.json") || documents.contains("index.json") else {
      throw SetupError(
        .usage, "\(path) is no image archive: it has neither manifest.json nor index.json",
        next: "The archive of the Portable Prediction Server is meant, as DataRobot offers it or docker save writes it."
      )
    }
    if room > allDocumentsLimit {
      throw SetupError(
        .usage, "\(path) is refused: it has more than \(ByteCount(allDocumentsLimit)) of small files",
        next: "Fetch it again and compare its size and checksum.")
    }
    return try await PackageCache(world: world).withMembers(
      documents.map { contents.storedNames[$0] ?? $0 }, of: archive
    ) { folder in
      let reader = Reader(archive: archive, contents: contents, folder: folder, world: world)
      let isDocker = documents.contains("manifest.json")
      let images = try isDocker ? reader.dockerImages() : reader.ociImages()
      if images.isEmpty { throw reader.malformed("there is no image in it") }
      return DockerArchive(
        path: path, size: archive.status.size, layout: isDocker ? .docker : .oci, images: images)
    }
  }

  /// Manifests and configurations are far smaller; layers mostly are not.
  private static let documentLimit: UInt64 = 1 << 20
  private static let allDocumentsLimit: UInt64 = 256 << 20

  /// By its place. A small layer among the blobs does no harm.
  private static func isDocument(_ name: String) -> Bool {
    let parts = name.split(separator: "/")
    return parts.count == 1 ? name.hasSuffix(".json") : parts.count == 3 && parts[0] == "blobs"
  }
}

/// Reads the documents of an archive.
private struct Reader {
  let archive: TarArchive
  let contents: TarContents
  let folder: String
  let world: World

  private struct Manifest: Decodable {
    struct Descriptor: Decodable {
      struct Platform: Decodable {
        var architecture: String
        var os: String
      }
      var mediaType: String?
      var digest: String
      var platform: Platform?
      var annotations: [String: String]?
    }
    var config: Descriptor?
    var layers: [Descriptor]?
    var manifests: [Descriptor]?
  }

  private struct DockerEntry: Decodable {
    var config: String
    var repoTags: [String]?
    var layers: [String]?

    enum CodingKeys: String, CodingKey {
      case config = "Config"
      case repoTags = "RepoTags"
      case layers = "Layers"
    }
  }

  private struct ImageConfig: Decodable {
    struct RootFileSystem: Decodable {
      var digests: [String]?
      enum CodingKeys: String, CodingKey { case digests = "diff_ids" }
    }
    var architecture: String?
    var os: String?
    var rootfs: RootFileSystem?
  }

  func malformed(_ problem: String) -> SetupError {
    SetupError(
      .usage, "the image archive \(archive.path) cannot be used: \(problem)",
      next: "Fetch it again and compare its size and checksum.")
  }

  func dockerImages() throws -> [DockerArchive.Image] {
    try document([DockerEntry].self, at: "manifest.json").map { entry in
      // `0123….json`, or `blobs/sha256/0123…`.
      let name = FileNames.last(of: entry.config)
      let digest = "sha256:" + (name.hasSuffix(".json") ? String(name.dropLast(5)) : name)
      return try image(
        references: entry.repoTags ?? [], digest: digest, config: entry.config, layers: entry.layers ?? [])
    }
  }

  func ociImages() throws -> [DockerArchive.Image] {
    try images(of: try document(Manifest.self, at: "index.json"), depth: 0, references: [])
  }

  private func images(of index: Manifest, depth: Int, references: [String]) throws -> [DockerArchive.Image] {
    var images: [DockerArchive.Image] = []
    let descriptors = index.manifests ?? []
    if depth > 1 || descriptors.count > 100 {
      throw malformed("it has indexes within indexes, or more than 100 images")
    }
    for descriptor in descriptors {
      // Attestations and the like say that they are for no machine.
      if descriptor.platform?.architecture == "unknown" { continue }
      let own = references.isEmpty ? names(descriptor.annotations ?? [:]) : references
      let manifest = try document(Manifest.self, at: try blob(descriptor.digest))
      if manifest.manifests != nil {
        images += try self.images(of: manifest, depth: depth + 1, references: own)
      } else if let config = manifest.config {
        images.append(
          try image(
            references: own, digest: config.digest, config: try blob(config.digest),
            layers: (manifest.layers ?? []).map { try blob($0.digest) }))
      }
    }
    return images
  }

  /// containerd writes the whole name; the specification's own annotation may be the tag alone, which names nothing.
  private func names(_ annotations: [String: String]) -> [String] {
    if let name = annotations["io.containerd.image.name"] { return [name] }
    guard let name = annotations["org.opencontainers.image.ref.name"] else { return [] }
    return name.contains(":") || name.contains("/") ? [name] : []
  }

  private func image(
    references: [String], digest: String, config: String, layers: [String]
  ) throws -> DockerArchive.Image {
    guard digest.utf8.count == 71, digest.dropFirst(7).allSatisfy({ $0.isASCII && $0.isHexDigit && !$0.isUppercase })
    else {
      throw malformed("\(shown(digest)) is no digest")
    }
    for reference in references {
      do throws(ImageReferenceError) {
        _ = try ImageReference(reference)
      } catch {
        throw malformed("it names an image \(shown(reference)): \(error.problem)")
      }
    }
    let settings = try document(ImageConfig.self, at: config)
    var size: UInt64 = 0
    var blobs: [String: UInt64] = [:]
    let digests = settings.rootfs?.digests ?? []
    for (index, layer) in layers.enumerated() {
      let bytes = try layerSize(layer)
      size += bytes
      // A compressed layer is a blob under the digest of its compressed form.
      if layer.hasPrefix("blobs/") {
        blobs["sha256:" + FileNames.last(of: layer)] = bytes
      } else if digests.count == layers.count {
        blobs[digests[index]] = bytes
      }
    }
    return DockerArchive.Image(
      references: references, configDigest: digest, architecture: settings.architecture.map { shown($0) },
      system: settings.os.map { shown($0) }, size: size, layers: layers.count, blobs: blobs)
  }

  /// Docker writes a layer that two images share once, and a link for the other.
  private func layerSize(_ path: String) throws -> UInt64 {
    var parts = path.split(separator: "/").map(String.init)
    for _ in 0..<16 {
      switch contents.entries[parts.joined(separator: "/")] {
      case .file(let size)?: return size
      case .link(let target)?:
        parts.removeLast()
        for part in target.split(separator: "/") {
          if part == ".." { _ = parts.popLast() } else if part != "." { parts.append(String(part)) }
        }
      case .directory?, nil: throw malformed("the layer \(shown(path)) is not in it")
      }
    }
    throw malformed("the layer \(shown(path)) is a link that leads nowhere")
  }

  private func blob(_ digest: String) throws -> String {
    let parts = digest.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2,
      parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber) } })
    else { throw malformed("\(shown(digest)) is no digest") }
    return "blobs/\(parts[0])/\(parts[1])"
  }

  /// A document that is a file of the archive; nothing else below the folder, and nothing outside, is opened.
  private func document<Value: Decodable>(_ type: Value.Type, at path: String) throws -> Value {
    guard case .file? = contents.entries[path], let bytes = try world.files.read(folder + "/" + path) else {
      throw malformed("\(shown(path)) is not in it, or is too large")
    }
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
      throw malformed("\(shown(path)) is not what it should be")
    }
  }

  private func shown(_ text: String) -> String { OutsideText.clean(text, limit: 200) }
}
