import Kubernetes

/// Sends probes. One that throws or runs out of time has seen nothing, and the survey says why.
public struct Surveyor: Sendable {
  /// How long one probe may take.
  let deadline: Duration

  /// A surveyor whose probes may take that long each.
  public init(deadline: Duration = .seconds(30)) { self.deadline = deadline }

  /// Archives of gigabytes are read through, and a package is unpacked.
  private static let archiveDeadline = Duration.seconds(900)

  /// Looks at one thing. `setup` holds the completed answers.
  func gather(_ probe: Probe, _ setup: Setup, _ survey: Survey) async -> SurveyUpdate {
    // A cluster that is out of reach need not be asked once more for each thing.
    if probe.buildsOn(.cluster), case .failed(let failure) = survey.cluster, failure.isOutOfReach {
      return probe.failed(failure)
    }
    let deadline = max(deadline, probe.leastDeadline)
    do {
      let update = try await KubernetesClient.$patience.withValue(.now + deadline) {
        try await within(deadline) { try await probe.look(setup, survey) }
      }
      if let update { return update }
      let remedy = Remedy("Try again, with a longer --timeout where the cluster is slow.")
      return probe.failed(ObservationFailure(.timedOut, "no answer within \(deadline)", remedy: remedy))
    } catch {
      return probe.failed(ObservationFailure(error))
    }
  }

  /// Looks at one thing, after all that it builds on.
  func survey(for probe: Probe, _ setup: Setup) async -> Survey {
    var survey = Survey()
    var asked: [Probe] = []
    func look(_ probe: Probe) async {
      if asked.contains(probe) { return }
      asked.append(probe)
      for needed in probe.after { await look(needed) }
      await gather(probe, setup, survey)(&survey)
    }
    await look(probe)
    return survey
  }

  /// The kubeconfig alone.
  public func contexts(_ setup: Setup) async -> Survey {
    var survey = Survey()
    await gather(.kubeconfig, setup, survey)(&survey)
    return survey
  }

  /// What can be seen from this machine: the kubeconfig, helm, the chart, and what the registry's provider looks up. What was
  /// `seen` before suggests answers as well, the kind of registry above all; it is not in the result.
  public func local(
    _ setup: Setup, seen: Survey = Survey(), _ questionnaire: Questionnaire = .standard
  ) async -> Survey {
    var survey = Survey()
    var completed: Answers { questionnaire.completed(setup.answers, seen.merging(survey)) }
    for probe in [Probe.kubeconfig, .helm, .dataRobotConfiguration] { await gather(probe, setup, survey)(&survey) }
    let patient = Surveyor(deadline: Self.archiveDeadline)
    if setup.answers[.agentTarball] != nil { await patient.gather(.agentPackage, setup, survey)(&survey) }
    if !setup.answers[.imageArchives].isEmpty { await patient.gather(.imageArchives, setup, survey)(&survey) }
    if ImagesStep.applies(setup.answers) { await gather(.imageEngines, setup, survey)(&survey) }
    if completed[.chartPath] != nil {
      for probe in [Probe.chart, .values] { await gather(probe, setup.with(completed), survey)(&survey) }
    }
    for probe in RegistryProviders.chosen(completed)?.lookups ?? [] {
      await gather(probe, setup.with(completed), seen.merging(survey))(&survey)
    }
    let answers = completed
    if answers[.predictionEnvironment] == nil, answers[.apiToken] != nil, answers[.environmentChoice] != "create" {
      await gather(.dataRobotEnvironments, setup.with(answers), survey)(&survey)
    }
    return survey
  }
}
