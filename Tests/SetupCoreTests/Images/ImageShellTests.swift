import Registry
import TestSupport
import Testing
import Text

@testable import SetupCore

@Suite("What a person types before the first image is pushed")
struct ImageShellTests {
  private static func prepared(_ answers: Answers, _ engine: ImageEngine, isPlain: Bool = false) -> [String] {
    let access = RegistryAccess(
      server: "r.example.com", endpoint: RegistryEndpoint(host: "r.example.com", scheme: isPlain ? .http : .https)
    ) { nil }
    return ImageShell(engine: engine, access: access, answers: answers).preparations
  }

  @Test("skopeo and podman have a login and a trust of their own, docker's are its daemon's")
  func engines() {
    let answers = Samples.answers(["registry.certificateAuthority": .text("/our ca.pem")])
    let login = "printf %s \"$REGISTRY_PASSWORD\" |\n"
    let end = "--username push --password-stdin registry.example.com:5000"
    for engine in [ImageEngine.skopeo, .podman] {
      #expect(
        Self.prepared(answers, engine) == [
          "mkdir -p registry-trust && cp '/our ca.pem' registry-trust/ca.crt",
          "export REGISTRY_AUTH_FILE=\"$PWD/registry-login.json\"",
          "\(login)\(engine.rawValue) login --cert-dir registry-trust \(end)",
        ])
    }
    #expect(Self.prepared(answers, .docker) == ["\(login)docker login \(end)"])
    #expect(
      Self.prepared(Samples.answers(), .skopeo, isPlain: true).last == "\(login)skopeo login --tls-verify=false \(end)")
  }

  @Test("Docker's own login and a Secret's that is not read need no other")
  func none() {
    #expect(Self.prepared(Samples.answers(["registry.login": .text("docker")]), .skopeo) == [])
    let existing = Samples.answers(["registry.password": .secret(.existing("team-creds"))])
    #expect(Self.prepared(existing, .skopeo) == [])
  }

  @Test("A cloud's program prints the password")
  func clouds() {
    func login(_ answers: Answers) -> String? {
      RegistryProviders.chosen(answers)?.shellLogin(answers)?.command("skopeo")
    }
    #expect(
      login(ECRSamples.answers())
        == "aws ecr get-login-password --region eu-central-1 |\nskopeo login --username AWS --password-stdin \(ECRSamples.server)"
    )
    #expect(
      login(GoogleSamples.answers())?.hasPrefix(
        "gcloud auth print-access-token --quiet |\nskopeo login --username oauth2accesstoken --password-stdin ") == true
    )
    let azure = login(AzureStage.answers("token")) ?? ""
    #expect(azure.hasPrefix("az acr login --name "), "\(azure)")
    #expect(azure.contains(" --expose-token "), "\(azure)")
    #expect(
      azure.contains(" |\nskopeo login --username 00000000-0000-0000-0000-000000000000 --password-stdin "), "\(azure)")
  }
}
