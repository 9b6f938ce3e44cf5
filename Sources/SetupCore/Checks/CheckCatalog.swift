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

  /// The checks for these answers: the core's and the chosen registry provider's.
  public static func checks(_ answers: Answers) -> [Check] {
    core + (RegistryProviders.chosen(answers)?.checks ?? [])
  }
}
