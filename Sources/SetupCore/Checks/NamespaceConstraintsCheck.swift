import Kubernetes
import Text

extension Check {
  /// OpenShift lets the image builder run as root.
  static let namespaceSCC = Check(
    "namespace.scc", title: "Security context constraints",
    required: "on OpenShift, a security context constraint that lets the image builder's service account run as root",
    why: "kaniko builds as root: under OpenShift's restricted constraint no image of a model is ever built.",
    needs: [.securityConstraints, .apiGroups, .namespace], after: ["cluster.credentials"],
    exemption: { answers, survey in
      if survey.hasSecurityConstraints == false { return "This is not OpenShift." }
      if answers[.namespace] == nil { return "No namespace was named." }
      return answers[.chartPath] == nil ? "No chart was named." : nil
    }
  ) { survey, answers, _ in
    if case .failed(let failure) = survey.apiGroups { return .unknown(failure) }
    return .judging(survey.builderConstraints) { constraints in
      judge(constraints, answers, namespace: survey.namespace)
    }
  }

  private static func judge(
    _ constraints: BuilderConstraints, _ answers: Answers, namespace: Observed<Namespace?>
  ) -> Finding {
    let account = constraints.account
    let asked = constraints.answers.map { ($0.request.name ?? "", $0.allowed) }
    let observed =
      "service account \(account); "
      + (asked.isEmpty
        ? "no constraint lets it run as root"
        : asked.map { name, allowed in
          "\(name): " + (allowed.value.map { $0 ? "allowed" : "not allowed" } ?? "not answered")
        }.joined(separator: ", "))
    if let (name, _) = asked.first(where: { $0.1 == .seen(true) }) {
      return Finding(
        .pass, observed: observed,
        message: "The constraint \(name) lets the image builder's service account \(account) run as root.")
    }
    // OpenShift's own registry brings a plan that binds the account itself: to anyuid, and where the builder shall trust
    // what its node trusts, which is a mount of the node's folder, to hostmount-anyuid too.
    let isHostTrusted = answers[.verification] == "host"
    if answers[.provider] == "openshift", constraints.hostPaths.isEmpty || isHostTrusted {
      return Finding(
        .pass, observed: observed,
        message: "The plan lets the service account \(account) use the constraint \(constraints.needed).")
    }
    let place = answers[.namespace] ?? ""
    let command = Shell.line(["oc", "adm", "policy", "add-scc-to-user", constraints.needed, "-z", account, "-n", place])
    let why =
      constraints.hostPaths.isEmpty
      ? "" : " and mount the node's folders (\(constraints.hostPaths.joined(separator: ", ")))"
    if let failure = asked.lazy.compactMap({ $0.1.failure }).first {
      return Finding(
        .unknown, observed: observed,
        message: "Whether OpenShift lets the image builder run as root\(why) could not be asked: \(failure.message).",
        remedy: Remedy(
          "Have a cluster administrator ask; if the answer is no: \(command)",
          command: Shell.line([
            "oc", "auth", "can-i", "use", "securitycontextconstraints.security.openshift.io/\(constraints.needed)",
            "-n", place, "--as", "system:serviceaccount:\(place):\(account)",
          ])))
    }
    let names = asked.map(\.0)
    let reason =
      constraints.areAllKnown
      ? "it may use no constraint that does."
      : names.count > 1
        ? "it may use neither \(names.joined(separator: " nor "))." : "it may not use \(names.joined())."
    let message =
      "OpenShift does not let the image builder's service account \(account) run as root\(why): \(reason)"
    if case .seen(nil) = namespace {
      return Finding(
        .warn, observed: observed, message: message,
        remedy: Remedy(
          "Have a cluster administrator allow it. The command needs the namespace: make it first (oc new-project \(place)), or run the command after the installation; until then no model's image can be built.",
          command: command, url: documentation))
    }
    return Finding(
      constraints.areAllKnown ? .fail : .warn, observed: observed,
      message: message
        + (constraints.areAllKnown ? "" : " Whether a constraint of the cluster's own does could not be seen."),
      remedy: Remedy("Have a cluster administrator allow it.", command: command, url: documentation))
  }

  private static let documentation =
    "https://docs.openshift.com/container-platform/latest/authentication/managing-security-context-constraints.html"
}
