import Kubernetes
import Text

/// The prediction environment in DataRobot, made where there is none of that name.
struct PredictionEnvironmentStep: Step {
  let id: StepID = "prediction-environment"
  let title = "Prediction environment"
  /// Models may be deployed to it by now.
  let staysUnlessNamed = true
  private let answers: Answers
  private let wanted: NewPredictionEnvironment

  /// In the description of what we made.
  static let mark = "Made by mlops-setup"

  init(_ answers: Answers, name: String) {
    self.answers = answers
    wanted = NewPredictionEnvironment(
      name: name, description: "\(Self.mark) for \(Planner.target(answers)).",
      platform: answers[.environmentPlatform] ?? "other")
  }

  func access(namespaceExists: Bool) -> [AccessRequest] { [] }

  func commands(_ setup: Setup) throws -> [EquivalentCommand] {
    let endpoint = try DataRobotEndpoint(answers[.endpoint] ?? "")
    let token = answers.variable(.apiToken, default: "DATAROBOT_API_TOKEN")
    let body: JSONValue = [
      "name": .string(wanted.name), "description": .string(wanted.description), "platform": .string(wanted.platform),
      "plugin": .string(wanted.plugin), "isManagedByManagementAgent": .bool(wanted.isManagedByManagementAgent),
      "supportedModelFormats": .array(wanted.supportedModelFormats.map { .string($0) }),
    ]
    // The token reaches curl by its standard input; printf is the shell's own and no process.
    let url = Shell.quote("\(endpoint.api)predictionEnvironments/")
    let origin = Shell.quote(String(endpoint.origin))
    return [
      EquivalentCommand(
        """
        ask_datarobot() {
          printf 'Authorization: Bearer %s\\n' "\(token)" |
            curl --header @- --fail --silent --show-error --header 'Content-Type: application/json' "$@"
        }
        prediction_environment='' next=\(url)
        while [ -z "$prediction_environment" ] && [ -n "$next" ]; do
          case $next in /*) next=\(origin)$next ;; esac
          case $next in \(origin)/*) ;; *) echo "the next page lies at another host: $next" >&2; exit 1 ;; esac
          page=$(ask_datarobot "$next")
          prediction_environment=$(printf %s "$page" | jq --raw-output --arg name \(Shell.quote(wanted.name)) \\
            '[.data[] | select(.name == $name and .isDeleted != true) | .id][0] // empty')
          next=$(printf %s "$page" | jq --raw-output '.next // empty')
        done
        if [ -z "$prediction_environment" ]; then
          prediction_environment=$(ask_datarobot --data \(Shell.quote(JSONText.string(body))) \(url) | jq --raw-output .id)
        fi
        """)
    ]
  }

  func inspect(_ setup: Setup) async throws -> StepState {
    guard let found = try await setup.madeEnvironment() else {
      return .needed([
        "create the prediction environment \(wanted.name) (platform \(wanted.platform), managed by the agent, formats "
          + "\(wanted.supportedModelFormats.joined(separator: " and ")))"
      ])
    }
    if found.isManagedByManagementAgent == false {
      return .blocked(
        "there is a prediction environment \(wanted.name) that no management agent manages; choose another name with "
          + "datarobot.environmentName, or have it managed by the agent in DataRobot")
    }
    return .done(
      "the prediction environment \(wanted.name) is there: \(OutsideText.clean(found.id ?? "without an id"))")
  }

  func perform(_ setup: Setup, progress: @escaping @Sendable (StepProgress) -> Void) async throws {
    setup.environments.keep(try await setup.dataRobot().createPredictionEnvironment(wanted))
  }

  func traces(_ setup: Setup) async throws -> [Trace] {
    guard let found = try await setup.madeEnvironment(), let id = found.id else {
      return [.gone("there is no prediction environment \(wanted.name)")]
    }
    guard found.description?.hasPrefix(Self.mark) == true else {
      return [.stays("the prediction environment \(wanted.name) stays: it is not ours")]
    }
    return [
      .removable("the prediction environment \(wanted.name)") {
        try await setup.dataRobot().deletePredictionEnvironment(id)
      }
    ]
  }
}
