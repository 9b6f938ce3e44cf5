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
  var modelsHost: String { openShift.map { "models.\($0.appsDomain)" } ?? "models.demo.example" }

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

  /// More values for the chart. OpenShift gives a pod its user and group itself and takes no others.
  var values: String {
    openShift == nil ? "" : "managementAgent: {podSecurityContext: {runAsUser: null, fsGroup: null}}\n"
  }

  /// The answers' `images`: those that do not follow from the server.
  var answers: String {
    func image(_ index: Int) -> String { "\(server)/\(repository(Self.names[index])):\(Self.tag)" }
    if openShift == nil { return "{trackingAgent: \"\(image(1))\"}" }
    return """
      {managementAgent: "\(image(0))", trackingAgent: "\(image(1))", predictionServer: "\(image(2))", \
      generated: "\(server)/\(repository("frozen-models"))"}
      """
  }
}
