import FoundationEssentials
import TestSupport
import Testing

@testable import SetupCore

@Suite("The agent package", .serialized, .timeLimit(.minutes(2)))
struct AgentPackageTests {
  private func open(_ path: String, _ stage: PackageStage) async throws -> AgentPackage {
    try await AgentPackage.open(PackageSource.find(path, world: stage.world), world: stage.world)
  }

  @Test(
    "Of a tarball of either generation everything in it is read", arguments: AgentTarball.Generation.allCases,
    [".tar.gz", ".tar.zst"])
  func tarball(generation: AgentTarball.Generation, suffix: String) async throws {
    try await withPackageStage { stage in
      try await AgentTarball(generation: generation).write(in: stage.scratch.path, suffix: suffix)
      let package = try await open("datarobot_mlops_package-*\(suffix)", stage)
      #expect(package.folder.hasSuffix("/datarobot_mlops_package-11.2.62"))
      #expect(
        package.folder.hasPrefix(stage.scratch.file("cache/mlops-setup/packages/datarobot_mlops_package-11.2.62-")))
      #expect(package.version == "11.2.62")
      #expect(package.chart.name == "datarobot-management-agent")
      #expect(package.chart.path == package.folder + "/tools/charts/datarobot-management-agent")
      #expect(
        package.chart.examples.map(\.name)
          == (generation == .current ? ["AKE_values.yaml", "AWS_values.yaml"] : ["AWS_values.yaml"]))
      #expect(package.missing == [])
      #expect(package.doubts == [])
      let build = try package.imageBuild(.trackingAgent)
      #expect(build.folder == package.folder + "/tools/agent_docker")
      #expect(try package.imageBuild(.managementAgent).repository == "datarobot/mlops-management-agent")
      // The second time nothing is unpacked.
      #expect(try await open(stage.scratch.path, stage) == package)
      #expect(stage.extractions == 1)
    }
  }

  @Test("An unpacked folder is read where it stands, also through the folder it is in")
  func folder() async throws {
    try await withPackageStage { stage in
      let root = try AgentTarball(version: "10.1.0-rc1").unpacked(in: stage.scratch.path)
      let package = try await open(root, stage)
      #expect(package.folder == root)
      #expect(package.version == "10.1.0-rc1")
      #expect(package.doubts == [])
      let around = try stage.world.files.list(stage.scratch.path)
      #expect(try await AgentPackage.open(.folder(stage.scratch.path), world: stage.world) == package)
      #expect(try stage.world.files.list(stage.scratch.path) == around)
    }
  }

  @Test("A version that only the libraries tell, and one that they contradict")
  func version() async throws {
    try await withPackageStage { stage in
      let root = try AgentTarball(version: "11.2.62").unpacked(in: stage.scratch.path)
      let renamed = stage.scratch.file("agent")
      #expect(try stage.world.files.move(root, renamed))
      #expect(try await open(renamed, stage).version == "11.2.62")
      try stage.world.files.write(renamed + "/VERSION", Array("11.3.1\n".utf8), 0o644)
      let package = try await open(renamed, stage)
      #expect(package.version == "11.3.1")
      #expect(
        package.doubts.first
          == "VERSION says version 11.3.1, lib/datarobot_mlops-11.2.62-py2.py3-none-any.whl says 11.2.62.")
    }
  }

  @Test("What is missing is told by name, and stops only what needs it")
  func missing() async throws {
    try await withPackageStage { stage in
      let path = try await AgentTarball(changes: ["lib": nil, "tools/agent_docker/Makefile": nil])
        .write(in: stage.scratch.path)
      let package = try await open(path, stage)
      #expect(package.missing == ["lib", "tools/agent_docker/Makefile"])
      #expect(package.chart.version.isEmpty == false)
      let error = #expect(throws: SetupError.self) { try package.imageBuild(.managementAgent) }
      #expect(error?.message.hasSuffix("it lacks lib, tools/agent_docker/Makefile") == true)
    }
  }

  @Test("Without its chart it is no agent package, and nothing is left of it")
  func noChart() async throws {
    try await withPackageStage { stage in
      let path = try await AgentTarball(changes: ["tools/charts": nil]).write(in: stage.scratch.path)
      let error = await #expect(throws: SetupError.self) { try await open(path, stage) }
      #expect(
        error?.message.contains("no tools/charts/datarobot-management-agent, but datarobot_mlops_package") == true)
      #expect(try stage.cached() == [])
      let broken = try await AgentTarball(
        version: "1.0.0", changes: ["tools/charts/datarobot-management-agent/Chart.yaml": "name: [\n"]
      ).write(in: stage.scratch.path)
      let other = await #expect(throws: SetupError.self) { try await open(broken, stage) }
      #expect(other?.message.contains("no whole agent package") == true)
      #expect(other?.message.contains("Chart.yaml") == true)
      #expect(try stage.cached() == [])
    }
  }

  @Test("Images, arguments and bases are read out of Makefile, script and Dockerfile")
  func imageBuild() async throws {
    try await withPackageStage { stage in
      let makefile = """
        DOCKER ?= docker
        VERSION = 11.2.62
        REPO := datarobot
        IMAGE = $(REPO)/mlops-tracking-agent  # the name
        .PHONY: build
        all: build
        build:
        \t@$(DOCKER) buildx build --build-arg MLOPS_VERSION=$(VERSION) --build-arg=B=$(shell date) \\
        \t  -t $(IMAGE):$(VERSION) -t ${IMAGE}:latest .
        push: build
        \tfor tag in a b; do docker push $(REGISTRY)/$(IMAGE):$$tag; done
        """
      let dockerfile =
        "FROM --platform=linux/amd64 golang:1.22 AS build\nRUN x\nFROM build AS second\nFROM \\\n  scratch\n"
      let root = try AgentTarball(changes: [
        "tools/agent_docker/Makefile": makefile, "tools/agent_docker/Dockerfile": dockerfile,
        "tools/agent_docker/build.sh": nil,
      ]).unpacked(in: stage.scratch.path)
      let build = try await open(root, stage).imageBuild(.trackingAgent)
      #expect(build.targets == ["all", "build", "push"])
      #expect(
        build.images == [
          "datarobot/mlops-tracking-agent:11.2.62", "datarobot/mlops-tracking-agent:latest",
          "$(REGISTRY)/datarobot/mlops-tracking-agent:$tag",
        ])
      #expect(build.repository == "datarobot/mlops-tracking-agent")
      #expect(build.buildArguments == ["MLOPS_VERSION=11.2.62", "B=$(shell date)"])
      #expect(build.baseImages == ["golang:1.22", "scratch"])
    }
  }

  @Test("A Makefile that refers to itself is read to an end")
  func circle() {
    let makefile = Makefile("A = $(B)$(B)\nB = $(A)$(A)\nC += 1\nC += 2\nD ?= 1\nD ?= 2\n")
    #expect(makefile.expand("$(A)").utf8.count < 100_000)
    let wide = (0..<8).map { "V\($0) = " + String(repeating: "$(V\($0 + 1))", count: 1000) }.joined(separator: "\n")
    #expect(Makefile(wide + "\nV8 =\n").expand("$(V0)").utf8.count < 10_000_000)
    #expect(makefile.expand("$(C) $(D) $$x $(NONE) $") == "1 2 1 $x $(NONE) $")
  }
}

@Suite("Where a package is")
struct PackageSourceTests {
  private func find(_ text: String, _ paths: String...) throws -> PackageSource {
    try PackageSource.find(
      text, world: .fake(files: MemoryFiles(Dictionary(uniqueKeysWithValues: paths.map { ($0, "x") }))))
  }

  private let downloads = "/home/admin/Downloads/datarobot_mlops_package-"

  @Test("A path, with and without ~, absolute and relative")
  func path() throws {
    let path = downloads + "1.2.3.tar.gz"
    #expect(try find("~/Downloads/datarobot_mlops_package-1.2.3.tar.gz", path) == .archive(path))
    #expect(try find(path, path) == .archive(path))
    #expect(try find("p.tar", "/home/admin/work/p.tar") == .archive("/home/admin/work/p.tar"))
    let chart = "/home/admin/work/pkg/tools/charts/datarobot-management-agent/Chart.yaml"
    #expect(try find("./pkg", chart) == .folder("/home/admin/work/pkg"))
  }

  @Test(
    "Of several the newest version is taken, by its numbers",
    arguments: ["~/Downloads/datarobot_mlops_package-*", "~/Downloads"])
  func newest(text: String) throws {
    let found = try find(
      text, downloads + "9.9.9.tar.gz", downloads + "11.2.7.tar.gz", downloads + "11.2.62.tar.gz",
      downloads + "11.2.62-rc1.tar.gz", downloads + "latest.tar.gz", downloads + "12.0.0.tar.gz.sha256",
      "/home/admin/Downloads/other-99.0.0.tar.gz")
    #expect(found == .archive(downloads + "11.2.62.tar.gz"))
  }

  @Test("A pattern may describe a folder, and stands where it likes in the name")
  func pattern() throws {
    let chart = downloads + "2.0.0/tools/charts/datarobot-management-agent/Chart.yaml"
    #expect(try find("~/Downloads/*mlops*-2*", downloads + "1.2.0.tgz", chart) == .folder(downloads + "2.0.0"))
    #expect(try find("~/Downloads/*.tgz", downloads + "1.2.0.tgz", chart) == .archive(downloads + "1.2.0.tgz"))
  }

  private func error(_ text: String, _ paths: String...) -> SetupError? {
    #expect(throws: SetupError.self) {
      try PackageSource.find(
        text, world: .fake(files: MemoryFiles(Dictionary(uniqueKeysWithValues: paths.map { ($0, "x") }))))
    }
  }

  @Test("More than one of the same version are named")
  func ambiguous() {
    let found = error(
      "~/Downloads/*", downloads + "2.0.0.tar.gz", downloads + "2.0.0/lib/x", downloads + "1.0.0.tar.gz")
    #expect(
      found?.message.hasSuffix(
        "more than one package of the same version: datarobot_mlops_package-2.0.0, datarobot_mlops_package-2.0.0.tar.gz"
      )
        == true)
    #expect(
      error("~/Downloads/*", "/home/admin/Downloads/a.tar", "/home/admin/Downloads/b.tar")?.message.contains(
        "a.tar, b.tar") == true)
  }

  @Test("What is not there is told with what is")
  func missing() {
    #expect(
      error("~/Downloads/datarobot_mlops_package-3.0.0.tar.gz", downloads + "2.0.0.tar.gz")?.next
        == "/home/admin/Downloads has datarobot_mlops_package-2.0.0.tar.gz: name one of these.")
    #expect(error("/nowhere/x.tar")?.next == "There is no folder /nowhere either.")
    #expect(error("~/agnet.tar.gz", "/home/admin/agent.tar.gz")?.next == "Did you mean agent.tar.gz?")
    #expect(error("~/*/x.tar.gz")?.message.contains("last part") == true)
    #expect(error("~/Downloads/*.zip", downloads + "2.0.0.tar.gz")?.message.contains("describes no package") == true)
  }

  @Test(
    "A version in a name",
    arguments: [
      ("datarobot_mlops_package-11.2.62.tar.gz", "11.2.62"),
      ("datarobot_mlops_package-11.2.62-rc.1.tgz", "11.2.62-rc.1"),
      ("mlops_8.0.tar", "8.0"), ("10.1.2", "10.1.2"), ("package-7.tar.gz", nil), ("package", nil),
    ] as [(String, String?)])
  func version(name: String, version: String?) {
    #expect(FileNames.version(in: name) == version)
  }
}
