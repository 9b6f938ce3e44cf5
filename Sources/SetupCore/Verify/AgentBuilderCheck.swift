import Kubernetes
import Text

extension Check {
  /// The image builder starts, logs in and may push.
  static let agentBuilder = Check(
    "agent.builder", title: "Image builder works",
    required: "a pod as the agent starts it for every model runs, is let in by the registry and may push",
    why:
      "Every model's image is built and pushed by such a pod: where it cannot, no deployment ever comes up. This check "
      + "starts one, with a build that ends before anything is pushed, and removes it.",
    needs: [.agentRelease, .builderTrial], after: ["cluster.credentials"],
    exemption: { answers, survey in
      noRelease(answers, survey) ?? (answers[.chartPath] == nil ? "No chart was named." : nil)
    }
  ) { survey, answers, _ in
    if let missing = Finding.withoutRelease(survey) { return missing }
    return .judging(survey.builderTrial) { trial in BuilderVerdict(trial, answers).finding }
  }
}

/// The verdict on one start of the image builder.
private struct BuilderVerdict {
  let trial: BuilderTrial
  let answers: Answers

  init(_ trial: BuilderTrial, _ answers: Answers) {
    self.trial = trial
    self.answers = answers
  }

  var finding: Finding {
    var finding = verdict
    var evidence = [
      "image \(trial.image), service account \(trial.account), login from \(trial.login ?? "nowhere: none is mounted")"
    ]
    if let node = trial.node { evidence.append("it ran on node \(node)") }
    if let constraint = trial.constraint {
      evidence.append(
        "OpenShift ran it under the constraint \(OutsideText.clean(constraint)), which it chose by your rights and the "
          + "account's; the agent has only the account's: see preflight's namespace.scc")
    }
    if trial.leftBehind.isEmpty {
      evidence.append("made and removed: \(trial.made)")
    } else {
      evidence.append("made: \(trial.made)")
      evidence += trial.leftBehind.map { "not removed: \($0)" }
      if finding.status == .pass {
        finding.status = .warn
        finding.message += " What was made for this could not be removed."
        finding.remedy = Remedy(
          "Remove it; the next verify does so too.",
          command: "kubectl delete pod,configmap \(BuilderTrialObjects.name) --namespace \(answers[.namespace] ?? "")")
      }
    }
    finding.details += evidence
    return finding
  }

  private func fail(
    _ observed: String, _ message: String, _ next: String, command: String? = nil, url: String? = nil
  ) -> Finding {
    Finding(.fail, observed: observed, message: message, remedy: Remedy(next, command: command, url: url))
  }

  private var verdict: Finding {
    switch trial.ending {
    case .notPermitted(let said):
      Finding(
        .unknown, observed: said, message: "You may not start a pod here, so the image builder was not tried: \(said)",
        remedy: Remedy(
          "Have someone verify who may make pods and ConfigMaps in the namespace, or --skip agent.builder."))
    case .refused(let said):
      fail(
        said, "The cluster refuses the pod of the image builder: \(said)",
        "Loosen the policy or quota that it names, or make the account. kaniko runs as root: on OpenShift give the account "
          + "\(trial.account) the constraint anyuid; elsewhere the namespace must not enforce the restricted standard.")
    case .stuck(let obstacle):
      fail(obstacle.reason, "The image builder cannot start: \(obstacle.reason)", obstacle.next)
    case .unscheduled(let said):
      fail(
        said, "No node takes the image builder: \(said)",
        "Make room on a node or add one; imageBuilder.resources says what it asks for.")
    case .late(let state):
      Finding(
        .unknown, observed: state, message: "The image builder had not ended in time: \(state)",
        remedy: Remedy("Give it more: --timeout 10m. A first pull of its image takes a while."))
    case .vanished:
      Finding(
        .unknown, observed: "the pod is gone",
        message: "Somebody removed the pod of the image builder while it was watched.",
        remedy: Remedy("See that no other verify runs at the same time, and try again."))
    case .ended(let exitCode, let reason, let log): ended(exitCode, reason, log)
    }
  }

  private func ended(_ exitCode: Int?, _ reason: String?, _ log: Observed<String>) -> Finding {
    let how = [exitCode.map { "exit code \($0)" }, reason].compactMap { $0 }.joined(separator: ", ")
    switch log {
    case .failed(let failure):
      return Finding(
        .unknown, observed: how, message: "The image builder ran, but its log could not be read: \(failure.message)",
        remedy: failure.remedy ?? Remedy("Give whoever verifies the right to read the logs of pods."))
    case .notAsked: return .notAsked
    case .seen(let text):
      if reason == "OOMKilled" {
        return fail(
          how, "The image builder ran out of memory at once.", "Raise imageBuilder.resources.limits.memory.")
      }
      var finding = judged(KanikoEnding(log: text), how)
      if finding.status != .pass {
        let lines = text.split(separator: "\n").filter { !$0.allSatisfy(\.isWhitespace) }
        finding.details += lines.suffix(6).map { "log: \(String($0).trimmed(to: 400))" }
      }
      return finding
    }
  }

  private func judged(_ ending: KanikoEnding, _ how: String) -> Finding {
    switch ending {
    case .proved where trial.asksRegistry:
      return Finding(
        .pass, observed: "started, logged in, may push",
        message: "The image builder starts, and the registry lets it push to \(trial.destination); nothing was pushed.")
    case .proved:
      return Finding(
        .warn, observed: "started; its arguments tell it to ask the registry nothing",
        message: "The image builder starts. Whether it may push is not known: its arguments switch that question off.",
        remedy: Remedy("Take --skip-push-permission-check and --no-push out of imageBuilder.extraArguments."))
    case .notContained:
      return fail(
        how, "The image builder \(trial.image) takes the node for a machine of its own and refuses to run (cgroup v2).",
        "Set imageBuilder.cgroupV2: force, or newer, and install again. What a file of chart.values sets wins over it.",
        url: "https://github.com/osscontainertools/kaniko")
    case .wrongArchitecture:
      return fail(
        how, "The image \(trial.image) is not built for the architecture of node \(trial.node ?? "?").",
        "Name an image for it, or keep the builder off those nodes.")
    case .notRoot(let line):
      return fail(
        line, "The image builder may not write where it has to, as it does not run as root: \(line)",
        "On OpenShift give the account \(trial.account) the constraint anyuid; elsewhere see which policy takes root away.",
        command: "oc adm policy add-scc-to-user anyuid -z \(trial.account) -n \(answers[.namespace] ?? "")")
    case .unknownArgument(let line):
      return fail(
        line, "The image builder \(trial.image) does not know one of its arguments: \(line)",
        "Correct imageBuilder.extraArguments, or name a newer builder.")
    case .brokenLogin(let words):
      return fail(
        words, "The image builder cannot read its login: \(words)",
        "\(trial.login ?? "The login") must hold a Docker configuration under config.json (a Secret: under "
          + ".dockerconfigjson).")
    case .push(let problem, let words): return push(problem, words)
    case .other(let line):
      return Finding(
        .unknown, observed: line.isEmpty ? how : line,
        message: "The image builder ended in a way that is not known: \(line.isEmpty ? how : line)",
        remedy: Remedy("Read its log below."))
    }
  }

  private func push(_ problem: KanikoEnding.PushProblem, _ words: String) -> Finding {
    let place = trial.destination
    let host = String(place.prefix { $0 != "/" })
    switch problem {
    case .unauthorized:
      return fail(
        words, "The registry does not accept the image builder's login for \(place): \(words)",
        trial.login.map {
          "Correct the registry's user and password in the answers and run mlops-setup --answers FILE: it changes the \($0)."
        } ?? "Nothing is mounted that could log in: set imageBuilder.secretName or imageBuilder.configMap.")
    case .denied:
      return fail(
        words, "The image builder may not push to \(place): \(words)",
        "Give whose login it is push access to that repository, or choose another with images.generated.")
    case .repositoryMissing:
      return fail(
        words, "The registry has no repository \(place) and makes none by itself: \(words)",
        "Create it in the registry, or run mlops-setup --answers FILE where its plan makes it.")
    case .certificate:
      return fail(
        words, "The image builder does not trust the certificate of \(host): \(words)",
        "Name its CA with registry.certificateAuthority and run mlops-setup --answers FILE.")
    case .plainHTTP:
      return fail(
        words, "The registry \(host) speaks http, and the image builder speaks https to it: \(words)",
        "Set registry.scheme: http and run mlops-setup --answers FILE.")
    case .nameUnknown:
      return fail(
        words, "Pods of the cluster cannot look up the name \(host): \(words)",
        "Make the name known to the cluster's DNS, or use one that is.")
    case .unreachable:
      return fail(
        words, "Pods of the cluster do not reach \(host): \(words)",
        "See that a firewall or a NetworkPolicy lets them.", command: "kubectl get networkpolicy")
    case .busy:
      return Finding(
        .unknown, observed: words, message: "The registry asks to come back later: \(words)",
        remedy: Remedy("Verify again in a while."))
    case .other:
      return fail(
        words, "The registry did not let the image builder push to \(place): \(words)",
        "See what the registry's own log says about it.")
    }
  }
}
