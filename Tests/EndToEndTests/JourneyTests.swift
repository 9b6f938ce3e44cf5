import FoundationEssentials
import Simulator
import TestSupport
import Testing

@Suite("From the agent's tarball to an agent that reports in", .timeLimit(.minutes(5)))
struct JourneyTests {
  /// The package, the three images as archives, and a stage whose registry has none of them.
  private static func with(
    _ generation: AgentTarball.Generation,
    _ body: (Stage, _ archives: [String], Stage.Surroundings) async throws -> Void
  ) async throws {
    try await Stage.with(hasImages: false) { stage in
      try await AgentTarball(generation: generation).write(in: stage.folder.path)
      var archives: [String] = []
      for (name, reference) in zip(["management", "tracking", "server"], Stage.images) {
        archives.append(
          try await ImageArchive("\(reference):11.2.62", layers: [200_000])
            .write(in: stage.folder.path, name: "\(name).tar"))
      }
      try await stage.withSurroundings { try await body(stage, archives, $0) }
    }
  }

  /// What the end must be, whichever way led there: verify is green, and the registry has what the archives hold.
  private static func prove(_ stage: Stage, _ answers: String, images: [String] = Stage.images) async throws {
    let verified = try await stage.run("verify", "--answers", answers, "--format", "short")
    #expect(verified.code == 0, "\(verified.out)\n\(verified.progress)")
    #expect(verified.out.hasPrefix("Result: pass"), "\(verified.out)")
    for image in images {
      #expect(try await stage.configurationDigest("\(image):11.2.62").hasPrefix("sha256:"))
    }
    let again = try await stage.run("--answers", answers)
    #expect(again.out.contains("Nothing was changed: all is as it should be."), "\(again.out)\n\(again.progress)")
  }

  @Test("By an answers file, for both generations of the chart", arguments: AgentTarball.Generation.allCases)
  func unattended(_ generation: AgentTarball.Generation) async throws {
    try await Self.with(generation) { stage, archives, surroundings in
      let list = archives.map { "\"\($0)\"" }.joined(separator: ", ")
      let tracking = "\(stage.registry.host)/\(Stage.images[1]):11.2.62"
      try stage.folder.write(
        stage.answers([
          "agent": "{tarball: \"./datarobot_mlops_package-*.tar.gz\"}", "chart": "{release: bosun}",
          "images": "{archives: [\(list)], trackingAgent: \"\(tracking)\"}",
          "datarobot": """
          {endpoint: "\(surroundings.endpoint)", apiToken: {env: DATAROBOT_API_TOKEN}, environment: create}
          """,
          "ingress": "{className: mlops, outfacingUrl: \"\(surroundings.outfacingURL)\"}",
        ]), to: "answers.yaml")
      let installed = try await stage.run("--answers", "answers.yaml")
      #expect(installed.code == 0, "\(installed.out)\n\(installed.progress)")
      try await Self.prove(stage, "answers.yaml")
    }
  }

  @Test("Archives for nodes that there are not are refused before anything is sent")
  func architecture() async throws {
    try await Stage.with(hasImages: false) { stage in
      try await AgentTarball().write(in: stage.folder.path)
      let archive = try await ImageArchive("\(Stage.images[2]):11.2.62", architecture: "arm64", layers: [1000])
        .write(in: stage.folder.path)
      try stage.folder.write(
        stage.answers([
          "agent": "{tarball: \"./datarobot_mlops_package-*.tar.gz\"}", "chart": "{release: bosun}",
          "images": "{archives: [\"\(archive)\"]}",
        ]), to: "answers.yaml")
      let ending = try await stage.run("--answers", "answers.yaml")
      #expect(ending.code == 3, "\(ending.out)\n\(ending.progress)")
      #expect(ending.out.contains("Only amd64 nodes take pods"), "\(ending.out)")
      #expect(try stage.registry.uploads() == [:])
    }
  }

  @Test("By keys in a terminal")
  func interactive() async throws {
    try await Self.with(.current) { stage, archives, surroundings in
      try await Tmux.wizard(in: stage.folder, columns: 100, rows: 110, environment: stage.environment) { tmux in
        try await tmux.passCluster()
        try await tmux.waitFor("Path prefix")
        try await tmux.send("Enter")
        try await tmux.answerRegistry(stage.registry.host)
        try await tmux.send("F10")
        try await tmux.waitFor("Agent package", timeout: .seconds(30))
        try await tmux.type("datarobot_mlops_package-11.2.62.tar.gz")
        try await tmux.send("Enter")
        try await tmux.type(archives.joined(separator: ","))
        try await tmux.send("Enter")
        try await tmux.waitFor("Found: package 11.2.62", timeout: .seconds(60))
        try await tmux.send("F10")
        // What the registry lacks is brought while the rest is answered.
        try await tmux.waitFor("Bring images now?", timeout: .seconds(60))
        try await tmux.send("y")
        try await tmux.answerDataRobot(surroundings.endpoint, outfacingURL: surroundings.outfacingURL)
        try await tmux.waitFor("nothing in the way", timeout: .seconds(60))
        try await tmux.send("F10")
        try await tmux.install()
        try await tmux.waitFor("is set up", timeout: .seconds(120))
        try await tmux.send("Enter")
        #expect(try await tmux.waitForEnd() == .exited(0))
      }
      // Without a tracking agent, which nobody asked for.
      try await Self.prove(stage, "mlops-setup-answers.yaml", images: [Stage.images[0], Stage.images[2]])
    }
  }
}
