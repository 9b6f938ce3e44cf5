import Kubernetes
import Text

extension Check {
  /// Somebody is logged in at Google.
  static let googleLogin = Check(
    "registry.google-login", title: "Google login", required: "gcloud, logged in",
    why: "Repository and rights are made, and the registry is asked, with the rights of whoever is logged in.",
    needs: [.gcloud, .gcloudLogin]
  ) { survey, _, _ in
    if case .failed(let failure) = survey.gcloud {
      return failure.kind == .unsupported ? .failed(failure) : .unknown(failure)
    }
    switch survey.gcloudLogin {
    case .notAsked: return .notAsked
    case .failed(let failure): return failure.kind == .unauthorized ? .failed(failure) : .unknown(failure)
    case .seen(let login):
      let version = survey.gcloud.value.map { "gcloud \($0), " } ?? ""
      return Finding(
        .pass, observed: version + login.account, message: "gcloud is logged in as \(login.account).")
    }
  }

  /// The repository serves, or will be made; and the agent's images are built for it.
  static let googleRepository = Check(
    "registry.google-repository", title: "Repository serves",
    required: "a standard Docker repository with tags that can be overwritten, or none yet; images.generated below it",
    why:
      "The right to push is given for this one repository. A model that is deployed again pushes the same tag again.",
    needs: [.googleRepositories], after: ["registry.google-login"]
  ) { survey, answers, _ in
    .judging(survey.googleRepositories) { repositories in
      let target = GoogleTarget(answers)
      if let generated = answers[.generated], !target.holds(generated) {
        return Finding(
          .fail, observed: generated,
          message:
            "images.generated is \(generated), which does not lie below \(target.root): the image builder gets no "
            + "right to push there.",
          remedy: Remedy("Set images.generated to \(target.image("mlops/frozen-models")), or correct the repository."))
      }
      guard let live = repositories.first(where: { $0.name == target.repository && $0.location == target.location })
      else {
        if target.isOldHost {
          return Finding(
            .fail, observed: "not there", message: "P" + GoogleRepositoryStep.oldHostMissing(target).dropFirst(),
            remedy: Remedy(
              "Use Artifact Registry's own names.",
              url: "https://cloud.google.com/artifact-registry/docs/transition/transition-from-gcr"))
        }
        return Finding(
          .pass, observed: "not there yet", message: "The plan makes the repository \(target.root).")
      }
      if let problem = live.problem {
        return Finding(
          .fail, observed: problem, message: "T" + problem.dropFirst() + ".",
          remedy: Remedy("Name another repository with registry.repository."))
      }
      return Finding(
        .pass, observed: target.root, message: "\(target.root) is there and takes models' images again and again.")
    }
  }

  /// Workload Identity is on, or will be, in the cluster of the kubeconfig's context.
  static let googleCluster = Check(
    "registry.google-cluster", title: "Workload Identity",
    required: "Workload Identity on the cluster and on each of its node pools",
    why:
      "Without it the image builder's pod is at Google what its node is, and its service account counts for nothing.",
    needs: [.gkeClusters, .cluster], after: ["registry.google-login"],
    exemption: { answers, _ in
      answers[GoogleKey.identity] == GoogleTarget.Identity.existing.rawValue
        ? "An existing service account is used as it is." : nil
    }
  ) { survey, answers, _ in
    .judging(survey.gkeClusters) { clusters in
      let target = GoogleTarget(answers)
      guard let live = clusters.first(where: { $0.isNamed(target) }) else {
        let names = clusters.map { "\($0.name) at \($0.location)" }.joined(separator: ", ")
        return Finding(
          .fail, observed: names.isEmpty ? "no cluster" : names,
          message: "Project \(target.clusterProject) has no cluster \(target.cluster) at \(target.clusterLocation).",
          remedy: Remedy(
            "Correct registry.cluster, registry.clusterLocation or registry.clusterProject.",
            command: GCloud.line(["container", "clusters", "list"], target.clusterProject)))
      }
      let gap = live.lacks(target)
      if let other = gap.otherPool {
        return Finding(
          .fail, observed: other, message: "The cluster's workload pool is \(other), not \(target.pool).",
          remedy: Remedy("Correct registry.clusterProject."))
      }
      if !gap.isEmpty {
        let changes = gap.changes(target)
        if target.mayUpdateCluster {
          return Finding(
            .warn, observed: "not on everywhere",
            message: "The plan switches Workload Identity on; nodes are recreated and their pods restart.",
            remedy: Remedy("See that the time is right for it."), details: changes)
        }
        return Finding(
          .fail, observed: "not on everywhere", message: "C" + GoogleClusterStep.refusal(gap, target).dropFirst(),
          remedy: Remedy(
            "Set registry.updateCluster: yes, or switch it on yourself.",
            command: gap.commands(target).map { GCloud.line($0, target.clusterProject) }.joined(separator: " && "),
            url: "https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity"), details: changes)
      }
      let context = GKEContext(name: survey.cluster.value?.context ?? "")
      if let cluster = context.cluster, let location = context.location, let project = context.project,
        (project, location, cluster) != (target.clusterProject, target.clusterLocation, target.cluster)
      {
        return Finding(
          .fail, observed: survey.cluster.value?.context ?? "",
          message: "The kubeconfig's context leads to cluster \(cluster) at \(location) in project \(project), and "
            + "registry.cluster is \(target.cluster) at \(target.clusterLocation) in project \(target.clusterProject).",
          remedy: Remedy("Choose the context of the one cluster that is meant, or correct registry.cluster."))
      }
      let how = live.isAutopilot ? "Autopilot, which has it always" : "on, pool \(target.pool)"
      return sameCluster(live, survey, how)
    }
  }

  private static func sameCluster(_ live: GKECluster, _ survey: Survey, _ how: String) -> Finding {
    let good = Finding(.pass, observed: how, message: "Cluster \(live.name): Workload Identity is \(how).")
    if live.endpoints.isEmpty { return good }
    return .judging(survey.cluster) { cluster in
      let rest = cluster.server.firstRange(of: "://").map { cluster.server[$0.upperBound...] } ?? cluster.server[...]
      let host = String(rest.prefix { $0 != "/" && $0 != ":" })
      if live.endpoints.contains(host) { return good }
      return Finding(
        .warn, observed: host,
        message:
          "Workload Identity is \(how), but GKE's cluster \(live.name) is at \(live.endpoints.joined(separator: " or ")), "
          + "and the kubeconfig's context leads to \(host): whether that is a way to the same cluster cannot be told.",
        remedy: Remedy("See for yourself that it is."))
    }
  }

  /// The nodes may pull what lies in the repository. Advisory: rights of folders and groups are not seen here.
  static let googleNodes = Check(
    "registry.google-nodes", title: "Nodes may pull",
    required: "\(GoogleTarget.reader) on the repository for the service account of each node pool",
    why: "Nodes pull with their own Google service account, whatever the image builder may.", isBlocking: false,
    needs: [.googlePullers], after: ["registry.google-login"],
    exemption: { answers, _ in
      answers[GoogleKey.cluster] == nil ? "No cluster was named." : nil
    }
  ) { survey, answers, _ in
    .judging(survey.googlePullers) { pullers in
      let target = GoogleTarget(answers)
      let lines = pullers.map { puller in
        puller.email + (puller.mayPull ? ": may pull" : ": no role that reads was seen")
          + (puller.hasScope ? "" : ", and its nodes' OAuth scopes do not let them")
      }
      if let narrow = pullers.first(where: { !$0.hasScope }) {
        return Finding(
          .warn, observed: narrow.email,
          message:
            "Nodes with \(narrow.email) have OAuth scopes that do not reach a registry, whatever their roles are.",
          remedy: Remedy("Make a node pool with the scope cloud-platform."), details: lines)
      }
      let lacking = pullers.filter { !$0.mayPull }.map(\.email)
      if lacking.isEmpty {
        return Finding(
          .pass, observed: "\(pullers.count) service account\(pullers.count == 1 ? "" : "s")",
          message: "The nodes may pull from \(target.root).", details: lines)
      }
      let words = lacking.map { email in
        GCloud.line(
          target.onRepository("add-iam-policy-binding") + [
            "--member=serviceAccount:\(email)", "--role=\(GoogleTarget.reader)", "--condition=None",
          ], target.project)
      }
      return Finding(
        .warn, observed: lacking.joined(separator: ", "),
        message:
          "No role was seen that lets the nodes' \(lacking.joined(separator: ", ")) pull from \(target.root); a role "
          + "given to a folder or a group is not seen here.",
        remedy: Remedy("Let them pull, once the repository is there.", command: words.joined(separator: " && ")),
        details: lines)
    }
  }
}
