/// What is wrong with an answer of this provider.
enum GoogleRules {
  static func projectProblem(_ text: String) -> String? {
    if !text.isEmpty, text.allSatisfy(\.isNumber) { return "is a project's number; its ID is asked for" }
    if text.contains("/") { return "must be the project's ID alone, without a path" }
    return text.wholeMatch(of: /([a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]/) != nil
      ? nil : "must be a project's ID: 6 to 30 lower-case letters, digits and '-', a letter first"
  }

  static func locationProblem(_ text: String, repository: String?) -> String? {
    if let repository, let place = GoogleTarget.oldHosts[repository], place != text {
      return "must be \(place), where the repository \(repository) lies"
    }
    if GKEContext.region(text) != text {
      return "is a zone; a repository lies in a region, as \(GKEContext.region(text))"
    }
    if ["us", "europe", "asia"].contains(text) { return nil }
    return text.wholeMatch(of: /[a-z]+-[a-z]+[0-9]+/) != nil
      ? nil : "must be a region like europe-west1, or us, europe or asia"
  }

  static func clusterLocationProblem(_ text: String) -> String? {
    text.wholeMatch(of: /[a-z]+-[a-z]+[0-9]+(-[a-z])?/) != nil
      ? nil : "must be a region like europe-west1, or the zone of a zonal cluster like europe-west1-b"
  }

  static func repositoryProblem(_ text: String) -> String? {
    if GoogleTarget.oldHosts[text] != nil { return nil }
    let host = String(text.prefix { $0 != "/" })
    if let place = GoogleTarget.oldHosts[host] {
      return
        "is a name of Container Registry, which is gone since 2025-03-18. Give a repository of Artifact Registry, as mlops; "
        + "or \(host) alone, if this finds it: gcloud artifacts repositories describe \(host) --location=\(place)"
    }
    if text.contains("docker.pkg.dev") || text.contains("/") {
      return
        "must be the repository's name alone, what follows the project in LOCATION-docker.pkg.dev/PROJECT/REPOSITORY"
    }
    return text.wholeMatch(of: /[a-z]([a-z0-9-]{0,61}[a-z0-9])?/) != nil
      ? nil : "must be lower-case letters, digits and '-', 63 at most, a letter first"
  }

  static func clusterProblem(_ text: String) -> String? {
    if text.hasPrefix("gke_") { return "must be the cluster's name alone, the last part of the context's" }
    return text.wholeMatch(of: /[a-z]([a-z0-9-]{0,38}[a-z0-9])?/) != nil
      ? nil : "must be lower-case letters, digits and '-', 40 at most, a letter first, as GKE names clusters"
  }

  static func googleAccountProblem(_ text: String) -> String? {
    if text.contains("@") { return "must be the name alone, what stands before the '@'" }
    if text.contains("[") { return "must be written without brackets" }
    return text.wholeMatch(of: /[a-z][a-z0-9-]{4,28}[a-z0-9]/) != nil
      ? nil : "must be 6 to 30 lower-case letters, digits and '-', a letter first"
  }
}

extension GoogleRegistry {
  /// Whether rights are given in this run, which needs to know the cluster.
  private static func givesRights(_ answers: Answers) -> Bool {
    answers[GoogleKey.identity] != GoogleTarget.Identity.existing.rawValue
  }

  static let questions: [Question] = [
    Question(
      "registry.project", page: .registry, label: "Project",
      why: "The ID, not the number, of the Google Cloud project that holds the repository.", example: "acme-prod",
      suggestion: { answers, survey in
        (GKEContext(answers, survey).project ?? survey.gcloudLogin.value?.project).map { .text($0) }
      },
      problem: { value, _ in value.text.flatMap(GoogleRules.projectProblem) }),
    Question(
      "registry.repository", page: .registry, label: "Repository",
      why:
        "The Artifact Registry repository; it is made where it does not exist. gcr.io is for a project whose Container Registry lives on there.",
      example: "mlops",
      suggestion: { _, _ in .text(GoogleTarget.usualRepository) },
      candidates: { _, survey in
        (survey.googleRepositories.value ?? []).filter { $0.problem == nil }.map {
          Question.Choice($0.name, "at \($0.location)")
        }
      },
      problem: { value, _ in value.text.flatMap(GoogleRules.repositoryProblem) }),
    Question(
      "registry.location", page: .registry, label: "Location",
      why: "Where the repository lies: a region, or us, europe or asia. It is part of every image's name.",
      example: "europe-west1",
      suggestion: { answers, survey in
        let name = answers[GoogleKey.repository] ?? GoogleTarget.usualRepository
        if let place = GoogleTarget.oldHosts[name] { return .text(place) }
        let region = GKEContext(answers, survey).region
        let places = (survey.googleRepositories.value ?? []).filter { $0.name == name }.map(\.location)
        if let region, places.contains(region) { return .text(region) }
        return (places.only ?? region ?? survey.gcloudLogin.value?.region).map { .text($0) }
      },
      problem: { value, answers in
        value.text.flatMap { GoogleRules.locationProblem($0, repository: answers[GoogleKey.repository]) }
      }),
    Question(
      "registry.identity", page: .registry, label: "Identity",
      why:
        "How the image builder gets the right to push, by GKE's Workload Identity. Directly, it needs no Google service account and no annotation. An existing one is used as it is.",
      kind: .choice([
        .init("direct", "the Kubernetes service account itself"),
        .init("service-account", "a Google service account, as the procedure does"),
        .init("existing", "a Kubernetes service account that may push already"),
      ]),
      suggestion: { answers, survey in .text(survey.googleIdentity(answers).identity.rawValue) }),
    Question(
      "registry.cluster", page: .registry, label: "GKE cluster",
      why: "The cluster's name in GKE: Workload Identity must be on there, and its nodes must be able to pull.",
      example: "prod", applies: givesRights,
      suggestion: { answers, survey in
        (GKEContext(answers, survey).cluster ?? survey.gkeClusters.value?.only?.name).map { .text($0) }
      },
      candidates: { _, survey in
        (survey.gkeClusters.value ?? []).map { Question.Choice($0.name, "at \($0.location)") }
      },
      problem: { value, _ in value.text.flatMap(GoogleRules.clusterProblem) }),
    Question(
      "registry.clusterLocation", page: .registry, label: "Cluster's loc.",
      why: "The cluster's region, or the zone of a zonal cluster.", example: "europe-west1", applies: givesRights,
      suggestion: { answers, survey in
        let named = (survey.gkeClusters.value ?? []).filter { $0.name == answers[GoogleKey.cluster] }
        return (GKEContext(answers, survey).location ?? named.only?.location).map { .text($0) }
      },
      problem: { value, _ in value.text.flatMap(GoogleRules.clusterLocationProblem) }),
    Question(
      "registry.clusterProject", page: .registry, label: "Cluster's prj.",
      why: "The ID of the cluster's project, where it is another than the repository's.", example: "acme-clusters",
      isRequired: false, applies: givesRights,
      suggestion: { answers, survey in
        (GKEContext(answers, survey).project ?? answers[GoogleKey.project]).map { .text($0) }
      },
      problem: { value, _ in value.text.flatMap { $0.isEmpty ? nil : GoogleRules.projectProblem($0) } }),
    .builderAccount,
    Question(
      "registry.googleServiceAccount", page: .registry, label: "Google acct.",
      why: "The name of the Google service account that pushes, before its '@'. It is made where it does not exist.",
      example: GoogleTarget.usualGoogleAccount,
      applies: { $0[GoogleKey.identity] == GoogleTarget.Identity.serviceAccount.rawValue },
      suggestion: { _, _ in .text(GoogleTarget.usualGoogleAccount) },
      problem: { value, _ in value.text.flatMap(GoogleRules.googleAccountProblem) }),
    Question(
      "registry.updateCluster", page: .registry, label: "Update GKE",
      why:
        "Whether the plan may switch Workload Identity on where it is off. GKE then recreates the nodes of the node pools, and their pods restart. Autopilot has it always.",
      kind: .choice([
        .init("no", "leave cluster and node pools as they are"),
        .init("yes", "switch it on; nodes are recreated"),
      ]), applies: givesRights,
      suggestion: { _, _ in .text("no") }),
  ]
}
