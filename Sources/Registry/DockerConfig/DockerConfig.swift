internal import FoundationEssentials

/// A docker config file (docker/cli, cli/config/configfile) or podman's auth.json, as far as it tells credentials.
///
/// Neither printing nor a mirror shows what is in it.
public struct DockerConfig: Sendable, Equatable {
  /// The credentials that stand in the file itself, by key.
  var credentials: [String: RegistryCredential]
  /// The keys in `auths` that have an entry without a credential: the credential is at a helper.
  var emptyKeys: Set<String>
  /// Credential helpers by registry.
  public var credHelpers: [String: String]
  /// The credential helper for every registry that `credHelpers` does not name.
  public var credsStore: String?

  /// A config from nothing: no credential for any registry.
  public init() {
    credentials = [:]
    emptyKeys = []
    credHelpers = [:]
    credsStore = nil
  }

  /// Reads a file's bytes; `name` is said in the error.
  public init(parsing bytes: [UInt8], name: String) throws(DockerConfigError) {
    self.init()
    let document: DockerConfigDocument
    do {
      document = try JSONDecoder().decode(DockerConfigDocument.self, from: Data(bytes))
    } catch {
      throw DockerConfigError(name: name, problem: "it is not the JSON of a docker config file")
    }
    credHelpers = document.credHelpers ?? [:]
    credsStore = document.credsStore.flatMap { $0.isEmpty ? nil : $0 }
    for (key, entry) in document.auths ?? [:] {
      do {
        if let credential = try entry.credential() {
          credentials[key] = credential
        } else {
          emptyKeys.insert(key)
        }
      } catch {
        throw DockerConfigError(
          name: name, problem: "its entry for \(key) is broken: \"auth\" is not the base64 of user:password")
      }
    }
  }

  /// No credential and no helper stands in it.
  public var isEmpty: Bool { credentials.isEmpty && credHelpers.isEmpty && credsStore == nil }

  /// The hosts the file itself has a credential for, sorted.
  public var hosts: [String] { Set(credentials.keys.map(DockerConfigKey.host(ofKey:))).sorted() }

  /// The credential that stands in the file for a host, or for a repository there: podman's keys may have a path, and
  /// the longest one counts.
  public func storedCredential(host: String, repository: String = "") -> RegistryCredential? {
    let host = DockerConfigKey.host(ofKey: host)
    var path = repository.isEmpty ? host : "\(host)/\(repository)"
    while true {
      if let exact = credentials[path] { return exact }
      guard let slash = path.lastIndex(of: "/"), path.count > host.count else { break }
      path = String(path[..<slash])
    }
    if let exact = credentials[DockerConfigKey.key(forHost: host)] { return exact }
    let key = credentials.keys.sorted().first { DockerConfigKey.host(ofKey: $0) == host }
    return key.flatMap { credentials[$0] }
  }

  /// The helper that docker would ask for a host: the one named for it, else the store.
  public func helper(host: String) -> String? {
    let host = DockerConfigKey.host(ofKey: host)
    if let named = credHelpers[host] ?? credHelpers[DockerConfigKey.key(forHost: host)] { return named }
    return credsStore
  }

  /// The credential for a host: from the helper where one is named and has it, else from the file.
  public func credential(
    host: String, repository: String = "", runHelper: CredentialHelper.Runner
  ) async throws(RegistryError) -> RegistryCredential? {
    if let helper = helper(host: host) {
      let key = DockerConfigKey.key(forHost: DockerConfigKey.host(ofKey: host))
      if let credential = try await CredentialHelper.get(helper, server: key, run: runHelper) { return credential }
    }
    return storedCredential(host: host, repository: repository)
  }
}

extension DockerConfig: CustomStringConvertible, CustomReflectable {
  /// The hosts it knows, and no credential.
  public var description: String { "DockerConfig(hosts: \(hosts))" }
  /// Shows no members.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// Why a docker config file could not be read. It never quotes the file.
public struct DockerConfigError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file.
  public var name: String
  /// What is wrong, a clause without a full stop.
  public var problem: String

  /// `The docker config NAME cannot be used: PROBLEM`, with what to do.
  public var description: String {
    "the docker config \(name) cannot be used: \(problem); log in again with docker login, or correct the file"
  }
}

/// The file's shape.
struct DockerConfigDocument: Codable {
  struct Entry: Codable {
    var username: String?
    var password: String?
    var auth: String?
    var identitytoken: String?

    struct Broken: Error {}

    /// `identitytoken` before `auth` before `username` and `password`, as docker reads them.
    func credential() throws(Broken) -> RegistryCredential? {
      if let identitytoken, !identitytoken.isEmpty {
        return RegistryCredential(username: RegistryCredential.identityTokenUsername, password: identitytoken)
      }
      if let auth, !auth.isEmpty {
        guard let data = Data(base64Encoded: auth), let text = String(validating: data, as: UTF8.self),
          let colon = text.firstIndex(of: ":")
        else { throw Broken() }
        var password = text[text.index(after: colon)...]
        while password.hasSuffix("\0") { password.removeLast() }  // docker's old files are padded
        return RegistryCredential(username: String(text[..<colon]), password: String(password))
      }
      guard let username, !username.isEmpty, let password else { return nil }
      return RegistryCredential(username: username, password: password)
    }
  }

  var auths: [String: Entry]?
  var credHelpers: [String: String]?
  var credsStore: String?
}
