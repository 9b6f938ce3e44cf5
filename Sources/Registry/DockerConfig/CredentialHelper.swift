internal import FoundationEssentials

/// Docker's credential helpers: a program `docker-credential-NAME` that is called with `get` and reads the server's name
/// from its standard input (docker/docker-credential-helpers).
public enum CredentialHelper {
  /// A call that is to be made.
  public struct Call: Sendable, Equatable {
    /// The program's name, to be looked up in PATH.
    public var program: String
    /// Its arguments.
    public var arguments: [String]
    /// What it reads from standard input.
    public var input: String

    /// A call of a helper for a server.
    public init(program: String, input: String) {
      self.program = program
      arguments = ["get"]
      self.input = input
    }
  }

  /// What a call gave.
  public struct Output: Sendable {
    /// The exit code.
    public var exitCode: Int
    /// Standard output, whole; it has the secret in it.
    public var standardOutput: [UInt8]
    /// Standard error.
    public var standardError: [UInt8]

    /// An output from its parts.
    public init(exitCode: Int, standardOutput: [UInt8], standardError: [UInt8] = []) {
      self.exitCode = exitCode
      self.standardOutput = standardOutput
      self.standardError = standardError
    }
  }

  /// Makes a call; throws where the program cannot be started.
  public typealias Runner = @Sendable (Call) async throws -> Output

  private struct Answer: Decodable {
    var username: String
    var secret: String

    enum CodingKeys: String, CodingKey {
      case username = "Username"
      case secret = "Secret"
    }
  }

  /// Asks a helper; nil where it has no credential for that server.
  static func get(
    _ helper: String, server: String, run: Runner
  ) async throws(RegistryError) -> RegistryCredential? {
    func failed(_ problem: String, _ nextStep: String) -> RegistryError {
      RegistryError(
        code: .credentialUnavailable,
        message: "the credential helper docker-credential-\(helper), asked for \(server), \(problem)",
        nextStep: nextStep)
    }
    // The name comes from a file and becomes a program's: a path would run something else than a helper.
    guard !helper.isEmpty, helper.utf8.allSatisfy({ $0 > 0x20 && $0 != UInt8(ascii: "/") && $0 < 0x7f }) else {
      throw RegistryError(
        code: .credentialUnavailable, message: "the docker config names a credential helper that is no program name",
        nextStep: "correct credsStore or credHelpers in the docker config")
    }
    let output: Output
    do {
      output = try await run(Call(program: "docker-credential-\(helper)", input: server))
    } catch {
      throw failed("could not be started: \(error)", "install the helper, or give a user name and a password")
    }
    // The helpers of docker and of the cloud vendors say "credentials not found in native keychain" on either stream.
    if output.exitCode != 0 {
      let said = String(decoding: output.standardOutput + output.standardError, as: UTF8.self)
      if said.lowercased().contains("credentials not found") { return nil }
      let error = RegistryErrorBody.printable(String(decoding: output.standardError, as: UTF8.self))
      throw failed(
        "ended with exit code \(output.exitCode)" + (error.isEmpty ? "" : ": \(error)"), "log in to the registry again")
    }
    do {
      let answer = try JSONDecoder().decode(Answer.self, from: Data(output.standardOutput))
      if answer.username.isEmpty && answer.secret.isEmpty { return nil }
      return RegistryCredential(username: answer.username, password: answer.secret)
    } catch {
      throw failed("did not answer with a credential", "update the helper, or give a user name and a password")
    }
  }
}
