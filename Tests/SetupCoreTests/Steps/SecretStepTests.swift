import FoundationEssentials
import HTTP
import Kubernetes
import TestSupport
import Testing

@testable import SetupCore

@Suite("The steps of secrets and the registry's CA")
struct SecretStepTests {
  private static let tokenPath = "/api/v1/namespaces/datarobot-mlops/secrets/mlops-api-key"
  private static let registryPath = "/api/v1/namespaces/datarobot-mlops/secrets/registry-creds"
  private static let mapPath = "/api/v1/namespaces/datarobot-mlops/configmaps/registry-ca"
  private static let ours = #"{"app.kubernetes.io/managed-by":"mlops-setup"}"#

  private static func secret(
    _ name: String, _ data: [String: String], type: String = "Opaque", labels: String = "{}",
    managers: [String] = ["kubectl-create"]
  ) -> String {
    let members = data.map { #""\#($0)":"\#(Data($1.utf8).base64EncodedString())""# }.joined(separator: ",")
    let fields = managers.map { #"{"manager":"\#($0)","operation":"Update"}"# }.joined(separator: ",")
    return
      #"{"kind":"Secret","metadata":{"name":"\#(name)","uid":"u-7","labels":\#(labels),"managedFields":[\#(fields)]},"type":"\#(type)","data":{\#(members)}}"#
  }

  private func step(_ id: StepID, _ answers: Answers = Samples.answers()) throws -> any Step {
    try #require(Planner.steps(answers).first { $0.id == id })
  }

  private func inspect(
    _ id: StepID, _ objects: [String: String], answers: Answers = Samples.answers(), files: MemoryFiles? = nil
  ) async throws -> StepState {
    let cluster = try ScriptedCluster(objects)
    let state = try await step(id, answers).inspect(try Samples.setup(answers, files: files, http: cluster))
    #expect(cluster.writes == [])
    #expect(!"\(state)".contains("55f1"))
    return state
  }

  @Test("A token's Secret that is not there is needed")
  func absent() async throws {
    #expect(try await inspect("api-token", [:]) == .needed(["create Secret mlops-api-key with the key secret"]))
    #expect(
      try await inspect("registry-credentials", [:])
        == .needed(["create Secret registry-creds with the key .dockerconfigjson"]))
  }

  @Test("One with the same content is done, whoever made it, and whatever else is in it")
  func same() async throws {
    for labels in ["{}", Self.ours] {
      let object = Self.secret("mlops-api-key", ["secret": Samples.token, "more": "x"], labels: labels)
      #expect(
        try await inspect("api-token", [Self.tokenPath: object]) == .done("Secret mlops-api-key is as it should be"))
    }
  }

  @Test("Ours with another content, or without the key, is changed")
  func changed() async throws {
    for data in [["secret": "old"], ["token": Samples.token], [:]] {
      let object = Self.secret("mlops-api-key", data, labels: Self.ours)
      #expect(
        try await inspect("api-token", [Self.tokenPath: object]) == .needed(["change secret of Secret mlops-api-key"]))
    }
  }

  @Test("Another's with another content blocks, names who wrote it and how to keep it or make it anew")
  func foreign() async throws {
    let object = Self.secret(
      "mlops-api-key", ["secret": "old"], managers: ["helm", "mlops-setup", "kubectl-edit", "helm"])
    #expect(
      try await inspect("api-token", [Self.tokenPath: object])
        == .blocked(
          "Secret mlops-api-key exists with other content and was written by helm, kubectl-edit, so it is not changed. To keep it, set datarobot.apiToken: {existing: mlops-api-key}; to have it made anew, delete it: kubectl delete secret mlops-api-key --namespace datarobot-mlops"
        ))
    let unknown = Self.secret("registry-creds", [".dockerconfigjson": "{}"], managers: [])
    let reason = try await inspect("registry-credentials", [Self.registryPath: unknown]).whyBlocked()
    #expect(reason.contains("was written by another hand"))
    #expect(reason.contains("set registry.password: {existing: registry-creds}"))
  }

  @Test("A type that differs blocks, since Kubernetes lets nobody change it")
  func type() async throws {
    let mine = Self.secret("mlops-api-key", ["secret": Samples.token], type: "example.com/x", labels: Self.ours)
    #expect(
      try await inspect("api-token", [Self.tokenPath: mine])
        == .blocked(
          "Secret mlops-api-key has the type example.com/x, which Kubernetes lets nobody change to Opaque. Delete it first: kubectl delete secret mlops-api-key --namespace datarobot-mlops"
        ))
    let theirs = Self.secret("registry-creds", [".dockerconfigjson": "{}"], type: "Opaque")
    let reason = try await inspect("registry-credentials", [Self.registryPath: theirs]).whyBlocked()
    #expect(reason.hasPrefix("Secret registry-creds exists with other content and was written by kubectl-create"))
  }

  @Test("Credentials in another spelling mean the same; others do not")
  func meaning() async throws {
    let password = #"pa'ss \"w0rd\" 55f1"#
    let auth = Data("push:\(Samples.password)".utf8).base64EncodedString()
    let dockerType = "kubernetes.io/dockerconfigjson"
    for (text, isSame) in [
      (#"{"auths":{"registry.example.com:5000":{"auth":"\#(auth)"}}}"#, true),
      (#"{ "auths": { "registry.example.com:5000": {"password":"\#(password)","username":"push"} } }"#, true),
      (#"{"auths":{"https://registry.example.com:5000/v1/":{"auth":"\#(auth)"}}}"#, true),
      (#"{"auths":{"registry.example.com:5000":{"username":"push","password":"other"}}}"#, false),
      (#"{"auths":{"registry.example.com":{"auth":"\#(auth)"}}}"#, false),
      ("not json", false), ("", false),
    ] {
      let object = Self.secret(
        "registry-creds", [".dockerconfigjson": text.filter { $0 != "\n" }], type: dockerType, labels: Self.ours)
      let state = try await inspect("registry-credentials", [Self.registryPath: object])
      #expect(
        state
          == (isSame
            ? .done("Secret registry-creds is as it should be")
            : .needed(["change .dockerconfigjson of Secret registry-creds"])),
        "\(text)")
    }
  }

  @Test("Applying sends type, data and our mark, as the field manager mlops-setup, without force")
  func apply() async throws {
    let cluster = try ScriptedCluster()
    let setup = try Samples.setup(http: cluster)
    try await step("api-token").perform(setup) { _ in }
    try await step("registry-credentials").perform(setup) { _ in }
    #expect(
      cluster.writes == [
        "PATCH \(Self.tokenPath)?fieldManager=mlops-setup", "PATCH \(Self.registryPath)?fieldManager=mlops-setup",
      ])
    let encoded = Data(Samples.token.utf8).base64EncodedString()
    #expect(
      cluster.writeBodies[0]
        == #"{"apiVersion":"v1","data":{"secret":"\#(encoded)"},"kind":"Secret","metadata":{"labels":{"app.kubernetes.io/managed-by":"mlops-setup"},"name":"mlops-api-key","namespace":"datarobot-mlops"},"type":"Opaque"}"#
    )
    let registry = try object(JSONValue.self, cluster.writeBodies[1])
    #expect(registry["type"] == "kubernetes.io/dockerconfigjson")
    #expect(registry["data"]?[".dockerconfigjson"]?.string != nil)
    // What was written is found to be as it should be.
    #expect(
      try await step("registry-credentials").inspect(setup) == .done("Secret registry-creds is as it should be"))
    #expect(try await step("api-token").inspect(setup) == .done("Secret mlops-api-key is as it should be"))
  }

  @Test("A field that another manager owns is not taken: the conflict is told")
  func conflict() async throws {
    let cluster = try ScriptedCluster { request in
      guard request.method == "PATCH" else { return nil }
      return .json(
        409,
        #"{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Apply failed with 1 conflict: conflict with \"recorder\": .data.secret","reason":"Conflict","details":{"causes":[{"reason":"FieldManagerConflict","message":"conflict with \"recorder\"","field":".data.secret"}]},"code":409}"#
      )
    }
    let setup = try Samples.setup(http: cluster)
    let error = try #require(
      await #expect(throws: KubernetesError.self) { try await step("api-token").perform(setup) { _ in } })
    #expect(error.code == .fieldManagerConflict)
    #expect(error.message.contains("recorder"))
    #expect(!cluster.requests.contains { $0.url.contains("force") })
  }

  @Test("A Secret that is there already and named so in the answers has no step")
  func existing() {
    let answers = Samples.answers([
      "datarobot.apiToken": .secret(.existing("k")), "registry.password": .secret(.existing("r")),
    ])
    #expect(
      Planner.steps(answers).map(\.id.name) == ["namespace", "values", "agent-attach", "release", "rollout"])
  }

  private static let withCA = Samples.answers(["registry.certificateAuthority": .text("ca.pem")])

  @Test("The registry's CA becomes a ConfigMap; the same is done, ours is changed, another's blocks, no file throws")
  func certificate() async throws {
    let files = try Samples.files(["/home/admin/work/ca.pem": Samples.pem])
    func map(_ text: String, labels: String = "{}") -> String {
      #"{"kind":"ConfigMap","metadata":{"name":"registry-ca","labels":\#(labels),"managedFields":[{"manager":"argocd"}]},"data":{"ca.crt":"\#(text)"}}"#
    }
    func state(_ objects: [String: String]) async throws -> StepState {
      try await inspect("registry-ca", objects, answers: Self.withCA, files: files)
    }
    #expect(try await state([:]) == .needed(["create ConfigMap registry-ca"]))
    #expect(
      try await state([Self.mapPath: map(Samples.pem.replacing("\n", with: "\\n"))])
        == .done("ConfigMap registry-ca is as it should be"))
    #expect(try await state([Self.mapPath: map("x", labels: Self.ours)]) == .needed(["change ConfigMap registry-ca"]))
    #expect(
      try await state([Self.mapPath: map("x")])
        == .blocked(
          "ConfigMap registry-ca exists with other content and was written by argocd; delete or rename it first"))
    let error = await #expect(throws: SetupError.self) {
      try await inspect("registry-ca", [:], answers: Self.withCA)
    }
    #expect(error?.message == "there is no CA file /home/admin/work/ca.pem")
    let cluster = try ScriptedCluster()
    try await step("registry-ca", Self.withCA).perform(
      try Samples.setup(Self.withCA, files: files, http: cluster)
    ) { _ in }
    #expect(cluster.object(Self.mapPath)?["data"] == ["ca.crt": .string(Samples.pem)])
  }

  @Test("Taking back leaves what is not ours")
  func undo() async throws {
    let cluster = try ScriptedCluster([
      Self.tokenPath: Self.secret("mlops-api-key", [:]),
      Self.registryPath: Self.secret("registry-creds", [:], labels: Self.ours),
    ])
    let setup = try Samples.setup(http: cluster)
    #expect(try await step("api-token").undo(setup) == "Secret mlops-api-key stays: it is not ours")
    #expect(try await step("registry-credentials").undo(setup) == "deleted Secret registry-creds")
    #expect(cluster.writes == ["DELETE \(Self.registryPath)"])
    #expect(cluster.writeBodies[0].contains(#""uid":"u-7""#))
  }
}
