import FoundationEssentials

/// A made-up package of DataRobot's agents, laid out as the real one: DataRobot's own is not public.
public struct AgentTarball: Sendable {
  /// Which keys the chart has.
  public enum Generation: String, Sendable, CaseIterable {
    case current
    case alpha

    /// Where the chart lies, unpacked.
    public var chart: String {
      let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
      let folder = self == .current ? "Resources/chart" : "Tests/Fixtures/charts/alpha"
      return "\(root)/\(folder)/datarobot-management-agent"
    }
  }

  /// The package's version.
  public var version: String
  /// Which keys its chart has.
  public var generation: Generation
  /// Files by path below the package's folder, laid over the others; nil: the file or folder is left out.
  public var changes: [String: String?]

  /// A package that is whole.
  public init(version: String = "11.2.62", generation: Generation = .current, changes: [String: String?] = [:]) {
    self.version = version
    self.generation = generation
    self.changes = changes
  }

  /// `datarobot_mlops_package-11.2.62`.
  public var name: String { "datarobot_mlops_package-\(version)" }

  /// Makes the unpacked package in a folder and tells its path.
  @discardableResult
  public func unpacked(in folder: String) throws -> String {
    let files = FileManager.default
    let root = "\(folder)/\(name)"
    try files.createDirectory(atPath: root + "/tools/charts", withIntermediateDirectories: true)
    try files.copyItem(atPath: generation.chart, toPath: root + "/tools/charts/datarobot-management-agent")
    var texts = ownFiles
    for (path, text) in changes {
      if let text {
        texts[path] = text
      } else {
        texts = texts.filter { $0.key != path && !$0.key.hasPrefix(path + "/") }
        if files.fileExists(atPath: "\(root)/\(path)") { try files.removeItem(atPath: "\(root)/\(path)") }
      }
    }
    for (path, text) in texts {
      let target = URL(filePath: "\(root)/\(path)")
      try files.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: target)
      if path.hasSuffix(".sh") { try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: target.path) }
    }
    return root
  }

  /// Makes the tarball in a folder and tells its path.
  @discardableResult
  public func write(in folder: String, suffix: String = ".tar.gz") async throws -> String {
    let work = try ScratchDirectory("mlops-setup-package")
    defer { work.remove() }
    try unpacked(in: work.path)
    let path = "\(folder)/\(name)\(suffix)"
    let tar = try TestProgram("tar", debianPackage: "tar")
    try await tar.run(["--create", "--auto-compress", "--file=\(path)", "--directory=\(work.path)", name])
    return path
  }

  private var ownFiles: [String: String] {
    var files = [
      "README.md": "MLOps agents, stand-in\n",
      "conf/mlops.agent.conf.yaml": "mlopsUrl: https://app.datarobot.com\n",
      "conf/stdout.mlops.log4j2.properties": "status = warn\n",
      "lib/mlops-agent-\(version).jar": "no jar\n",
      "lib/datarobot_mlops-\(version)-py2.py3-none-any.whl": "no wheel\n",
    ]
    for (folder, image) in [
      ("bosun_docker", "mlops-management-agent"), ("agent_docker", "mlops-tracking-agent"),
    ] {
      files["tools/\(folder)/Makefile"] = Self.makefile(image: image, version: version)
      files["tools/\(folder)/build.sh"] = Self.buildScript
      files["tools/\(folder)/Dockerfile"] = """
        ARG BASE=docker.io/library/eclipse-temurin:17-jre
        FROM ${BASE}
        COPY lib /opt/datarobot/mlops/lib
        COPY conf /opt/datarobot/mlops/conf

        """
    }
    return files
  }

  private static func makefile(image: String, version: String) -> String {
    """
    # Builds and pushes an image of the agents.
    VERSION ?= \(version)
    REGISTRY ?=
    NAME := datarobot/\(image)
    IMAGE = $(if $(REGISTRY),$(REGISTRY)/)$(NAME)

    .PHONY: build push
    build:
    \t./build.sh $(NAME) $(VERSION)

    push: build
    \tdocker tag $(NAME):$(VERSION) $(REGISTRY)/$(NAME):$(VERSION)
    \tdocker push $(REGISTRY)/$(NAME):$(VERSION)
    \tdocker push $(REGISTRY)/$(NAME):latest

    """
  }

  private static let buildScript = """
    #!/bin/sh
    # The libraries and settings are the whole package's.
    set -eu
    cd "$(dirname "$0")"
    cp -R ../../lib ../../conf .
    docker build --build-arg VERSION="$2" \\
      --tag "$1:$2" --tag "$1:latest" .
    rm -rf lib conf

    """
}

/// A small image, as `docker save` writes it.
public struct ImageArchive: Sendable {
  /// The name that it is loaded under.
  public var reference: String
  /// Its architecture.
  public var architecture: String
  /// How many bytes each of its layers has, which nothing compresses; none: one layer with a word in it.
  public var layers: [Int]

  /// An image.
  public init(
    _ reference: String = "datarobot/datarobot-portable-prediction-api:11.2.0", architecture: String = "amd64",
    layers: [Int] = []
  ) {
    self.reference = reference
    self.architecture = architecture
    self.layers = layers
  }

  /// Makes an OCI layout folder, as the specification describes it, and tells its path.
  @discardableResult
  public func layout(in folder: String) async throws -> String {
    let script = """
      import gzip, hashlib, io, json, os, sys, tarfile
      folder, reference, architecture = sys.argv[1:4]
      os.makedirs(folder + "/blobs/sha256")
      def blob(content, kind):
          digest = hashlib.sha256(content).hexdigest()
          with open(folder + "/blobs/sha256/" + digest, "wb") as file:
              file.write(content)
          return {"mediaType": kind, "digest": "sha256:" + digest, "size": len(content)}
      raws = []
      for content in [os.urandom(int(size)) for size in sys.argv[4:]] or [b"PPS!"]:
          layer = io.BytesIO()
          with tarfile.open(fileobj=layer, mode="w") as archive:
              info = tarfile.TarInfo("etc/image")
              info.size = len(content)
              archive.addfile(info, io.BytesIO(content))
          raws.append(layer.getvalue())
      diffs = ["sha256:" + hashlib.sha256(raw).hexdigest() for raw in raws]
      config = {"architecture": architecture, "os": "linux", "config": {},
                "rootfs": {"type": "layers", "diff_ids": diffs}}
      prefix = "application/vnd.oci.image."
      manifest = {"schemaVersion": 2, "mediaType": prefix + "manifest.v1+json",
                  "config": blob(json.dumps(config).encode(), prefix + "config.v1+json"),
                  "layers": [blob(gzip.compress(raw, 1, mtime=0), prefix + "layer.v1.tar+gzip") for raw in raws]}
      entry = blob(json.dumps(manifest).encode(), prefix + "manifest.v1+json")
      entry["annotations"] = {"org.opencontainers.image.ref.name": reference}
      with open(folder + "/index.json", "w") as file:
          json.dump({"schemaVersion": 2, "manifests": [entry]}, file)
      with open(folder + "/oci-layout", "w") as file:
          json.dump({"imageLayoutVersion": "1.0.0"}, file)
      """
    let path = "\(folder)/layout"
    let python = try TestProgram("python3", debianPackage: "python3")
    try await python.run(["-c", script, path, reference, architecture] + layers.map { "\($0)" })
    return path
  }

  /// Makes the archive that `docker load` takes, and tells its path; gzipped where the name ends so.
  @discardableResult
  public func write(in folder: String, name: String = "datarobot-portable-prediction-api-11.2.0.tar.gz") async throws
    -> String
  {
    let work = try ScratchDirectory("mlops-setup-image")
    defer { work.remove() }
    let layout = try await layout(in: work.path)
    let plain = work.file("image.tar")
    let skopeo = try TestProgram("skopeo", debianPackage: "skopeo")
    try await skopeo.run([
      "--insecure-policy", "copy", "--quiet", "oci:\(layout):\(reference)", "docker-archive:\(plain):\(reference)",
    ])
    return try await Self.compress(plain, to: "\(folder)/\(name)")
  }

  /// Makes an archive of an OCI layout, and tells its path.
  @discardableResult
  public func writeLayout(in folder: String, name: String = "image-oci.tar") async throws -> String {
    let work = try ScratchDirectory("mlops-setup-image")
    defer { work.remove() }
    let layout = try await layout(in: work.path)
    let path = "\(folder)/\(name)"
    try await TestProgram("tar", debianPackage: "tar")
      .run(["--create", "--auto-compress", "--file=\(path)", "--directory=\(layout)", "."])
    return path
  }

  private static func compress(_ plain: String, to path: String) async throws -> String {
    if path.hasSuffix(".gz") {
      try await TestProgram("gzip", debianPackage: "gzip").run([plain])
      try FileManager.default.moveItem(atPath: plain + ".gz", toPath: path)
    } else {
      try FileManager.default.moveItem(atPath: plain, toPath: path)
    }
    return path
  }
}
