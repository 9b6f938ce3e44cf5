import SetupCore
import Simulator

extension Processes {
  /// A machine with one program, a helm that acts on a simulated cluster.
  ///
  /// - Parameters:
  ///   - path: Where it is said to be.
  ///   - files: What it reads its values from.
  static func simulatedHelm(_ path: String, on cluster: KubernetesServer, reading files: Files) -> Processes {
    let helm = HelmStandIn(cluster)
    return Processes(
      find: { $0 == "helm" ? path : nil },
      run: { command in
        guard command.executable == "helm" else {
          throw SetupError(.tool, "the simulated world has no program \(command.executable)")
        }
        let result = await helm.run(arguments: command.arguments) { path in
          if path == "-" { return String(decoding: command.input ?? [], as: UTF8.self) }
          guard let content = try files.read(path) else { throw SetupError(.tool, "there is no file \(path)") }
          return String(decoding: content, as: UTF8.self)
        }
        return ProcessResult(exitCode: result.exitCode, output: result.stdout, errors: result.stderr)
      })
  }
}
