import Simulator

/// Where the simulated world's images are: in a registry of its own, or in that of the simulated OpenShift.
struct DemoImages {
  static let tag = "11.2.62"
  static let names = ["mlops-management-agent", "mlops-tracking-agent", "datarobot-portable-prediction-api"]

  private let openShift: OpenShiftPlatform?
  /// Whether the registry takes pushes.
  private let mayPush: Bool

  init(_ scenario: ClusterScenario) {
    openShift = scenario.openShift
    mayPush = scenario.installation?.mayPush ?? true
  }

  /// The registry's host.
  var server: String { openShift?.registryHost ?? "registry.demo.example" }
  /// OpenShift's registry takes the cluster's tokens.
  var password: String { openShift == nil ? "demo-password" : DemoWorld.userToken }
  /// The names under which pods find the registry.
  var hosts: [String] { [server] + (openShift == nil ? [] : [OpenShiftPlatform.registryService]) }
  /// The host that serves the models.
  private var modelsHost: String { openShift.map { "models.\($0.appsDomain)" } ?? "models.demo.example" }

  /// How a registry of its own is set up.
  var configuration: RegistryConfiguration {
    let rights = RegistryConfiguration.Right(actions: mayPush ? [.pull, .push] : [.pull])
    var configuration = RegistryConfiguration(
      authentication: .token, users: [.init(name: "push", password: password, rights: [rights])])
    configuration.realm = "https://\(server)/token"
    return configuration
  }

  /// The repository of an image; in OpenShift's registry its first part is the project.
  func repository(_ name: String) -> String { "\(openShift == nil ? "datarobot" : "datarobot-mlops")/\(name)" }

  /// The answers' `images`: what does not follow from the registry.
  var answers: String {
    let host = openShift == nil ? server : OpenShiftPlatform.registryService
    return "{trackingAgent: \"\(host)/\(repository(Self.names[1])):\(Self.tag)\"}"
  }

  /// The answers' `registry`.
  var registryAnswers: String {
    openShift == nil
      ? "{provider: generic, server: \(server), username: push, password: {env: REGISTRY_PASSWORD}}"
      : "{provider: openshift}"
  }

  /// Scheme and host of the models: OpenShift's router ends no TLS for Ingresses without a TLS section.
  var modelsOrigin: String { "\(openShift == nil ? "https" : "http")://\(modelsHost)" }
  /// Under which URL models are served.
  var outfacingURL: String { "\(modelsOrigin)/deployments/" }
}
