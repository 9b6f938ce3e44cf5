/// Every check there is. A new one is a file here and a line in this list.
public enum CheckCatalog {
  /// The checks of the core, in the order of reports.
  static let core: [Check] = [
    .clusterReachable, .clusterCredentials, .clusterClock, .clusterCertificate, .kubernetesVersion, .openShiftVersion,
    .ingressClass, .ingressController, .nodesFit, .permissionsInstall, .storageClass,
    .namespaceState, .namespaceQuota, .namespacePodSecurity, .namespaceSCC, .registryReachable, .registryTLS,
    .registryCredentials,
    .registryPush, .registryRepositories, .registryImages, .registryArchitecture, .imageReferences, .helmVersion,
    .helmRelease, .chartFound, .chartRender, .permissionsAgent, .chartDryRun, .builderImage, .outfacingURL,
    .dataRobotReachable,
    .dataRobotToken, .dataRobotEnvironment,
  ]

  /// What must hold once the agent is installed, in the order of reports.
  static let verify: [Check] = [
    .clusterReachable, .clusterCredentials, .agentRelease, .agentDeployment, .agentPods, .agentLogs, .agentHealth,
    .agentBuilder, .dataRobotReachable, .dataRobotToken, .dataRobotEnvironment, .ingressAnswers,
  ]

  /// The checks for these answers: the core's and the chosen registry provider's.
  public static func checks(_ answers: Answers) -> [Check] {
    core + (RegistryProviders.chosen(answers)?.checks ?? [])
  }
}

/// A verb that checks and reports, and the checks that are its own.
public enum Inspection: String, Sendable, CaseIterable {
  /// Before an installation.
  case preflight
  /// After it.
  case verify

  /// For headings.
  public var title: String {
    switch self {
    case .preflight: "Preflight"
    case .verify: "Verification"
    }
  }

  /// The `kind` of its JSON document; of several contexts' it has `List` behind it.
  var reportKind: String {
    switch self {
    case .preflight: "PreflightReport"
    case .verify: "VerifyReport"
    }
  }

  /// Its checks for these answers.
  public func checks(_ answers: Answers) -> [Check] {
    switch self {
    case .preflight: CheckCatalog.checks(answers)
    case .verify: CheckCatalog.verify
    }
  }

  /// Every check it has, whatever the answers.
  public var all: [Check] {
    switch self {
    case .preflight: CheckCatalog.all
    case .verify: CheckCatalog.verify
    }
  }

  /// The ids of all checks of all verbs, each once: what a waiver may name.
  static var known: [CheckID] {
    allCases.flatMap(\.all).map(\.id).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
