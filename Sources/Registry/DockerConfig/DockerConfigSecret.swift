internal import FoundationEssentials

/// The content of a Kubernetes Secret of the type `kubernetes.io/dockerconfigjson`, under the key `.dockerconfigjson`.
public enum DockerConfigSecret {
  /// The bytes for these hosts (`host[:port]`, `docker.io`); the same input gives the same bytes.
  ///
  /// An identity token is written as `identitytoken`, which kaniko understands and kubelet does not.
  public static func bytes(_ credentials: [String: RegistryCredential]) throws(DockerConfigError) -> [UInt8] {
    var auths: [String: DockerConfigDocument.Entry] = [:]
    for (host, credential) in credentials {
      if let problem = credential.problem {
        throw DockerConfigError(name: "for \(host)", problem: problem)
      }
      auths[DockerConfigKey.key(forHost: host)] =
        if credential.isIdentityToken {
          DockerConfigDocument.Entry(identitytoken: credential.password)
        } else {
          DockerConfigDocument.Entry(
            username: credential.username, password: credential.password,
            auth: Data("\(credential.username):\(credential.password)".utf8).base64EncodedString())
        }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return Array(try encoder.encode(DockerConfigDocument(auths: auths)))
    } catch {
      throw DockerConfigError(name: "for the cluster", problem: "it could not be written as JSON")
    }
  }

  /// Whether two such contents give the same credential for every registry, however they are written.
  /// Content that cannot be read equals nothing.
  public static func haveSameMeaning(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    do {
      let left = try DockerConfig(parsing: left, name: "left")
      let right = try DockerConfig(parsing: right, name: "right")
      let byHost = { (config: DockerConfig) in
        Dictionary(uniqueKeysWithValues: config.hosts.map { ($0, config.storedCredential(host: $0)) })
      }
      return byHost(left) == byHost(right) && left.credHelpers == right.credHelpers
        && left.credsStore == right.credsStore
    } catch {
      return false
    }
  }
}
