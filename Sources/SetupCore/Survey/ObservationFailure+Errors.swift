import HTTP
import Kubernetes
import Registry

extension ObservationFailure {
  /// What an error means for what we wanted to see.
  init(_ error: any Error) {
    switch error {
    case let failure as ObservationFailure: self = failure
    case let error as KubernetesError: self.init(error)
    case let error as KubeconfigError:
      self.init(.absent, SetupError(wrapping: error, code: .usage).message, remedy: Remedy(error.nextStep))
    case let error as RegistryError: self.init(error)
    case let error as DataRobotError: self.init(error)
    case let error as CloudError: self.init(error)
    case let error as SetupError:
      self.init(.absent, error.message, remedy: error.next.isEmpty ? nil : Remedy(error.next))
    case is CancellationError: self.init(.timedOut, "stopped before an answer came")
    default: self.init(.malformed, "\(error)")
    }
  }

  private init(_ error: KubernetesError) {
    let kind: Kind =
      switch error.code {
      case .server where error.isOfGateway, .notKubernetes where error.isOfGateway: .obstructed
      case .credential: .noCredential
      case .unauthorized: .unauthorized
      case .forbidden: .denied
      case .notFound: .absent
      case .timeout, .tooManyRequests, .cancelled: .timedOut
      case .transport: error.transport?.code == .timedOut ? .timedOut : .unreachable
      case .notKubernetes, .undecodable: .malformed
      default: .unreachable
      }
    let remedy = error.nextStep.map { Remedy($0, command: error.command) }
    self.init(
      kind, error.message, remedy: remedy ?? error.command.map { Remedy("See more with this command.", command: $0) })
  }

  init(_ error: RegistryError) {
    let kind: Kind =
      switch error.code {
      case .credentialsRejected, .credentialUnavailable: .unauthorized
      case .denied: .denied
      case .repositoryMissing, .notFound: .absent
      case .timedOut, .cancelled, .tooManyRequests: .timedOut
      case .notARegistry, .malformedAnswer: .malformed
      default: .unreachable
      }
    self.init(kind, error.message, remedy: error.nextStep.map { Remedy($0) })
  }

  init(_ error: DataRobotError) {
    let kind: Kind =
      switch error.code {
      case .unauthorized, .invalidToken: .unauthorized
      case .forbidden: .denied
      case .invalidEndpoint, .notFound: .absent
      case .tooManyRequests, .cancelled: .timedOut
      case .invalidRequest, .notDataRobot: .malformed
      case .serverFailed, .transport: .unreachable
      }
    self.init(kind, error.message, remedy: error.nextStep.map { Remedy($0) })
  }
}
