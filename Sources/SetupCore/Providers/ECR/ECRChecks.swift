import Kubernetes
import Text

extension Check {
  /// Somebody is logged in at the account of the answers.
  static let awsLogin = Check(
    "registry.ecr-login", title: "AWS login", required: "the AWS CLI, logged in to the account of the registry",
    why: "Repositories, role and policy are made with the rights of whoever is logged in.",
    needs: [.aws, .awsIdentity]
  ) { survey, answers, _ in
    if case .failed(let failure) = survey.aws {
      return failure.kind == .timedOut ? .unknown(failure) : .failed(failure)
    }
    switch survey.awsIdentity {
    case .notAsked: return .notAsked
    case .failed(let failure):
      return failure.kind == .unauthorized || failure.kind == .unsupported ? .failed(failure) : .unknown(failure)
    case .seen(let identity):
      let account = answers[ECRKey.account] ?? ""
      let version = survey.aws.value.map { "aws \($0), " } ?? ""
      if identity.account == account {
        return Finding(.pass, observed: version + identity.arn, message: "aws is logged in as \(identity.arn).")
      }
      return Finding(
        .fail, observed: identity.arn,
        message: "aws is logged in to account \(identity.account), and registry.account is \(account).",
        remedy: Remedy(
          "Log in to account \(account), or correct registry.account. A registry in another account than the cluster's is "
            + "not set up here.", command: "aws sts get-caller-identity"))
    }
  }

  /// The cluster that the role will trust is the one that the agent will run in.
  static let eksClusterMatches = Check(
    "registry.ecr-cluster", title: "EKS cluster",
    required: "registry.cluster is the cluster of the kubeconfig's context",
    why: "The role trusts the tokens of one cluster. Where it is another, every build ends with AccessDenied.",
    needs: [.eksCluster, .cluster], after: ["registry.ecr-login"],
    exemption: { answers, _ in
      answers[ECRKey.identity] == ECRTarget.Identity.role.rawValue ? "An existing role is used as it is." : nil
    }
  ) { survey, answers, _ in
    switch survey.eksCluster {
    case .notAsked: return .notAsked
    case .failed(let failure): return failure.kind == .absent ? .failed(failure) : .unknown(failure)
    case .seen(let eks):
      return .judging(survey.cluster) { cluster in
        let observed = "\(eks.name) at \(eks.endpoint)"
        if host(eks.endpoint) == host(cluster.server) {
          return Finding(.pass, observed: observed, message: "\(eks.name) is the cluster of the kubeconfig's context.")
        }
        let message =
          "The EKS cluster \(eks.name) is at \(eks.endpoint), and the kubeconfig's context leads to \(cluster.server)."
        if host(cluster.server).hasSuffix(".eks.amazonaws.com")
          || host(cluster.server).hasSuffix(".eks.amazonaws.com.cn")
        {
          return Finding(
            .fail, observed: observed, message: message,
            remedy: Remedy(
              "Correct registry.cluster, or choose the context of \(eks.name).",
              command: Shell.line([
                "aws", "eks", "update-kubeconfig", "--name", eks.name, "--region", answers[ECRKey.region] ?? "",
              ])))
        }
        return Finding(
          .warn, observed: observed, message: message + " Whether that is a way to the same cluster cannot be told.",
          remedy: Remedy("See for yourself that it is."))
      }
    }
  }

  private static func host(_ url: String) -> String {
    let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
    return String(rest.prefix { $0 != "/" && $0 != ":" }).lowercased()
  }

  /// kaniko's AWS SDK knows Pod Identity.
  static let podIdentityBuilder = Check(
    "registry.ecr-pod-identity", title: "kaniko knows Pod Identity", required: "kaniko \(PodIdentity.kaniko) or newer",
    why: "Older ones link an AWS SDK that takes credentials from loopback addresses alone, and find no login at all.",
    needs: [.values],
    exemption: { answers, _ in
      if answers[ECRKey.identity] != ECRTarget.Identity.podIdentity.rawValue { return "Pod Identity is not used." }
      return answers[.chartPath] == nil ? "No chart was named." : nil
    }
  ) { survey, _, _ in
    .judging(survey.values) { values in
      let builder = ImageBuilder(values)
      let observed = builder.image + (builder.imageKey == nil ? ", the plugin's default" : "")
      let remedy = Remedy(
        "Set registry.identity: irsa, which works with every kaniko; or name a newer builder in a values file of "
          + "chart.values: gcr.io/kaniko-project/executor:v1.24.0, upstream's last, or "
          + "ghcr.io/osscontainertools/kaniko, a maintained fork.",
        url: "https://docs.aws.amazon.com/eks/latest/userguide/pod-id-minimum-sdk.html")
      guard let version = builder.version else {
        return Finding(
          .warn, observed: observed,
          message: "The name of the image builder \(builder.image) does not tell whether it is kaniko "
            + "\(PodIdentity.kaniko) or newer, which Pod Identity needs.", remedy: remedy)
      }
      if version >= PodIdentity.kaniko {
        return Finding(.pass, observed: observed, message: "kaniko \(version) knows Pod Identity.")
      }
      return Finding(
        .fail, observed: observed,
        message: "kaniko \(version) does not know Pod Identity: it would find no login and push nothing.",
        remedy: remedy)
    }
  }

  /// A model that is deployed again can be pushed again.
  static let overwritableTags = Check(
    "registry.ecr-tags", title: "Tags can be overwritten",
    required: "the repository of generated images is MUTABLE, or not there yet",
    why: "The image of a model has the same tag each time it is built; ECR refuses it where tags are immutable.",
    needs: [.generatedRepository], after: ["registry.ecr-login"],
    exemption: { answers, _ in
      if answers[.generated] == nil { return "No images were named." }
      return ECRTarget(answers).generatedRepository == nil ? "images.generated does not lie in this registry." : nil
    }
  ) { survey, answers, _ in
    .judging(survey.generatedRepository) { live in
      guard let live else {
        return Finding(.pass, observed: "not there yet", message: "The plan makes the repository, with mutable tags.")
      }
      let target = ECRTarget(answers)
      if live.takesModelsAgain {
        return Finding(
          .pass, observed: live.mutability, message: "The tags of models in \(live.name) can be overwritten.")
      }
      return Finding(
        .fail, observed: live.mutability, message: "T" + ECRRepositoriesStep.refusal(live, target).dropFirst(),
        remedy: Remedy(
          "Make its tags mutable, or name another repository with images.generated.",
          command: ECRRepositoriesStep.remedy(live, target)))
    }
  }
}
