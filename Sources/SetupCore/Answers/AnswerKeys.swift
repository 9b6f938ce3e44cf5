// The keys of every answer that the core itself reads. A provider's own keys stand in its folder.

extension AnswerKey where Value == String {
  /// Path of the kubeconfig; none: KUBECONFIG, then `~/.kube/config`.
  public static let kubeconfig = AnswerKey("cluster.kubeconfig")
  /// Name of the context; none: the current one.
  public static let context = AnswerKey("cluster.context")
  /// The namespace of the agent.
  public static let namespace = AnswerKey("cluster.namespace")
  /// Name of the registry provider: `generic`.
  public static let provider = AnswerKey("registry.provider")
  /// Registry host and port.
  public static let server = AnswerKey("registry.server")
  /// Path put before the repository names.
  public static let prefix = AnswerKey("registry.prefix")
  /// `https` or `http`.
  public static let scheme = AnswerKey("registry.scheme")
  /// Path of a PEM file with the registry's CA.
  public static let certificateAuthority = AnswerKey("registry.certificateAuthority")
  /// The user that may push.
  public static let username = AnswerKey("registry.username")
  /// DataRobot's base URL.
  public static let endpoint = AnswerKey("datarobot.endpoint")
  /// The prediction environment's id.
  public static let predictionEnvironment = AnswerKey("datarobot.predictionEnvironment")
  /// `existing` or `create`.
  static let environmentChoice = AnswerKey("datarobot.environment")
  /// The name of a prediction environment that is made.
  static let environmentName = AnswerKey("datarobot.environmentName")
  /// Its platform, as DataRobot calls it: `aws`.
  static let environmentPlatform = AnswerKey("datarobot.environmentPlatform")
  /// Name of the IngressClass.
  public static let ingressClass = AnswerKey("ingress.className")
  /// The URL under which models are reached.
  public static let outfacingURL = AnswerKey("ingress.outfacingUrl")
  /// Image of the management agent.
  public static let managementAgent = AnswerKey("images.managementAgent")
  /// Image of the tracking agent; none: no monitoring.
  public static let trackingAgent = AnswerKey("images.trackingAgent")
  /// Image of the portable prediction server.
  public static let predictionServer = AnswerKey("images.predictionServer")
  /// Repository of the images that the agent builds.
  public static let generated = AnswerKey("images.generated")
  /// Repository of the layers that the image builder keeps; none: its usual place.
  static let cache = AnswerKey("images.cache")
  /// What is done about nodes with cgroup v2: see `BuilderStart`.
  static let builderStart = AnswerKey("imageBuilder.cgroupV2")
  /// The image builder's image, where another than the chart's is wanted.
  static let builderImage = AnswerKey("imageBuilder.image")
  /// DataRobot's agent tarball, a pattern for it, or its unpacked folder.
  public static let agentTarball = AnswerKey("agent.tarball")
  /// Which program brings images into the registry.
  static let imageEngine = AnswerKey("images.engine")
  /// The chart's folder or archive.
  public static let chartPath = AnswerKey("chart.path")
  /// The release's name.
  public static let release = AnswerKey("chart.release")
  /// How long helm and the rollout may take.
  public static let timeout = AnswerKey("helm.timeout")
  /// `yes` or `no`: whether helm rolls a failed upgrade back.
  static let rollback = AnswerKey("helm.rollback")
}

extension AnswerKey where Value == [String] {
  /// Image archives, as `docker save` writes them.
  public static let imageArchives = AnswerKey("images.archives")
  /// More values files, which win over ours.
  public static let valuesFiles = AnswerKey("chart.values")
}

extension AnswerKey where Value == SecretReference {
  /// The registry user's password.
  public static let registryPassword = AnswerKey("registry.password")
  /// DataRobot's API token.
  public static let apiToken = AnswerKey("datarobot.apiToken")
}
