import FoundationEssentials
import HTTP
import Kubernetes
import Simulator
import TestSupport
import Testing

extension Stage {
  /// What an installed agent has to do with beside its cluster and registry.
  struct Surroundings {
    /// Where DataRobot answers.
    let endpoint: String
    /// Where the ingress controller answers.
    let outfacingURL: String
    let dataRobot: DataRobotServer
  }

  /// Runs `body` with a DataRobot that sees the cluster's agents, an ingress controller, and image builders that ask the
  /// stage's registry.
  func withSurroundings(_ body: (Surroundings) async throws -> Void) async throws {
    let dataRobot = DataRobotServer(
      DataRobotConfiguration(
        tokens: [secrets.token], environments: [.init(id: "65f0a1b2c3d4e5f60718293a", name: "Stage")]),
      agentsIn: cluster)
    let ingress = try #require(IngressServer(.healthy))
    let (port, ingressPort) = (try await dataRobot.start(), try await ingress.start())
    await runBuilders()
    func clear() async {
      await dataRobot.stop()
      await ingress.stop()
    }
    do {
      try await body(
        Surroundings(
          endpoint: "http://127.0.0.1:\(port)", outfacingURL: "http://127.0.0.1:\(ingressPort)/deployments/",
          dataRobot: dataRobot))
    } catch {
      await clear()
      throw error
    }
    await clear()
  }

  /// Lets the cluster's image builders ask the stage's real registry, as kaniko would.
  private func runBuilders() async {
    let client = HTTPClient(configuration: .init(environment: [:]))
    await cluster.runBuilders { attempt in
      var headers: HTTPHeaders = [:]
      if let login = attempt.login {
        let pair = Data("\(login.user):\(login.password)".utf8).base64EncodedString()
        headers["Authorization"] = "Basic \(pair)"
      }
      let url = "https://\(attempt.host)/v2/\(attempt.repository)/blobs/uploads/"
      let tls = TLSOptions(certificateAuthority: attempt.certificateAuthority.map { .pem($0) })
      do {
        let response = try await client.send(HTTPRequest(method: "POST", url: url, headers: headers, tls: tls))
        if response.status == 202 { return nil }
        let document = try JSONText.parse(response.body)
        let error = document["errors"]?.array?.first
        return "POST \(url): \(error?["code"]?.string ?? ""): \(error?["message"]?.string ?? "")"
      } catch let error as HTTPError where error.code == .certificateUntrusted {
        return "creating push check transport for \(attempt.host) failed: x509: certificate signed by unknown authority"
      } catch {
        return "creating push check transport for \(attempt.host) failed: \(error)"
      }
    }
  }
}
