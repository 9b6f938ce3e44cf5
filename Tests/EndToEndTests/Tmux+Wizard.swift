import TestSupport

/// What a person does on the wizard's pages, for the tests that walk through them.
extension Tmux {
  /// Runs `body` with the wizard started in a folder, as from a shell.
  static func wizard(
    in folder: ScratchDirectory, _ options: String = "", columns: Int, rows: Int, environment: [String: String],
    _ body: (Tmux) async throws -> Void
  ) async throws {
    let command = ["/bin/sh", "-c", "cd '\(folder.path)' && exec '\(builtProduct("mlops-setup"))' \(options)"]
    try await with(command, columns: columns, rows: rows, environment: environment, body)
  }

  /// From the first page, whose answers are taken as they are suggested, past the checks to the registry's.
  func passCluster() async throws {
    try await waitFor("stage  (default)", timeout: .seconds(30))
    try await send("F10")
    try await waitFor("checks  ", timeout: .seconds(30))
    try await send("Enter")
  }

  /// The fields of a generic registry from its host on, the password by reference to the stage's variable.
  func answerRegistry(_ host: String) async throws {
    try await type(host)
    try await send("Enter", "Enter", "Enter")
    try await type("ca.pem")
    // A user and a password, not docker's login.
    try await send("Enter", "Enter")
    try await type("push")
    try await send("Enter")
    try await type("env:REGISTRY_PASSWORD")
  }

  /// The page of DataRobot and on: the environment's token, and a prediction environment that is there.
  func answerDataRobot(_ endpoint: String, outfacingURL: String) async throws {
    try await waitFor("Prediction env.", timeout: .seconds(60))
    try await type(endpoint)
    try await send("Enter", "Enter", "Enter")
    try await waitFor("› Its id")
    try await type("65f0a1b2c3d4e5f60718293a")
    try await send("Enter")
    try await type(outfacingURL)
    try await send("F10")
  }

  /// With answers from a file, from the first page to the end of that of images, once what the archives hold was read.
  func leaveImages() async throws {
    try await waitFor("Answers are from")
    try await send("F10")
    try await waitFor("checks  ")
    try await send("Enter")
    try await waitFor("Path prefix")
    try await send("F10")
    try await waitFor("Found: ", timeout: .seconds(30))
    try await send("F10")
  }

  /// From a plan that is shown to its run.
  func install() async throws {
    try await waitFor("Enter Install", timeout: .seconds(60))
    try await send("Enter")
    try await waitFor("Install?")
    try await send("y")
  }
}
