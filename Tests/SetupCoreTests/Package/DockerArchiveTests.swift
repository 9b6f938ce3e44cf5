import FoundationEssentials
import TestSupport
import Testing

@testable import SetupCore

@Suite("An image archive is read without being loaded", .serialized, .timeLimit(.minutes(2)))
struct DockerArchiveTests {
  private static let reference = "datarobot/datarobot-portable-prediction-api:11.2.0"

  @Test("What docker save's like wrote, packed and not", arguments: ["pps.tar", "pps.tar.gz"])
  func docker(name: String) async throws {
    try await withPackageStage { stage in
      let path = try await ImageArchive(architecture: "arm64").write(in: stage.scratch.path, name: name)
      let archive = try await DockerArchive.read(path, world: stage.world)
      #expect(archive.path == path)
      #expect(archive.layout == .docker)
      #expect(archive.size == (try stage.world.files.status(path)?.size))
      let image = try #require(archive.images.first)
      #expect(archive.images.count == 1)
      // Skopeo writes the registry's name, docker does not.
      #expect(image.references == ["docker.io/" + Self.reference])
      #expect(image.architecture == "arm64")
      #expect(image.system == "linux")
      #expect(image.layers == 1)
      #expect(image.size > 1024)
      // Skopeo tells the same digest of it.
      let skopeo = try TestProgram("skopeo", debianPackage: "skopeo")
      if name == "pps.tar" {
        let manifest = try await skopeo.run(["inspect", "--raw", "docker-archive:\(path)"])
        #expect(manifest.contains(image.configDigest))
      }
      #expect(try stage.cached() == [])
    }
  }

  @Test("An OCI layout, with the name that containerd or the specification gives it", arguments: [".tar", ".tar.gz"])
  func oci(suffix: String) async throws {
    try await withPackageStage { stage in
      let path = try await ImageArchive().writeLayout(in: stage.scratch.path, name: "image\(suffix)")
      let archive = try await DockerArchive.read(path, world: stage.world)
      #expect(archive.layout == .oci)
      #expect(archive.images.map(\.references) == [[Self.reference]])
      #expect(archive.images.first?.architecture == "amd64")
      #expect(try stage.cached() == [])
    }
  }

  private static let digest = String(repeating: "0123456789abcdef", count: 4)

  private func read(_ builder: TarBuilder, _ limits: TarLimits = .images) async throws -> (DockerArchive?, SetupError?)
  {
    try await withPackageStage { stage in
      let path = stage.scratch.file("image.tar")
      try await builder.write(to: path)
      defer { #expect((try? stage.cached()) == []) }
      do {
        return (try await DockerArchive.read(path, world: stage.world, limits: limits), nil)
      } catch let error as SetupError {
        return (nil, error)
      }
    }
  }

  private static func docker(
    config: String = "\(digest).json", tags: String = "[\"a/b:1.0.0\"]", layers: String = "[\"l1/layer.tar\"]"
  ) -> TarBuilder {
    TarBuilder().adding("\(digest).json", text: #"{"architecture":"amd64","os":"linux"}"#)
      .adding("l1/layer.tar", text: "12345")
      .adding("manifest.json", text: #"[{"Config":"\#(config)","RepoTags":\#(tags),"Layers":\#(layers)}]"#)
  }

  @Test("A shared layer is a link, several names and none are fine")
  func details() async throws {
    let shared = Self.docker(tags: "[\"a/b:1\",\"c:2\"]", layers: "[\"l1/layer.tar\",\"l2/layer.tar\"]")
      .adding("l2/layer.tar", .symbolicLink, link: "../l1/layer.tar")
    let (archive, _) = try await read(shared)
    #expect(archive?.images.first?.references == ["a/b:1", "c:2"])
    #expect(archive?.images.first?.size == 10)
    #expect(archive?.images.first?.configDigest == "sha256:" + Self.digest)
    #expect(try await read(Self.docker(tags: "null")).0?.images.first?.references == [])
  }

  @Test("An index of several machines is followed, what is for none is left out")
  func index() async throws {
    func blob(_ letter: Character) -> String { String(repeating: letter, count: 64) }
    let builder = TarBuilder()
      .adding(
        "index.json",
        text:
          #"{"manifests":[{"digest":"sha256:\#(blob("a"))","annotations":{"io.containerd.image.name":"docker.io/a/b:1"}}]}"#
      )
      .adding(
        "blobs/sha256/\(blob("a"))",
        text: """
          {"manifests":[{"digest":"sha256:\(blob("b"))","platform":{"architecture":"arm64","os":"linux"}},
          {"digest":"sha256:\(blob("e"))","platform":{"architecture":"unknown","os":"unknown"}}]}
          """
      )
      .adding(
        "blobs/sha256/\(blob("b"))",
        text: #"{"config":{"digest":"sha256:\#(blob("c"))"},"layers":[{"digest":"sha256:\#(blob("d"))"}]}"#
      )
      .adding("blobs/sha256/\(blob("c"))", text: #"{"architecture":"arm64"}"#)
      .adding("blobs/sha256/\(blob("d"))", text: "123")
    let image = try await read(builder).0?.images.first
    #expect(
      image
        == DockerArchive.Image(
          references: ["docker.io/a/b:1"], configDigest: "sha256:" + blob("c"), architecture: "arm64", system: nil,
          size: 3, layers: 1, blobs: ["sha256:" + blob("d"): 3]))
    // An index that is its own.
    let circle = TarBuilder()
      .adding("index.json", text: #"{"manifests":[{"digest":"sha256:\#(blob("a"))"}]}"#)
      .adding("blobs/sha256/\(blob("a"))", text: #"{"manifests":[{"digest":"sha256:\#(blob("a"))"}]}"#)
    #expect(try await read(circle).1?.message.contains("indexes within indexes") == true)
  }

  @Test("What is wrong is told by name, and nothing is left")
  func wrong() async throws {
    func message(_ builder: TarBuilder, _ limits: TarLimits = .images) async throws -> String {
      try await read(builder, limits).1?.message ?? "none"
    }
    #expect(try await message(TarBuilder().adding("readme")).contains("neither manifest.json nor index.json"))
    #expect(try await message(Self.docker(config: "../../etc/passwd")).contains("no digest"))
    #expect(try await message(Self.docker(config: "other/\(Self.digest).json")).contains("other/"))
    #expect(try await message(Self.docker(tags: "[\"A B\"]")).contains("A B"))
    #expect(try await message(Self.docker(layers: "[\"l9/layer.tar\"]")).contains("l9/layer.tar is not in it"))
    #expect(
      try await message(TarBuilder().adding("manifest.json", text: "[{]")).contains(
        "manifest.json is not what it should be"))
    #expect(try await message(TarBuilder().adding("manifest.json", text: "[]")).contains("no image"))
    #expect(
      try await message(Self.docker().adding("x", .symbolicLink, link: "/etc/passwd")).contains(
        "x is a link to /etc/passwd"))
    #expect(try await message(Self.docker(), TarLimits(members: 2)).contains("more than 2 members"))
    #expect(
      try await message(TarBuilder().adding("manifest.json", text: String(repeating: " ", count: 5 << 20))).contains(
        "neither"))
    let linked = TarBuilder().adding("real", text: "[]").adding("manifest.json", .symbolicLink, link: "real")
    #expect(try await message(linked).contains("neither"))
  }
}
