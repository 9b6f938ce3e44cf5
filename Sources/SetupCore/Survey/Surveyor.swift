import Kubernetes

/// Sends probes: looks at one thing each and comes back with what to write into the survey. It changes nothing.
public struct Surveyor: Sendable {
  /// How long one probe may take.
  let deadline: Duration

  /// A surveyor whose probes may take that long each.
  public init(deadline: Duration = .seconds(30)) { self.deadline = deadline }

  /// Looks at one thing. `setup` holds the completed answers. A probe that throws or runs out of time has seen nothing.
  func gather(_ probe: Probe, _ setup: Setup, _ survey: Survey) async -> SurveyUpdate {
    do {
      let update = try await firstOf({ try await look(probe, setup, survey) }, deadline: deadline)
      return update
        ?? probe.failure(ObservationFailure(.timedOut, "no answer within \(deadline)", remedy: Self.timeoutRemedy))
    } catch {
      return probe.failure(ObservationFailure(error))
    }
  }

  /// What can be seen without a network: the kubeconfig, helm and the chart.
  public func local(_ setup: Setup) async -> Survey {
    var survey = Survey()
    for probe in [Probe.kubeconfig, .helm] { await gather(probe, setup, survey)(&survey) }
    if setup.answers[.chartPath] != nil { await gather(.chart, setup, survey)(&survey) }
    return survey
  }

  private static let timeoutRemedy = Remedy("Try again, with a longer --timeout where the cluster is slow.")

  private func look(_ probe: Probe, _ setup: Setup, _ survey: Survey) async throws -> SurveyUpdate {
    switch probe {
    case .kubeconfig:
      let contexts = try ClusterProbe.contexts(setup)
      return { $0.contexts = .seen(contexts) }
    case .cluster:
      let cluster = try await ClusterProbe.cluster(setup)
      return { $0.cluster = .seen(cluster) }
    case .nodes:
      let nodes = try await setup.kubernetes().list(Node.self, .nodes).value.items
      return { $0.nodes = .seen(nodes) }
    case .ingress:
      return try await IngressProbe.look(setup)
    case .namespace:
      let namespace = try await ClusterProbe.namespace(setup)
      return { $0.namespace = .seen(namespace) }
    case .access:
      let answers = try await AccessProbe.look(setup, survey)
      return { $0.access = .seen(answers) }
    case .registry:
      let registry = try await RegistryProbe.look(setup)
      return { $0.registry = .seen(registry) }
    case .helm:
      let helm = try await HelmProbe.look(setup.world)
      return { $0.helm = .seen(helm) }
    case .chart:
      guard let path = setup.answers[.chartPath] else {
        throw ObservationFailure(.absent, "no chart was named", remedy: Remedy("Set chart.path."))
      }
      let chart = await ChartLoader(world: setup.world).load(setup.path(path))
      return { $0.chart = chart }
    case .dataRobot:
      let summary = try await DataRobotProbe.look(setup)
      return { $0.dataRobot = .seen(summary) }
    }
  }
}

extension Probe {
  /// Writes the same failure wherever the probe would have written what it saw.
  func failure(_ failure: ObservationFailure) -> SurveyUpdate {
    { survey in
      switch self {
      case .kubeconfig: survey.contexts = .failed(failure)
      case .cluster: survey.cluster = .failed(failure)
      case .nodes: survey.nodes = .failed(failure)
      case .ingress:
        survey.ingressClasses = .failed(failure)
        survey.ingressControllers = .failed(failure)
      case .namespace: survey.namespace = .failed(failure)
      case .access: survey.access = .failed(failure)
      case .registry: survey.registry = .failed(failure)
      case .helm: survey.helm = .failed(failure)
      case .chart: survey.chart = .failed(failure)
      case .dataRobot: survey.dataRobot = .failed(failure)
      }
    }
  }
}
