/// The names under which registries stand in docker config files.
public enum DockerConfigKey {
  /// Docker Hub's entry, for docker, kubelet and kaniko alike (docker/cli, go-containerregistry `DefaultAuthKey`).
  public static let dockerHub = "https://index.docker.io/v1/"

  /// The key to write: Docker Hub's own, else exactly the host with its port as it stands in image references.
  public static func key(forHost host: String) -> String { isDockerHub(host) ? dockerHub : host }

  /// The host an existing key means: old keys have a scheme and a path. Docker Hub's many names become `docker.io`.
  public static func host(ofKey key: String) -> String {
    var host = Substring(key)
    for scheme in ["https://", "http://"] where host.lowercased().hasPrefix(scheme) {
      host = host.dropFirst(scheme.count)
      host = host.prefix { $0 != "/" }
    }
    if host.hasSuffix("/v1/") || host.hasSuffix("/v2/") { host = host.dropLast(4) }
    while host.hasSuffix("/") { host = host.dropLast() }
    return isDockerHub(String(host)) ? ImageReference.dockerHub : String(host)
  }

  private static func isDockerHub(_ host: String) -> Bool {
    ["docker.io", "index.docker.io", "registry-1.docker.io"].contains(host)
  }
}
