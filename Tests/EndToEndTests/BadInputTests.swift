import FoundationEssentials
import SetupCore
import Simulator
import TestSupport
import Testing

/// One way to get it wrong, and what the program must say to it.
struct BadInput: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let code: Int32
  /// Texts that the output must hold, the message and what to do.
  let says: [String]
  /// Texts that would only hide them.
  var leavesOut: [String] = []
  /// Sections of the answers to replace.
  var answers: [String: String] = [:]
  /// A text in place of the whole file.
  var file: String?
  var environment: [String: String?] = [:]
  /// Makes what it needs; returns answers' sections that only then are known.
  var prepare: @Sendable (Stage) async throws -> [String: String] = { _ in [:] }

  static let all: [BadInput] = [
    BadInput(
      testDescription: "no kubeconfig", code: 2, says: ["there is no kubeconfig", "--kubeconfig"],
      environment: ["KUBECONFIG": String?.none]),
    BadInput(
      testDescription: "a kubeconfig that is not there", code: 2, says: ["/nowhere/config"],
      answers: ["cluster": "{kubeconfig: /nowhere/config, namespace: a}"]),
    BadInput(
      testDescription: "an unknown context", code: 2, says: ["stagee", "stage"],
      answers: ["cluster": "{context: stagee, namespace: datarobot-mlops}"]),
    BadInput(
      testDescription: "broken YAML", code: 2, says: ["answers.yaml:3:", "Correct the answers file"],
      file: "apiVersion: mlops-setup/v1\nkind: [\n"),
    BadInput(
      testDescription: "an unknown key", code: 2, says: ["did you mean chart.path?"],
      answers: ["chart": "{pth: x}"]),
    BadInput(
      testDescription: "a value that the chart does not know", code: 2,
      says: [
        "answers.yaml:", "values hold managementAgent.logLevl: the chart does not know it; did you mean logLevel?",
      ],
      answers: ["values": "{managementAgent: {logLevl: DEBUG}}"]),
    BadInput(
      testDescription: "a value that the chart's schema refuses", code: 2,
      says: ["values hold managementAgent.pullPolicy=Never ever: it must be one of Always, IfNotPresent, Never"],
      answers: ["values": "{managementAgent: {pullPolicy: Never ever}}"]),
    BadInput(
      testDescription: "an example that the chart does not have", code: 2,
      says: ["chart.example AKS_values.yaml does not exist; did you mean AKE_values.yaml?"],
      prepare: { ["chart": "{path: \"\($0.chart)\", example: AKS_values.yaml}"] }),
    BadInput(
      testDescription: "a wrong type", code: 2, says: ["helm.timeout must be a text, not a list"],
      answers: ["helm": "{timeout: [1]}"]),
    BadInput(
      testDescription: "a missing secret variable", code: 2,
      says: ["registry.password", "the environment variable REGISTRY_PASSWORD is not set"],
      environment: ["REGISTRY_PASSWORD": String?.none]),
    BadInput(
      testDescription: "a registry that nothing could look up", code: 2,
      says: ["registry.name is missing", "registry.username is missing", "there is no program az on PATH"],
      leavesOut: ["images.generated"], answers: ["registry": "{provider: acr}", "images": "{}"]),
    BadInput(
      testDescription: "a chart without Chart.yaml", code: 2, says: ["has no Chart.yaml"],
      prepare: { stage in
        try FileManager.default.createDirectory(atPath: stage.folder.file("empty"), withIntermediateDirectories: true)
        return ["chart": "{path: ./empty}"]
      }),
    BadInput(
      testDescription: "helm missing", code: 3, says: ["there is no helm on PATH", "Install helm"],
      environment: ["PATH": "/usr/bin:/bin"]),
    BadInput(
      testDescription: "a wrong registry password", code: 3,
      says: ["fail     registry.credentials", "check the user name and the password"],
      environment: ["REGISTRY_PASSWORD": "wrong"]),
    BadInput(
      testDescription: "the wrong CA", code: 3, says: ["fail     cluster.reachable", "certificate"],
      prepare: { stage in
        let other = try await TestCertificates(in: stage.folder, name: "Another CA").authority.certificate
        return try stage.useKubeconfig { $0.replacingCA(with: other) }
      }),
    BadInput(
      testDescription: "a refused connection", code: 3, says: ["fail     cluster.reachable", "refuses the connection"],
      prepare: { stage in try stage.useKubeconfig { $0.replacingServer(with: "https://127.0.0.1:9") } }),
    BadInput(
      testDescription: "a page in place of the API", code: 3,
      says: ["fail     cluster.reachable", "no Kubernetes answer"],
      prepare: { stage in
        stage.cluster.add(Fault(pathPrefix: "/version", effect: .htmlPage(status: 200)))
        return [:]
      }),
    BadInput(
      testDescription: "401", code: 3, says: ["fail     cluster.credentials"],
      prepare: { stage in try stage.useKubeconfig { $0.replacingToken(with: "no-token-of-anybody") } }),
    BadInput(
      testDescription: "403", code: 3,
      says: ["fail     permissions.install", "You may not", "kubectl auth can-i"],
      prepare: { stage in try stage.useKubeconfig { $0.replacingToken(with: "viewer-token") } }),
    BadInput(
      testDescription: "an expired client certificate", code: 3,
      says: ["fail     cluster.credentials", "the client certificate for \"admin\" ended on 2021-01-01"],
      prepare: { stage in
        let pair = try await TestCertificates(in: stage.folder, name: "Client CA").client(
          user: "admin", validity: .expired)
        return try stage.useKubeconfig { $0.replacingUser(withCertificate: pair) }
      }),
  ]
}

@Suite("Bad input, each with its own message and exit code, and nothing is changed")
struct BadInputTests {
  @Test("Says what is wrong and what to do", arguments: BadInput.all)
  func says(_ input: BadInput) async throws {
    try await Stage.with { stage in
      let prepared = try await input.prepare(stage)
      let text = input.file ?? stage.answers(input.answers.merging(prepared) { $1 })
      try stage.folder.write(text, to: "answers.yaml")
      let ending = try await stage.run("--answers", "answers.yaml", environment: input.environment)
      #expect(ending.code == input.code, "\(ending.out)\n\(ending.progress)")
      for words in input.says {
        #expect((ending.out + ending.progress).contains(words), "\(ending.out)\n\(ending.progress)")
      }
      for words in input.leavesOut { #expect(!(ending.out + ending.progress).contains(words), "\(ending.progress)") }
      #expect(stage.cluster.log.writes == [])
    }
  }
}
