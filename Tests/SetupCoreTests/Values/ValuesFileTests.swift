import TestSupport
import Testing
import YAML

@testable import SetupCore

@Suite("The values file")
struct ValuesFileTests {
  private static let variants: [(String, [QuestionID: AnswerValue])] = [
    ("plain", [:]),
    ("http", ["registry.scheme": .text("http"), "images.trackingAgent": .text("")]),
    (
      "own-ca",
      ["registry.certificateAuthority": .text("ca.pem"), "datarobot.endpoint": .text("https://dr.example.com")]
    ),
    (
      "existing-secrets",
      [
        "registry.password": .secret(.existing("team-creds")), "datarobot.apiToken": .secret(.existing("team-key")),
        "registry.username": .text(""),
      ]
    ),
  ]

  private static func make(_ kind: Samples.ChartKind, _ changes: [QuestionID: AnswerValue]) throws -> (
    ValuesFile, String
  ) {
    let chart = try Samples.chart(kind)
    let file = ValuesFile(settings: AgentValues.settings(Samples.answers(changes)), chart: chart)
    return (file, file.text(release: "bosun", chart: chart))
  }

  @Test(
    "Each variant's file is the recorded one, for both generations of the chart", arguments: Samples.ChartKind.allCases)
  func goldens(_ kind: Samples.ChartKind) throws {
    for (name, changes) in Self.variants {
      let (_, text) = try Self.make(kind, changes)
      if let difference = try goldenDifference("SetupCore/values-\(kind)-\(name).yaml", text) {
        Issue.record("\(difference)")
      }
      #expect(!text.contains("55f1"))
      #expect(text == (try Self.make(kind, changes).1))
    }
  }

  @Test("What is read back is what was set, under keys the chart knows and no others")
  func readBack() throws {
    for kind in Samples.ChartKind.allCases {
      let known = ChartValues(root: try Samples.chart(kind).values)
      for (name, changes) in Self.variants {
        let (file, text) = try Self.make(kind, changes)
        let root = try #require(try YAML.parse(text, source: "values.yaml"))
        for path in Self.leaves(root, stop: Set(file.placed.map(\.path))) {
          #expect(file.placed.contains { $0.path == path }, "\(kind) \(name): \(path)")
          #expect(known.knows(path), "\(kind) \(name): \(path)")
        }
        for placed in file.placed {
          var node: YAMLNode? = root
          for key in placed.path.split(separator: ".") { node = node?[String(key)] }
          if case .string(let expected) = placed.setting.value {
            #expect(node?.string == expected, "\(kind) \(name): \(placed.path)")
          } else {
            #expect(node != nil, "\(kind) \(name): \(placed.path)")
          }
        }
      }
    }
  }

  /// The dotted paths of a tree's ends, not going beneath the paths in `stop`.
  private static func leaves(_ node: YAMLNode, stop: Set<String>, at path: String = "") -> [String] {
    guard case .mapping(let entries) = node.value, !stop.contains(path) else { return [path] }
    return entries.flatMap { leaves($0.value, stop: stop, at: path.isEmpty ? $0.key : "\(path).\($0.key)") }
  }

  @Test("The known generations miss nothing that is required")
  func complete() throws {
    for kind in Samples.ChartKind.allCases {
      for (name, changes) in Self.variants {
        #expect(try Self.make(kind, changes).0.missing.map(\.paths.first) == [], "\(kind) \(name)")
      }
    }
  }

  private static func chart(_ values: String, appVersion: String? = nil) throws -> Chart {
    Chart(
      path: "/c", name: "c", version: "1.0.0", appVersion: appVersion,
      values: try YAML.parse(values, source: "values.yaml"))
  }

  @Test("What the chart has no key for is not set, and reported where something needs it")
  func missing() throws {
    let chart = try Self.chart("managementAgent: {repository: x}\n")
    let file = ValuesFile(settings: AgentValues.settings(Samples.answers()), chart: chart)
    #expect(file.placed.map(\.path) == ["managementAgent.repository"])
    #expect(
      file.missing.compactMap(\.paths.first) == [
        "predictionServer.ingressClassName", "predictionServer.outfacingUrlRoot", "datarobot.apiSecretName",
        "datarobot.predictionEnvId", "managementAgent.tag", "trackingAgent.image", "imageBuilder.ppsImage",
        "imageBuilder.generatedImageRepository", "imageBuilder.secretName",
      ])
  }

  @Test("A tag that the chart runs anyway is not missed, and DataRobot's own address neither")
  func implied() throws {
    let values = "managementAgent: {repository: x}\n"
    func missing(_ appVersion: String?, _ endpoint: String) throws -> [String] {
      let answers = Samples.answers(["datarobot.endpoint": .text(endpoint)])
      return ValuesFile(
        settings: AgentValues.settings(answers), chart: try Self.chart(values, appVersion: appVersion)
      ).missing.compactMap(\.paths.first)
    }
    let saas = "https://app.datarobot.com"
    #expect(try !missing("11.2.62", saas).contains("managementAgent.tag"))
    #expect(try missing("11.2.0", saas).contains("managementAgent.tag"))
    #expect(try missing(nil, saas).contains("managementAgent.tag"))
    #expect(try !missing(nil, saas).contains("datarobot.endpoint"))
    #expect(try missing(nil, "https://dr.example.com").contains("datarobot.endpoint"))
  }

  @Test(
    "A port is no tag, and a digest joins again with the colon a chart writes",
    arguments: [
      ("a/b:1.2", "a/b", "1.2"), ("host:5000/a/b:1.2", "host:5000/a/b", "1.2"), ("host:5000/a/b", "host:5000/a/b", nil),
      ("a/b", "a/b", nil), ("a/b@sha256:0123", "a/b@sha256", "0123"),
    ] as [(String, String, String?)])
  func tags(_ image: String, _ repository: String, _ tag: String?) {
    let split = AgentValues.splitTag(image)
    #expect(split.repository == repository)
    #expect(split.tag == tag)
    #expect(image == split.repository + (split.tag.map { ":\($0)" } ?? ""))
  }

  @Test("A path of the outfacing URL ends with one slash")
  func slash() throws {
    for url in ["https://m.example.com/d", "https://m.example.com/d/"] {
      let settings = AgentValues.settings(Samples.answers(["ingress.outfacingUrl": .text(url)]))
      let setting = try #require(settings.first { $0.paths.contains("predictionServer.outfacingUrlRoot") })
      #expect(setting.value == .string("https://m.example.com/d/"))
    }
  }

  @Test("Without a tracking agent monitoring is switched off, where the chart has the switch")
  func noTracking() throws {
    let settings = AgentValues.settings(Samples.answers(["images.trackingAgent": .text("")]))
    #expect(!settings.contains { $0.paths.contains("trackingAgent.image") })
    #expect(settings.first { $0.paths.contains("trackingAgent.enabled") }?.value == .bool(false))
  }
}
