import Registry

/// What several providers ask of the same answer.
enum RegistryRules {
  /// What is wrong with a host and port as images carry them, beside a scheme or a path in front of or behind it.
  static func hostProblem(_ server: String) -> String? {
    do throws(ImageReferenceError) {
      _ = try ImageReference("\(server)/repository:tag")
      return nil
    } catch {
      return "is no registry: \(error.problem)"
    }
  }

  /// What is wrong with a path that is put before the repository names.
  static func prefixProblem(_ prefix: String) -> String? {
    if prefix.hasPrefix("/") || prefix.hasSuffix("/") { return "must not begin or end with '/'" }
    do throws(ImageReferenceError) {
      _ = try ImageReference("registry.example.com/\(prefix)/repository")
      return nil
    } catch {
      return "is no path of a repository: \(error.problem)"
    }
  }
}
