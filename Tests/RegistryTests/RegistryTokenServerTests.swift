import FoundationEssentials
import HTTP
import Registry
import TestSupport
import Testing

@Suite("The client against docker-registry with tokens", .timeLimit(.minutes(1)))
struct RegistryTokenServerTests {
  private static let users: [String: RegistryTokenServer.User] = [
    "pusher": .init(password: "p:w", rights: ["mlops/frozen-models": ["pull", "push"], "*": ["pull"]]),
    "reader": .init(password: "pw", rights: ["*": ["pull"]]),
  ]

  @Test("Who may push is allowed, who may only read is denied, and a wrong password and none are refused")
  func rights() async throws {
    try await RegistryTokenServer.run(users: Self.users) { tokens in
      try await DockerRegistry.run(.init(tokens: tokens)) { registry in
        let pusher = realClient(registry.host, "pusher", "p:w")
        #expect(await pusher.checkCredential() == .accepted)
        #expect(await pusher.checkPush("mlops/frozen-models") == .allowed)
        #expect(await pusher.checkPull("mlops/frozen-models") == .repositoryMissing)
        let reader = realClient(registry.host, "reader", "pw")
        for (client, repository) in [(pusher, "mlops/other"), (reader, "mlops/frozen-models")] {
          guard case .denied = await client.checkPush(repository) else {
            Issue.record("a push to \(repository) without the right was taken")
            continue
          }
        }
        #expect(await reader.checkPull("mlops/frozen-models") == .repositoryMissing)
        guard case .rejected(let wrong) = await realClient(registry.host, "pusher", "pw").checkCredential(),
          case .denied = await realClient(registry.host, nil).checkPush("mlops/frozen-models")
        else {
          Issue.record("a wrong password or none was taken")
          return
        }
        #expect(wrong.code == .credentialsRejected)
        let requests = try tokens.requests()
        #expect(
          requests.contains {
            $0.user == "reader" && $0.scopes == ["repository:mlops/frozen-models:pull,push"]
              && $0.granted == ["repository:mlops/frozen-models:pull"]
          }, "\(requests)")
        #expect(requests.contains { $0.user == "pusher" && $0.granted == nil })
      }
    }
  }

  @Test("An identity token is taken in place of the password")
  func identityToken() async throws {
    struct Answer: Decodable {
      let refresh_token: String
    }
    try await RegistryTokenServer.run(users: Self.users) { tokens in
      try await DockerRegistry.run(.init(tokens: tokens)) { registry in
        let curl = try TestProgram("curl", debianPackage: "curl")
        let text = try await curl.run(
          ["--fail", "--silent", "--show-error", "--noproxy", "*", "--user", "pusher:p:w"]
            + ["\(tokens.realm)?service=\(RegistryTokenServer.service)&offline_token=true"])
        let token = try JSONDecoder().decode(Answer.self, from: Data(text.utf8)).refresh_token
        let client = realClient(registry.host, RegistryCredential.identityTokenUsername, token)
        #expect(await client.checkPush("mlops/frozen-models") == .allowed)
        guard case .denied = await client.checkPush("mlops/other") else {
          Issue.record("a push without the right was taken")
          return
        }
        #expect(try tokens.requests().last?.method == "POST")
        let wrong = realClient(registry.host, RegistryCredential.identityTokenUsername, "wrong")
        guard case .rejected = await wrong.checkCredential() else {
          Issue.record("a wrong identity token was taken")
          return
        }
      }
    }
  }

  @Test("A token that another key signed is refused")
  func otherKey() async throws {
    try await RegistryTokenServer.run(users: Self.users) { trusted in
      try await RegistryTokenServer.run(users: Self.users) { other in
        let tokens = trusted.behind("http://127.0.0.1:\(other.port)")
        try await DockerRegistry.run(.init(tokens: tokens)) { registry in
          guard case .denied = await realClient(registry.host, "pusher", "p:w").checkPush("mlops/frozen-models") else {
            Issue.record("a push with another's token was taken")
            return
          }
        }
      }
    }
  }
}
