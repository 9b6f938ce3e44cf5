import Screen
import SetupCore

@testable import Wizard

extension Scenario {
  /// In the list of the chart's values: the log level, and an annotation.
  mutating func setChartValues() {
    type("loglevel")
    press(.enter, .control("u"))
    type("DEBUG")
    press(.enter, .control("u"))
    type("podann")
    press(.enter, .control("u"))
    type("{team.example.com/owner: ml}")
    press(.enter)
  }
}

/// States that a page can be in, by name.
enum Situations {
  private static func onImages(_ size: Size) -> Scenario {
    var scenario = Scenario.at(.images, size: size)
    do { try scenario.loadChart() } catch { preconditionFailure("\(error)") }
    return scenario
  }

  private static func chartKeys(_ size: Size) -> Scenario {
    var scenario = onImages(size)
    scenario.press(.function(5))
    return scenario
  }

  static let all: [String: @Sendable (Size) -> Scenario] = [
    "start-loading": { Scenario(size: $0) },
    "chart-values": { size in chartKeys(size) },
    "chart-values-filtered": { size in
      var scenario = chartKeys(size)
      scenario.type("agent")
      scenario.press(.down)
      return scenario
    },
    "chart-values-refused": { size in
      var scenario = chartKeys(size)
      scenario.type("replicas")
      scenario.press(.enter, .control("u"))
      scenario.type("many")
      scenario.press(.enter)
      return scenario
    },
    "chart-values-nothing": { size in
      var scenario = chartKeys(size)
      scenario.type("zzz")
      return scenario
    },
    "chart-values-on-the-page": { size in
      var scenario = chartKeys(size)
      scenario.setChartValues()
      scenario.press(.escape, .escape)
      return scenario
    },
    "chart-values-in-the-review": { size in
      var scenario = chartKeys(size)
      scenario.setChartValues()
      scenario.press(.escape, .escape, .function(4))
      scenario.state.review.selected = scenario.state.reviewRows.firstIndex(of: .answer("values")) ?? 0
      return scenario
    },
    "chart-example": { size in
      var scenario = onImages(size)
      scenario.press(.tab, .tab, .tab, .function(3))
      return scenario
    },
    "chart-example-help": { size in
      var scenario = onImages(size)
      scenario.press(.tab, .tab, .tab, .function(3), .function(1))
      return scenario
    },
    "typing": { size in
      var scenario = started(size)
      scenario.press(.tab, .tab)
      scenario.type("my-mlops")
      scenario.press(.left, .left)
      return scenario
    },
    "problem": { size in
      var scenario = started(size)
      scenario.press(.tab, .tab)
      scenario.type("My_MLOps")
      scenario.press(.function(10))
      return scenario
    },
    "pick-list": { size in
      var scenario = started(size)
      scenario.press(.tab, .function(3), .down)
      return scenario
    },
    "pick-list-filtered": { size in
      var scenario = started(size)
      scenario.press(.tab, .function(3))
      scenario.type("aws")
      return scenario
    },
    "unknown-context": { size in
      var scenario = started(size)
      scenario.press(.tab)
      scenario.type("prdo")
      scenario.press(.function(10))
      return scenario
    },
    "secret-of-several-lines": { size in
      var scenario = Scenario.at(.dataRobot, size: size)
      scenario.press(.tab)
      scenario.send(.input(.paste("-----BEGIN\n0123456789abcdef\n-----END\n")))
      return scenario
    },
    "saved": { size in
      var scenario = Scenario.at(.review, size: size)
      scenario.press(.character("s"))
      let folder = "/srv/teams/machine-learning-platform/clusters/production/eu-central-1"
      scenario.send(.answersSaved(folder + "/mlops-setup-answers.yaml"))
      return scenario
    },
    "check-skipped": { size in
      var scenario = Scenario(Scenario.complete, size: size)
      scenario.loadContexts()
      scenario.press(.function(10))
      scenario.finish(.fail, "cluster.version")
      let skipped = Finding(
        .skipped, observed: "", message: "Not looked at, because cluster.version failed.",
        remedy: Remedy("Mend cluster.version first."))
      scenario.send(.check(run: 1, .finished(Scenario.result("cluster.credentials", skipped))))
      scenario.press(.down)
      return scenario
    },
    "review-at-its-end": { size in
      var scenario = Scenario.at(.review, size: size)
      scenario.press(.end)
      return scenario
    },
    "review-failed-check": { size in
      var scenario = failedChecks(size)
      for page in [Page.preflight, .registry, .images, .dataRobot] { scenario.leave(page) }
      return scenario
    },
    "choice": { size in
      var scenario = Scenario.at(.registry, size: size)
      scenario.press(.tab, .tab, .tab, .right)
      return scenario
    },
    "secret-typing": { size in
      var scenario = Scenario.at(.dataRobot, size: size)
      scenario.press(.tab)
      scenario.type("abcdefgh")
      return scenario
    },
    "secret-kept": { size in
      var scenario = Scenario.at(.dataRobot, size: size)
      scenario.press(.tab)
      scenario.send(.input(.paste("0123456789abcdef0123456789abcdef\n")))
      scenario.press(.tab, .backTab)
      return scenario
    },
    "help": { size in
      var scenario = Scenario.at(.dataRobot, size: size)
      scenario.press(.tab, .function(1))
      return scenario
    },
    "quit-question": { size in
      var scenario = Scenario.at(.registry, size: size)
      scenario.press(.control("c"))
      return scenario
    },
    "checks-running": { size in
      var scenario = Scenario(Scenario.complete, size: size)
      scenario.loadContexts()
      scenario.press(.function(10))
      scenario.send(.check(run: 1, .started("cluster.version")))
      scenario.finish(.pass, "cluster.version")
      scenario.send(.tick(.milliseconds(1200)))
      scenario.send(.check(run: 1, .started("cluster.credentials")))
      scenario.send(.tick(.milliseconds(2500)))
      return scenario
    },
    "checks-failed": { failedChecks($0) },
    "review-problems": { size in
      var scenario = started(size)
      scenario.press(.tab, .tab)
      scenario.type("My_MLOps")
      scenario.press(.function(4))
      return scenario
    },
    "plan-refused": { size in
      var scenario = failedChecks(size)
      for page in [Page.preflight, .registry, .images, .dataRobot, .review] { scenario.leave(page) }
      return scenario
    },
    "plan-refused-question": { size in
      var scenario = failedChecks(size)
      for page in [Page.preflight, .registry, .images, .dataRobot, .review] { scenario.leave(page) }
      scenario.press(.enter)
      return scenario
    },
    "plan-commands": { size in
      var scenario = Scenario.at(.plan, size: size)
      scenario.press(.character("v"))
      return scenario
    },
    "plan-question": { size in
      var scenario = Scenario.at(.plan, size: size)
      scenario.press(.enter)
      return scenario
    },
    "plan-failed": { size in
      var scenario = Scenario.at(.review, size: size)
      scenario.press(.function(10))
      scenario.send(
        .planFailed(
          request: scenario.state.plan.request,
          SetupError(
            .tool, "GET https://10.0.0.1:6443/api/v1/namespaces/datarobot-mlops: timed out after 10s.",
            next: "Check that the cluster is reachable.")))
      return scenario
    },
    "images-question": { offered($0) },
    "images-under-way": { bringing($0) },
    "images-and-a-notice": { size in
      var scenario = bringing(size)
      scenario.send(.answersSaved("/home/ada/mlops-setup-answers.yaml"))
      return scenario
    },
    "images-overlay": { size in
      var scenario = bringing(size)
      scenario.press(.function(6))
      return scenario
    },
    "images-stop-question": { size in
      var scenario = bringing(size)
      scenario.press(.function(6), .character("c"))
      return scenario
    },
    "images-quit-question": { size in
      var scenario = bringing(size)
      scenario.press(.control("c"))
      return scenario
    },
    "images-arrived": { size in
      var scenario = bringing(size)
      scenario.send(.imagesEnded(nil))
      return scenario
    },
    "images-failed": { size in
      var scenario = bringing(size)
      scenario.send(.imagesEnded(pushFailure))
      return scenario
    },
    "images-failed-overlay": { size in
      var scenario = bringing(size)
      scenario.send(.imagesEnded(pushFailure))
      scenario.press(.function(6))
      return scenario
    },
    "images-wait": { size in
      var scenario = Scenario.atImages(size)
      scenario.press(.function(10))
      scenario.send(.imagesLooked(request: 1, .later("create the repository datarobot/mlops-management-agent")))
      scenario.press(.function(2))
      return scenario
    },
    "run-waits-for-images": { size in
      var scenario = Scenario.waitingRun(size)
      scenario.send(.tick(.seconds(61)))
      return scenario
    },
    "run-under-way": { runUnderWay($0) },
    "run-stopped": { size in
      var scenario = runUnderWay(size)
      scenario.press(.escape, .character("y"))
      scenario.send(.tick(.seconds(58)))
      scenario.send(
        .runEnded(
          WizardRunEnd(
            error: SetupError(
              .interrupted, "stopped during Helm release bosun", next: "Run it again to go on from there."),
            logPath: "/home/ada/.local/state/mlops-setup/run.log")))
      return scenario
    },
    "run-failed": { size in
      var scenario = runUnderWay(size)
      scenario.send(.tick(.seconds(95)))
      let error = SetupError(
        .installFailed, "helm upgrade ended with exit code 1: timed out waiting for the condition.",
        next: "Look at the pods: kubectl -n datarobot-mlops get pods. Then retry: what is done stays.")
      scenario.send(.run(.finished("release", .failed(error))))
      scenario.send(.runEnded(WizardRunEnd(error: error, logPath: "/home/ada/.local/state/mlops-setup/run.log")))
      return scenario
    },
  ]

  private static func offered(_ size: Size) -> Scenario {
    var scenario = Scenario.atImages(size)
    scenario.press(.function(10))
    scenario.send(.imagesLooked(request: 1, .bring(Scenario.pushes)))
    return scenario
  }

  private static func bringing(_ size: Size) -> Scenario {
    var scenario = offered(size)
    scenario.press(.character("y"))
    scenario.send(.tick(.seconds(21)))
    scenario.send(.images(.progress("images", Scenario.pushProgress)))
    return scenario
  }

  private static let pushFailure = SetupError(
    .installFailed,
    "skopeo could not bring registry.example.com:5000/datarobot/datarobot-portable-prediction-api:11.2.62 into the "
      + "registry: writing blob: no space left",
    next: "Run it again: what has arrived is not sent again.")

  static func started(_ size: Size) -> Scenario {
    var scenario = Scenario(size: size)
    scenario.loadContexts()
    return scenario
  }

  static func failedChecks(_ size: Size) -> Scenario {
    var scenario = Scenario(Scenario.complete, size: size)
    scenario.loadContexts()
    scenario.press(.function(10))
    let verdicts: [(CheckID, FindingStatus)] = [
      ("cluster.version", .pass), ("cluster.credentials", .pass), ("nodes.fit", .fail), ("ingress.class", .pass),
      ("access", .unknown), ("helm.program", .pass), ("clock.skew", .warn),
    ]
    for (id, status) in verdicts { scenario.finish(status, id) }
    scenario.send(.checksEnded(run: 1, nil))
    return scenario
  }

  static func runUnderWay(_ size: Size) -> Scenario {
    var scenario = Scenario.at(.run, size: size)
    scenario.send(.run(.started("namespace")))
    scenario.send(.run(.finished("namespace", .unchanged("exists"))))
    scenario.send(.run(.started("secrets")))
    scenario.send(.tick(.seconds(1)))
    scenario.send(.run(.finished("secrets", .changed("2 Secrets made"))))
    scenario.send(.run(.started("release")))
    let details = ["Deployment/bosun-management-agent  0/1 ready", "Pod/bosun-management-agent-7c9  ContainerCreating"]
    scenario.send(.run(.progress("release", StepProgress("Waiting for the rollout", details: details))))
    scenario.send(.tick(.seconds(14)))
    return scenario
  }
}
