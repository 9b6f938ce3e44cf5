import FoundationEssentials
import Glibc
import SetupCore
import TestSupport
import Testing

@Suite("The wizard in a real terminal")
struct WizardInTerminalTests {
  /// The built program in the stage's folder, without the secrets that a person types.
  private func withWizard(
    _ stage: Stage, columns: Int = 100, rows: Int = 32, _ body: (Tmux) async throws -> Void
  ) async throws {
    var environment = stage.environment
    environment["REGISTRY_PASSWORD"] = ""
    environment["DATAROBOT_API_TOKEN"] = ""
    try await Tmux.wizard(in: stage.folder, columns: columns, rows: rows, environment: environment, body)
  }

  @Test("Installs from nothing but what is typed, and the secrets end in the cluster alone")
  func installs() async throws {
    try await Stage.with { stage in
      var screens = ""
      try await withWizard(stage) { tmux in
        try await tmux.passCluster()
        try await tmux.waitFor("Path prefix")
        try await tmux.send("Enter")
        try await tmux.type(stage.registry.host)
        try await tmux.send("Enter", "Enter", "Enter")
        try await tmux.type("ca.pem")
        // A user and a password, not docker's login.
        try await tmux.send("Enter", "Enter")
        try await tmux.type("push")
        try await tmux.send("Enter")
        try await tmux.paste(Stage.password + "\n")
        try await tmux.send("Enter", "Enter")
        try await tmux.waitFor("Mgmt agent")
        // No agent package and no archives: the chart alone.
        try await tmux.send("Enter", "Enter")
        try await tmux.type(stage.chart)
        try await tmux.send("Enter")
        // The chart was read: its version is the images' default tag.
        try await tmux.waitFor("mlops-management-agent:")
        try await tmux.send("F10")
        try await tmux.waitFor("Prediction env.")
        try await tmux.type("http://127.0.0.1:9")
        try await tmux.send("Enter")
        try await tmux.paste(Stage.token)
        // One that is there.
        try await tmux.send("Enter", "Enter")
        try await tmux.type("65f0a1b2c3d4e5f60718293a")
        try await tmux.send("Enter")
        try await tmux.type("https://models.example.com/deployments/")
        screens += try await tmux.capture()
        try await tmux.send("F10")
        try await tmux.waitFor("nothing in the way", timeout: .seconds(30))
        screens += try await tmux.capture()
        try await tmux.send("F10")
        try await tmux.waitFor("Enter Install")
        try await tmux.send("v")
        screens += try await tmux.capture()
        try await tmux.send("Enter")
        try await tmux.waitFor("Install?")
        try await tmux.send("y")
        try await tmux.waitFor("is set up", timeout: .seconds(90))
        screens += try await tmux.capture()
        try await tmux.send("Enter")
        #expect(try await tmux.waitForEnd() == .exited(0))
        screens += try await tmux.capture()
      }
      let token = try await stage.kubectl(
        "get", "secret", "mlops-api-key", "-n", "datarobot-mlops", "-o", "jsonpath={.data.secret}")
      #expect(token == Data(Stage.token.utf8).base64EncodedString())
      let file = String(decoding: try stage.folder.read("mlops-setup-answers.yaml"), as: UTF8.self)
      #expect(file.contains("env: DATAROBOT_API_TOKEN"))
      for text in [screens, file] { #expect(!text.contains("canary")) }

      // The file that the wizard wrote installs the same, unattended: nothing is left to be done.
      let again = try await stage.run("--answers", "mlops-setup-answers.yaml")
      #expect(again.code == 0, "\(again.out)\n\(again.progress)")
      #expect(again.out.contains("Nothing was changed"))
    }
  }

  @Test("On a screen of 40 by 10 it is left by a question, and its answers come back")
  func leavesAndComesBack() async throws {
    try await Stage.with { stage in
      try await withWizard(stage, columns: 40, rows: 10) { tmux in
        try await tmux.waitFor("1/9 Cluster")
        try await tmux.send("Tab", "Tab")
        try await tmux.type("mlops-two")
        // The terminal drops what was not read yet when Ctrl-C comes.
        try await tmux.waitFor("[mlops-two")
        try await tmux.send("C-c")
        try await tmux.waitFor("Save and quit?")
        try await tmux.send("y")
        #expect(try await tmux.waitForEnd() == .exited(130))
      }
      try await withWizard(stage) { tmux in
        try await tmux.waitFor("[mlops-two")
        try await tmux.resize(columns: 20, rows: 5)
        try await tmux.waitFor("Too small")
        try await tmux.resize(columns: 80, rows: 24)
        try await tmux.waitFor("[mlops-two")
        try await tmux.send("C-c")
        try await tmux.waitFor("Save and quit?")
        try await tmux.send("n")
        #expect(try await tmux.waitForEnd() == .exited(130))
      }
    }
  }

  @Test("SIGTERM ends it without a question, with the answers saved")
  func terminated() async throws {
    try await Stage.with { stage in
      try await withWizard(stage) { tmux in
        try await tmux.waitFor("stage  (default)")
        try await tmux.send("Tab", "Tab")
        try await tmux.type("mlops-three")
        try await tmux.waitFor("[mlops-three")
        #expect(kill(try await tmux.processID(), SIGTERM) == 0)
        #expect(try await tmux.waitForEnd() == .exited(130))
      }
      let file = String(decoding: try stage.folder.read("mlops-setup-answers.yaml"), as: UTF8.self)
      #expect(file.contains("mlops-three"))
    }
  }

  @Test("What was answered in the simulated world is there the next time, and its commands lead back into it")
  func demonstration() async throws {
    try await Stage.with { stage in
      try await Tmux.wizard(in: stage.folder, "--demo eks", columns: 100, rows: 32, environment: stage.environment) {
        tmux in
        try await tmux.waitFor("Every answer is filled in.")
        try await tmux.send("Down", "Down")
        try await tmux.waitFor("› Namespace")
        try await tmux.type("mlops-four")
        try await tmux.waitFor("[mlops-four")
        try await tmux.send("F4")
        try await tmux.waitFor("nothing in the way", timeout: .seconds(30))
        try await tmux.send("F10")
        try await tmux.waitFor("Enter Install")
        try await tmux.send("Enter", "y")
        try await tmux.waitFor("is set up", timeout: .seconds(60))
        try await tmux.send("End")
        try await tmux.waitFor("mlops-setup --demo eks --answers")
        try await tmux.send("Enter")
        #expect(try await tmux.waitForEnd() == .exited(0))
        let farewell = try await tmux.capture().replacing("\n", with: "")
        #expect(farewell.contains("mlops-setup --demo eks goes on with them."), "\(farewell)")
      }
      // Another scenario has answers of its own.
      try await Tmux.wizard(in: stage.folder, "--demo", columns: 100, rows: 32, environment: stage.environment) {
        tmux in
        try await tmux.waitFor("Every answer is filled in.")
        try await tmux.send("C-c", "n")
        #expect(try await tmux.waitForEnd() == .exited(130))
      }
      try await Tmux.wizard(in: stage.folder, "--demo eks", columns: 100, rows: 32, environment: stage.environment) {
        tmux in
        try await tmux.waitFor("Your answers are back.")
        try await tmux.waitFor("[mlops-four")
        try await tmux.send("C-c")
        try await tmux.waitFor("Save and quit?")
        try await tmux.send("n")
        #expect(try await tmux.waitForEnd() == .exited(130))
      }
    }
  }

  @Test("After a kill in the middle of a run the next wizard and its plan say what was interrupted")
  func killed() async throws {
    try await Stage.with { stage in
      func wizard(_ body: (Tmux) async throws -> Void) async throws {
        try await Tmux.wizard(
          in: stage.folder, "--demo never-ready", columns: 100, rows: 32, environment: stage.environment, body)
      }
      try await wizard { tmux in
        try await tmux.waitFor("Every answer is filled in.")
        try await tmux.send("F4")
        try await tmux.waitFor("nothing in the way", timeout: .seconds(30))
        try await tmux.send("F10")
        try await tmux.waitFor("Enter Install")
        try await tmux.send("Enter")
        try await tmux.waitFor("Simulated: nothing real is changed.")
        try await tmux.send("Enter")
        try await tmux.waitFor("running     Rollout", timeout: .seconds(60))
        #expect(kill(try await tmux.processID(), SIGKILL) == 0)
        #expect(try await tmux.waitForEnd() == .signaled(SIGKILL))
      }
      try await wizard { tmux in
        try await tmux.waitFor("A run was interrupted during Rollout: see the plan.")
        try await tmux.send("F4")
        try await tmux.waitFor("nothing in the way", timeout: .seconds(30))
        try await tmux.send("F10")
        try await tmux.waitFor("An earlier run was interrupted during Rollout.")
        try await tmux.send("C-c", "n")
        #expect(try await tmux.waitForEnd() == .exited(130))
      }
    }
  }

  @Test("How far an image is, is seen on a small screen, and Ctrl-C ends the push and leaves nothing")
  func pushes() async throws {
    try await Stage.with { stage in
      let proxy = try CuttingProxy(toPort: stage.registry.port, .slow(2_000_000))
      defer { proxy.stop() }
      let archive = try await ImageArchive(layers: [12_000_000, 8_000_000]).write(
        in: stage.folder.path, name: "server.tar")
      try stage.writeAnswers(
        archives: [archive], host: proxy.host, chart: stage.chart, to: "mlops-setup-answers.yaml")
      func install(_ tmux: Tmux) async throws {
        try await tmux.leaveImages()
        try await tmux.waitFor("Bring images now?", timeout: .seconds(30))
        try await tmux.send("l")
        try await tmux.waitFor("Prediction env.")
        try await tmux.send("F4")
        try await tmux.waitFor("Make the plan")
        try await tmux.send("r")
        try await tmux.waitFor("nothing in the way", timeout: .seconds(30))
        try await tmux.send("F10")
        try await tmux.install()
      }
      try await Tmux.wizard(in: stage.folder, columns: 80, rows: 24, environment: stage.environment) { tmux in
        try await install(tmux)
        let screen = try await tmux.waitFor("/s, ", timeout: .seconds(60))
        #expect(screen.contains("bringing images into the registry"))
        #expect(screen.contains(#/prediction server: \[#+\.*\] [0-9.]+ MiB of 19\.1 MiB, /#))
        try await tmux.send("C-c")
        try await tmux.waitFor("Stop the run?")
        try await tmux.send("y")
        try await tmux.waitFor("Stopped after", timeout: .seconds(30))
        #expect(try stage.children() == [])
        #expect(try stage.leftovers() == [])
        proxy.release()
      }
      let rest = try await stage.run("images", "--answers", "mlops-setup-answers.yaml")
      #expect(rest.code == 0, "\(rest.out)\n\(rest.progress)")
    }
  }

  /// The page after that of images, with a push of 20 MB under way that goes no faster than the proxy lets it.
  private func withImagesUnderWay(
    _ body: (Stage, Tmux, CuttingProxy, _ archive: String) async throws -> Void
  ) async throws {
    try await Stage.with { stage in
      let proxy = try CuttingProxy(toPort: stage.registry.port, .slow(200_000))
      defer { proxy.stop() }
      let archive = try await ImageArchive(layers: [12_000_000, 8_000_000]).write(
        in: stage.folder.path, name: "server.tar")
      try stage.writeAnswers(
        archives: [archive], host: proxy.host, chart: stage.chart, to: "mlops-setup-answers.yaml")
      try await Tmux.wizard(in: stage.folder, columns: 80, rows: 24, environment: stage.environment) { tmux in
        try await tmux.leaveImages()
        let question = try await tmux.waitFor("Bring images now?", timeout: .seconds(30))
        #expect(question.contains("Bring 1 image into \(proxy.host) now"), "\(question)")
        #expect(question.contains("(19.1 MiB)"), "\(question)")
        // The stage's own.
        #expect(try stage.registry.uploads().count == 1)
        try await tmux.send("y")
        try await tmux.waitFor("Prediction env.")
        try await tmux.waitFor("MiB of 19.1 MiB, ", timeout: .seconds(60))
        try await body(stage, tmux, proxy, archive)
      }
    }
  }

  /// How many MiB the line above the footer tells of.
  private static func megabytes(_ screen: String) -> Double? {
    screen.firstMatch(of: #/Images [^ ]+  ([0-9.]+) MiB of/#).flatMap { Double($0.output.1) }
  }

  @Test("Images are brought while the rest is answered; the installation waits for them and sends nothing twice")
  func background() async throws {
    try await withImagesUnderWay { stage, tmux, proxy, archive in
      let before = try #require(Self.megabytes(try await tmux.capture()))
      try await tmux.send("F6")
      try await tmux.waitFor("prediction server: [#")
      try await tmux.send("Escape")
      try await tmux.waitFor("F6")
      try await tmux.send("F10")
      try await tmux.waitFor("nothing in the way", timeout: .seconds(30))
      var after = before
      for _ in 0..<600 where after <= before {
        try await Task.sleep(for: .milliseconds(100))
        after = Self.megabytes(try await tmux.capture()) ?? after
      }
      #expect(after > before)
      try await tmux.send("F10")
      try await tmux.waitFor("Enter Install", timeout: .seconds(30))
      try await tmux.send("Enter")
      let question = try await tmux.waitFor("Install?")
      #expect(question.contains("once the images on their way have arrived"), "\(question)")
      try await tmux.send("y")
      let waiting = try await tmux.waitFor("Waiting until the images have arrived")
      #expect(waiting.contains(#/prediction server: \[#+\.*\] [0-9.]+ MiB of 19\.1 MiB, /#), "\(waiting)")
      proxy.release()
      try await tmux.waitFor("is set up", timeout: .seconds(90))
      let sent = try await DockerArchive.read(archive, world: stage.world()).images[0].configDigest
      let there = try await stage.configurationDigest("datarobot/datarobot-portable-prediction-api:11.2.0")
      #expect(there == sent)
      // The stage's own, and a configuration and two layers, once each.
      let uploads = try stage.registry.uploads()
      #expect(uploads.count == 4 && uploads.values.count { $0 == 1 } >= 3, "\(uploads)")
      #expect(try stage.leftovers() == [])
      try await tmux.send("Enter")
      #expect(try await tmux.waitForEnd() == .exited(0))
    }
  }

  @Test("Ctrl-C ends images that are brought while the rest is answered: no child and nothing on disk is left")
  func backgroundInterrupted() async throws {
    try await withImagesUnderWay { stage, tmux, proxy, _ in
      #expect(!(try stage.children().isEmpty))
      try await tmux.send("C-c")
      let question = try await tmux.waitFor("Save and quit?")
      #expect(question.contains("Images on their way are stopped"), "\(question)")
      try await tmux.send("y")
      #expect(try await tmux.waitForEnd() == .exited(130))
      #expect(try stage.children() == [])
      #expect(try stage.leftovers() == [])
      proxy.release()
      let rest = try await stage.run("images", "--answers", "mlops-setup-answers.yaml")
      #expect(rest.code == 0, "\(rest.out)\n\(rest.progress)")
    }
  }

  @Test("An archive that is refused says so at its field, and a good one what was found")
  func refusedArchive() async throws {
    try await Stage.with { stage in
      let good = try await ImageArchive().write(in: stage.folder.path)
      try stage.folder.write("no archive at all", to: "broken.tar.gz")
      try stage.writeAnswers(
        archives: [stage.folder.file("broken.tar.gz")], chart: stage.chart, to: "mlops-setup-answers.yaml")
      let unattended = try await stage.run("plan", "--answers", "mlops-setup-answers.yaml")
      #expect(unattended.code == 2)
      #expect(unattended.progress.contains("images.archives cannot be used: "), "\(unattended.progress)")
      #expect(!unattended.progress.contains("images.predictionServer"), "\(unattended.progress)")
      try await Tmux.wizard(in: stage.folder, columns: 80, rows: 24, environment: stage.environment) { tmux in
        try await tmux.waitFor("Answers are from")
        try await tmux.send("F4")
        // The mark behind the archive's path, which is too long for its row.
        try await tmux.waitFor("… !", timeout: .seconds(30))
        try await tmux.send("F10")
        try await tmux.waitFor("Image archives cannot be used")
        try await tmux.send("Enter")
        try await tmux.waitFor("› Image archives")
        try await tmux.send("Tab", "BTab")
        try await tmux.waitFor("! Image archives cannot be used:")
        try await tmux.send("C-u")
        try await tmux.type(good)
        try await tmux.send("Enter")
        try await tmux.waitFor(
          "Found: docker.io/datarobot/datarobot-portable-prediction-api:11.2.0", timeout: .seconds(30))
      }
    }
  }
}
