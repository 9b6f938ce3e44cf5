import FoundationEssentials
import Glibc
import SetupCore
import Simulator
import TestSupport
import Testing

@Suite("Images on their way into a real registry, by a real skopeo")
struct ImagesTests {
  private static let server = ImageArchive(layers: [200_000, 400_000])
  private static let agents = [
    ImageArchive("datarobot/mlops-management-agent:11.2.62", layers: [150_000]),
    ImageArchive("datarobot/mlops-tracking-agent:11.2.62", layers: [100_000, 100_000]),
  ]
  private static let references = [
    "datarobot/mlops-management-agent:11.2.62", "datarobot/mlops-tracking-agent:11.2.62",
    "datarobot/datarobot-portable-prediction-api:11.2.0",
  ]

  /// Without this answer deployed models are not monitored.
  private static func tracking(_ stage: Stage) -> String {
    ", trackingAgent: \"\(stage.registry.host)/\(references[1])\""
  }

  @Test("The install pushes what the plan shows; the registry has it, and a second run sends nothing")
  func fromArchives() async throws {
    try await Stage.with(secrets: Self.secrets, hasImages: false) { stage in
      try await AgentTarball().write(in: stage.folder.path)
      let archives = [
        try await Self.server.write(in: stage.folder.path),
        try await Self.agents[0].write(in: stage.folder.path, name: "management.tar"),
        try await Self.agents[1].writeLayout(in: stage.folder.path, name: "tracking.tar"),
      ]
      // Another version's, first in the list.
      let older = try await ImageArchive("datarobot/mlops-management-agent:11.1.0", layers: [90_000]).write(
        in: stage.folder.path, name: "older.tar")
      try stage.writeAnswers(archives: [older] + archives, images: Self.tracking(stage))

      let before = try await stage.run("preflight", "--answers", "answers.yaml", "--check", "registry.images")
      #expect(before.code == 0, "\(before.out)\n\(before.progress)")
      #expect(before.out.contains("The plan brings what is not there yet"), "\(before.out)")
      let plan = try await stage.run("plan", "--answers", "answers.yaml")
      for (reference, archive) in zip(Self.references, ["management.tar", "tracking.tar", "api-11.2.0.tar.gz"]) {
        let line = plan.out.split(separator: "\n").first {
          $0.contains("push \(stage.registry.host)/\(reference) from ")
        }
        #expect(line?.contains(archive) == true && line?.contains("by skopeo") == true, "\(plan.out)\n\(plan.progress)")
      }
      #expect(try stage.registry.uploads() == [:])

      let arguments = try await RunningProcesses.seen {
        let first = try await stage.run("--answers", "answers.yaml")
        #expect(first.code == 0, "\(first.out)\n\(first.progress)")
        #expect(first.progress.contains("prediction server: is in the registry"), "\(first.progress)")
      }
      #expect(arguments.contains { $0.contains("skopeo") && $0.contains("copy") }, "skopeo was not seen")
      for line in arguments { for secret in Self.canaries { #expect(!line.contains(secret)) } }

      for (reference, archive) in zip(Self.references, [archives[1], archives[2], archives[0]]) {
        let there = try await stage.configurationDigest(reference)
        let sent = try await DockerArchive.read(archive, world: stage.world()).images[0].configDigest
        #expect(there == sent, "\(reference)")
      }
      try expectNothingLeft(stage)

      let uploads = try stage.registry.uploads()
      // Three configurations and five layers.
      #expect(uploads.count == 8 && uploads.values.allSatisfy { $0 == 1 }, "\(uploads)")
      let again = try await stage.run("--answers", "answers.yaml")
      #expect(again.code == 0, "\(again.out)\n\(again.progress)")
      #expect(again.out.contains("Nothing was changed"))
      #expect(try stage.registry.uploads() == uploads)
    }
  }

  @Test("Docker builds the agents' images, loads the server's, tags and pushes them; its login is in no argv")
  func byDocker() async throws {
    try await Stage.with(secrets: Self.secrets, hasImages: false) { stage in
      try await AgentTarball().write(in: stage.folder.path)
      let archive = try await Self.server.write(in: stage.folder.path)
      try stage.writeAnswers(archives: [archive], engine: "docker", images: Self.tracking(stage))
      try stage.trustByDocker()
      let path = ["PATH": "\(Stage.repository)/Tests/Support/docker:\(stage.environment["PATH"] ?? "")"]

      let plan = try await stage.run(arguments: ["plan", "--answers", "answers.yaml"], environment: path)
      #expect(plan.out.contains("build \(stage.registry.host)/datarobot/mlops-management-agent:11.2.62"), "\(plan.out)")
      #expect(plan.out.contains(" by docker"), "\(plan.out)")

      let arguments = try await RunningProcesses.seen {
        let first = try await stage.run(arguments: ["images", "--answers", "answers.yaml"], environment: path)
        #expect(first.code == 0, "\(first.out)\n\(first.progress)")
        #expect(first.out.hasSuffix("Done.\n"))
      }
      for verb in ["load --input", "tag datarobot/mlops-tracking-agent:11.2.62 127.0.0.1", "push 127.0.0.1"] {
        #expect(arguments.contains { $0.contains("docker \(verb)") }, "docker \(verb) was not seen")
      }
      for line in arguments { for secret in Self.canaries { #expect(!line.contains(secret)) } }
      for reference in Self.references { _ = try await stage.configurationDigest(reference) }
      try expectNothingLeft(stage)

      // The cluster is not asked, so it need not be known.
      let alone = path.merging(["KUBECONFIG": stage.folder.file("none")]) { $1 }
      let again = try await stage.run(arguments: ["images", "--answers", "answers.yaml"], environment: alone)
      #expect(again.code == 0 && again.out.contains("Nothing was changed"), "\(again.out)\n\(again.progress)")
    }
  }

  @Test("Without a docker that works the plan says what to do instead, and nothing is changed")
  func withoutDocker() async throws {
    try await Stage.with(hasImages: false) { stage in
      try await AgentTarball().write(in: stage.folder.path)
      try stage.writeAnswers(archives: [try await Self.server.write(in: stage.folder.path)])
      try stage.folder.write("#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n", to: "docker")
      #expect(chmod(stage.folder.file("docker"), 0o755) == 0)
      let path = ["PATH": "\(stage.folder.path):\(stage.environment["PATH"] ?? "")"]
      let plan = try await stage.run(arguments: ["plan", "--answers", "answers.yaml"], environment: path)
      #expect(plan.code == 0)
      #expect(plan.out.contains("docker does not work (Cannot connect to the Docker daemon) here"), "\(plan.out)")
      let install = try await stage.run(arguments: ["--answers", "answers.yaml"], environment: path)
      #expect(install.code == 3, "\(install.out)\n\(install.progress)")
      #expect(install.progress.contains("Nothing was changed"), "\(install.progress)")
      #expect(install.progress.contains("name their archives under images.archives"), "\(install.progress)")
      #expect(stage.cluster.log.writes == [])
      #expect(try stage.registry.uploads() == [:])
    }
  }

  @Test("What a killed run left of its login is removed by the next, which completes the push")
  func killed() async throws {
    try await withStalledPush { stage, run, proxy in
      kill(run, SIGKILL)
      #expect(waitpid(run, nil, 0) == run)
      #expect(!(try stage.leftovers()).isEmpty)
      proxy.release()
      let next = try await stage.run("images", "--answers", "answers.yaml")
      #expect(next.code == 0, "\(next.out)\n\(next.progress)")
      try expectNothingLeft(stage)
      _ = try await stage.configurationDigest(Self.references[2])
    }
  }

  @Test("SIGINT and SIGTERM end the children and leave nothing", arguments: [SIGINT, SIGTERM])
  func interrupted(_ signal: Int32) async throws {
    try await withStalledPush { stage, run, _ in
      kill(run, signal)
      var status: Int32 = 0
      #expect(waitpid(run, &status, 0) == run)
      #expect(status == 130 << 8)
      #expect(try stage.children() == [])
      try expectNothingLeft(stage)
    }
  }

  @Test("Wherever the network breaks, the push is completed, and what had arrived is not sent again")
  func cut() async throws {
    try await Stage.with { stage in
      let layers = [40_000, 120_000, 300_000, 600_000]
      /// One push through a network of its own, and again where that failed; how many runs it took.
      func push(_ number: Int, _ proxy: CuttingProxy) async throws -> Int {
        let name = "datarobot/datarobot-portable-prediction-api:11.2.\(number)"
        let archive = try await ImageArchive(name, layers: layers).write(
          in: stage.folder.path, name: "server-\(number).tar")
        let before = try stage.registry.uploads()
        try stage.writeAnswers(
          archives: [archive], host: proxy.host, chart: stage.chart,
          images: ", predictionServer: \"\(proxy.host)/\(name)\"", to: "\(number).yaml")
        var runs = 0
        var ending: ProgramEnding
        repeat {
          ending = try await stage.run("images", "--answers", "\(number).yaml")
          runs += 1
        } while ending.code != 0 && runs < 3
        #expect(ending.code == 0, "\(number): \(ending.out)\n\(ending.progress)")
        let sent = try await DockerArchive.read(archive, world: stage.world()).images[0].configDigest
        #expect(try await stage.configurationDigest(name) == sent, "\(number)")
        let new = try stage.registry.uploads().filter { before[$0.key] == nil }
        // Each layer and the configuration; again only what the registry took in without being able to say so.
        #expect(new.count == layers.count + 1, "\(number): \(new)")
        #expect(new.values.reduce(0) { $0 + $1 - 1 } <= proxy.interrupted, "\(number): \(new)")
        try expectNothingLeft(stage)
        return runs
      }
      let whole = try CuttingProxy(toPort: stage.registry.port)
      defer { whole.stop() }
      #expect(try await push(100, whole) == 1)
      var saved = 0
      for number in 0..<10 {
        // The last two in what follows the layers: then these are all there, whatever the machine does at the same time.
        let place = number < 8 ? whole.sent * (2 * number + 1) / 20 : whole.sent - 1000 * (10 - number)
        let proxy = try CuttingProxy(toPort: stage.registry.port, .cut(after: place))
        defer { proxy.stop() }
        let runs = try await push(number, proxy)
        #expect(runs <= 2, "\(number): \(runs) runs")
        #expect(proxy.cuts == 1, "\(number)")
        if proxy.sent < place + whole.sent - layers[1] { saved += 1 }
      }
      #expect(saved >= 2, "everything was sent again")
    }
  }

  /// Runs `body` while the built program is in the middle of a push that does not go on.
  private func withStalledPush(_ body: (Stage, pid_t, CuttingProxy) async throws -> Void) async throws {
    try await Stage.with { stage in
      let proxy = try CuttingProxy(toPort: stage.registry.port, .stall(after: 100_000))
      defer { proxy.stop() }
      try stage.writeAnswers(
        archives: [try await Self.server.write(in: stage.folder.path)], host: proxy.host, chart: stage.chart)
      let run = try stage.start("images", "--answers", stage.folder.file("answers.yaml"))
      let deadline = ContinuousClock.now + .seconds(180)
      // It stalls before the block of up to 64 KiB that would reach its limit.
      while try stage.leftovers().isEmpty || stage.children().isEmpty || proxy.sent < 30_000 {
        if ContinuousClock.now > deadline {
          kill(run, SIGKILL)
          waitpid(run, nil, 0)
          let said = String(decoding: try stage.folder.read("program.log"), as: UTF8.self)
          throw TestSupportError("the push does not begin, \(proxy.sent) bytes sent, \(try stage.children()): \(said)")
        }
        try await Task.sleep(for: .milliseconds(20))
      }
      do { try await body(stage, run, proxy) } catch {
        kill(run, SIGKILL)
        throw error
      }
      for child in try stage.children() { kill(child, SIGKILL) }
    }
  }

  private func expectNothingLeft(_ stage: Stage, _ location: SourceLocation = #_sourceLocation) throws {
    #expect(try stage.leftovers() == [], sourceLocation: location)
  }

  /// Other tests run at the same time: these secrets are this suite's alone.
  private static let secrets = Stage.Secrets(password: "hidden-p4ss:'\"$word-\u{e9}", token: "hidden-t0ken-&$value")
  private static let canaries = [
    secrets.password, secrets.token, "hidden-p4ss", "hidden-t0ken",
    Data("push:\(secrets.password)".utf8).base64EncodedString(),
  ]
}

extension Stage {
  /// Writes answers that bring images.
  func writeAnswers(
    archives: [String], engine: String? = nil, host: String? = nil, chart: String? = nil, images: String = "",
    to name: String = "answers.yaml"
  ) throws {
    let engine = engine.map { ", engine: \($0)" } ?? ""
    let tarball = chart == nil ? ["agent": "{tarball: \"./datarobot_mlops_package-*.tar.gz\"}"] : [:]
    let chart = chart.map { "path: \"\($0)\", " } ?? ""
    let list = archives.map { "\"\($0)\"" }.joined(separator: ", ")
    try folder.write(
      answers(
        [
          "chart": "{\(chart)release: bosun}", "images": "{archives: [\(list)]\(engine)\(images)}",
          "registry": """
          {provider: generic, server: "\(host ?? registry.host)", certificateAuthority: ca.pem, username: push, \
          password: {env: REGISTRY_PASSWORD}}
          """,
        ].merging(tarball) { $1 }), to: name)
  }

  /// The digest of an image's configuration, as skopeo finds it in the registry.
  func configurationDigest(_ reference: String) async throws -> String {
    struct Manifest: Decodable {
      struct Blob: Decodable { var digest: String }
      var config: Blob
    }
    let login = Data("push:\(secrets.password)".utf8).base64EncodedString()
    try folder.write(#"{"auths": {"\#(registry.host)": {"auth": "\#(login)"}}}"#, to: "inspect.json")
    try FileManager.default.createDirectory(atPath: folder.file("trust"), withIntermediateDirectories: true)
    try folder.write(String(decoding: try folder.read("ca.pem"), as: UTF8.self), to: "trust/ca.crt")
    let raw = try await TestProgram("skopeo", debianPackage: "skopeo").run([
      "inspect", "--raw", "--authfile", folder.file("inspect.json"), "--cert-dir", folder.file("trust"),
      "docker://\(registry.host)/\(reference)",
    ])
    return try JSONDecoder().decode(Manifest.self, from: Data(raw.utf8)).config.digest
  }

  /// The stand-in of docker trusts the stage's CA, as a daemon does by its folder of certificates.
  func trustByDocker() throws {
    let trusted = folder.file(".docker-standin/certs.d")
    try FileManager.default.createDirectory(atPath: trusted, withIntermediateDirectories: true)
    try folder.write(String(decoding: try folder.read("ca.pem"), as: UTF8.self), to: ".docker-standin/certs.d/ca.crt")
  }

  /// Folders with a login that pushes made.
  func leftovers() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter {
      $0.hasSuffix("/config.json") || $0.contains("/push-")
    }
  }

  /// Starts the built program and does not wait for it.
  func start(_ arguments: String...) throws -> pid_t {
    try SpawnedProcess.start(
      builtProduct("mlops-setup"), arguments, environment: environment, log: folder.file("program.log"))
  }

  /// The skopeos that push with a login of this stage.
  func children() throws -> [pid_t] {
    try RunningProcesses.commandLines().filter { _, line in
      (line.hasPrefix("skopeo") || line.contains("/skopeo")) && line.contains(folder.path)
    }.map(\.key)
  }
}
