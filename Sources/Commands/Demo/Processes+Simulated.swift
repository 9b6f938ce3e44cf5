import SetupCore
import Simulator

extension Processes {
  /// A machine with a helm that acts on a simulated cluster, and no other program than those that unpack a chart.
  ///
  /// - Parameters:
  ///   - path: Where it is said to be.
  ///   - files: What it reads its values from.
  ///   - real: Whose tar, gzip and chmod it has; nil: it has none.
  static func simulatedHelm(
    _ path: String, on cluster: KubernetesServer, reading files: Files, unpackingBy real: Processes? = nil
  ) -> Processes {
    let helm = HelmStandIn(cluster)
    let unpackers: Set = ["tar", "gzip", "chmod"]
    return Processes(
      find: { $0 == "helm" ? path : unpackers.contains($0) ? real?.find($0) : nil },
      run: { command in
        if let real, unpackers.contains(command.executable) { return try await real.run(command) }
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
