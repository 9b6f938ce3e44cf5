import Registry

extension Questionnaire {
  /// Where the chart and the images come from. The chart's version is the images' default tag.
  static let packages: [Question] = [
    Question(
      "agent.tarball", page: .images, label: "Agent package",
      why:
        "DataRobot's agent tarball, or its unpacked folder: the chart and what the images are built of come from it. "
        + "Left empty: name the chart itself.",
      example: "~/Downloads/datarobot_mlops_package-*.tar.gz", kind: .path, isRequired: false,
      refusal: \.agentPackage.failure),
    Question(
      "images.archives", page: .images, label: "Image archives",
      why:
        "Image archives as they were downloaded, such as that of the prediction server: what the registry lacks is pushed "
        + "from them. May be left empty.",
      example: "~/Downloads/datarobot-portable-prediction-api-11.2.0.tar.gz", kind: .paths, isRequired: false,
      refusal: \.imageArchives.failure),
    Question(
      "chart.path", page: .images, label: "Chart",
      why: "The folder tools/charts/datarobot-management-agent of the unpacked agent tarball, or a packed chart.",
      example: "./datarobot-management-agent", kind: .path,
      suggestion: { _, survey in survey.agentPackage.value.map { .text($0.chart.path) } }, followsOthers: true),
  ]

  /// The images, and how they are built.
  static let images: [Question] = [
    image(
      "images.managementAgent", label: "Mgmt agent", repository: "datarobot/mlops-management-agent",
      why: "The management agent's image, with a tag.", problem: taggedProblem),
    Question(
      "images.trackingAgent", page: .images, label: "Tracking agent",
      why: "The tracking agent's image, with a tag. Left out: deployed models are not monitored.",
      example: "registry.example.com:5000/datarobot/mlops-tracking-agent:11.2.62", isRequired: false,
      problem: { value, _ in value.text.flatMap(taggedProblem) }),
    image(
      "images.predictionServer", label: "Prediction srv.", repository: "datarobot/datarobot-portable-prediction-api",
      why: "The portable prediction server's image. The agent wants a tag of three numbers, like 11.2.0.",
      problem: DataRobotImageRules.predictionServerProblem),
    Question(
      "images.generated", page: .images, label: "Generated",
      why: "The repository, without a tag, that the agent pushes the images it builds to.",
      example: "registry.example.com:5000/mlops/frozen-models",
      suggestion: { answers, _ in
        RegistryProviders.chosen(answers)?.repository("mlops/frozen-models", answers).map { .text($0) }
      },
      followsOthers: true,
      problem: { value, _ in value.text.flatMap(DataRobotImageRules.generatedRepositoryProblem) }),
    Question(
      "images.cache", page: .images, label: "Layer cache",
      why:
        "The repository, without a tag, where the image builder keeps layers for the next build. Left empty: /cache below "
        + "the generated images, which some registries refuse.",
      example: "registry.example.com:5000/mlops/frozen-models-cache", isRequired: false,
      candidates: { answers, survey in
        guard let generated = answers[.generated], let push = survey.registry.value?.push["\(generated)/cache"],
          push != .seen(true)
        else { return [] }
        return [Question.Choice("\(generated)-cache", "beside the images: the registry refuses \(generated)/cache")]
      },
      problem: { value, _ in value.text.flatMap(DataRobotImageRules.generatedRepositoryProblem) }),
    Question(
      "imageBuilder.cgroupV2", page: .images, label: "On cgroup v2",
      why:
        "kaniko before 1.9.0, which charts bring, refuses to start on nodes with cgroup v2, and no model is ever built. "
        + "What a file of chart.values sets wins over this.",
      kind: .choice(BuilderStart.allCases.map { Question.Choice($0.rawValue, $0.label) }),
      suggestion: { _, survey in .text(BuilderStart.usual(survey).rawValue) }),
    Question(
      "imageBuilder.image", page: .images, label: "Image builder",
      why:
        "The image builder that takes the place of the chart's: upstream's last kaniko, the maintained fork "
        + "ghcr.io/osscontainertools/kaniko, or a copy of one of them.",
      example: BuilderStart.newest, applies: { $0[.builderStart] == BuilderStart.newer.rawValue },
      suggestion: { _, _ in .text(BuilderStart.newest) },
      problem: { value, _ in value.text.flatMap(taggedProblem) }),
    Question(
      "images.engine", page: .images, label: "Pushed by",
      why: "The program that brings images into the registry. skopeo needs no daemon.",
      kind: .choice(ImageEngine.allCases.map { Question.Choice($0.rawValue, $0.words) }), isRequired: false,
      applies: ImagesStep.applies,
      suggestion: { _, survey in survey.imageEngines.value.flatMap(ImageEngine.usual).map { .text($0.rawValue) } },
      followsOthers: true, candidates: { _, _ in [] }),
    Question(
      "helm.timeout", page: .images, label: "Timeout",
      why: "How long helm and the rollout may take.", example: "10m", kind: .duration,
      suggestion: { _, _ in .text("10m") }),
    Question(
      "helm.rollback", page: .images, label: "Roll back",
      why:
        "Whether helm takes a failed upgrade back to the revision before, and a failed installation away. With no, what "
        + "failed stays to be looked at, and the next run mends it.",
      kind: .choice([.init("no", "leave it to be looked at"), .init("yes", "roll it back")]),
      suggestion: { _, _ in .text("no") }),
  ]

  /// The answers that name images.
  static let imageKeys: [AnswerKey<String>] = [.managementAgent, .trackingAgent, .predictionServer, .generated]

  /// What is wrong with an image that must have a tag.
  private static func taggedProblem(_ text: String) -> String? {
    do {
      let reference = try ImageReference(text)
      return reference.tag == nil && reference.digest == nil
        ? "has no tag; add the version, as in \(text):11.2.62" : nil
    } catch {
      return "is no image reference: \(error)"
    }
  }

  private static func image(
    _ id: QuestionID, label: String, repository: String, why: String, problem: @escaping @Sendable (String) -> String?
  ) -> Question {
    Question(
      id, page: .images, label: label, why: why, example: "registry.example.com:5000/\(repository):11.2.62",
      suggestion: { answers, survey in
        guard let name = RegistryProviders.chosen(answers)?.repository(repository, answers),
          let version = version(repository, survey)
        else { return nil }
        return .text("\(name):\(version)")
      },
      followsOthers: true,
      problem: { value, _ in value.text.flatMap(problem) })
  }
}

extension Questionnaire {
  /// The version of an image where no other is named: that of the agent package or of the chart, unless there are
  /// archives and none has it.
  private static func version(_ repository: String, _ survey: Survey) -> String? {
    let name = FileNames.last(of: repository)
    let archived = (survey.imageArchives.value ?? []).flatMap(\.images).compactMap { $0.tag(named: name) }
    let usual = survey.agentPackage.value?.version ?? survey.chart.value?.appVersion
    return archived.first { $0 == usual } ?? archived.first ?? usual
  }

  /// Every question there is.
  public static let standard = Questionnaire(cluster + ingress + registry + dataRobot + packages + chart + images)
}
