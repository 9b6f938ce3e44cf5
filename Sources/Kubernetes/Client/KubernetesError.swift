public import FoundationEssentials
public import HTTP

/// Why a request to an API server did not do what it should.
public struct KubernetesError: Error, Sendable, Equatable {
  /// What kind of failure it was; what a caller decides on.
  public enum Code: String, Sendable, Equatable {
    /// No credential could be had; the request was not sent.
    case credential
    case unauthorized
    case forbidden
    case notFound
    case alreadyExists
    /// The object changed meanwhile, or a precondition does not hold.
    case conflict
    /// Another field manager owns what we wanted to apply; see `conflicts`.
    case fieldManagerConflict
    case invalid
    case badRequest
    case methodNotAllowed
    /// 410: the list's or watch's version is too old; start again.
    case expired
    case tooManyRequests
    case timeout
    /// What answered is no Kubernetes API.
    case notKubernetes
    /// A Kubernetes API answered with what we cannot read.
    case undecodable
    case server
    case transport
    case cancelled
  }

  /// A field that another manager owns.
  public struct Conflict: Sendable, Equatable {
    /// `.data.secret`.
    public var field: String
    /// `helm`.
    public var manager: String

    /// A conflict from its parts.
    public init(field: String, manager: String) {
      self.field = field
      self.manager = manager
    }
  }

  /// The kind of failure.
  public var code: Code
  /// What was tried and what came back, without a full stop.
  public var message: String
  /// What to do next.
  public var nextStep: String?
  /// A command that shows more.
  public var command: String?
  /// The HTTP status, where an answer came.
  public var httpStatus: Int?
  /// The server's clock, where an answer came with a Date header.
  public var serverDate: Date?
  /// What the server said.
  public var status: Status?
  /// The failure below HTTP.
  public var transport: HTTPError?
  /// The fields that other managers own, each once.
  public var conflicts: [Conflict] = []

  /// An error from its parts.
  public init(
    _ code: Code, _ message: String, nextStep: String? = nil, command: String? = nil, httpStatus: Int? = nil,
    status: Status? = nil, transport: HTTPError? = nil
  ) {
    self.code = code
    self.message = message
    self.nextStep = nextStep
    self.command = command
    self.httpStatus = httpStatus
    self.status = status
    self.transport = transport
  }

  /// Whether the object was not there.
  public var isNotFound: Bool { code == .notFound }

  /// Whether a proxy or a load balancer in front of the API server answered that it does not get through to it: 502, 503
  /// or 504 without a Status, in which the API server itself would say what fails (RFC 9110, sections 15.6.3 to 15.6.5).
  public var isOfGateway: Bool {
    guard let httpStatus, (502...504).contains(httpStatus) else { return false }
    return status == nil || status == Status()
  }
}

extension KubernetesError: CustomStringConvertible {
  /// `message. What to do (command)`.
  public var description: String {
    var text = message
    if let nextStep { text += ". \(nextStep)" }
    if let command { text += nextStep == nil ? ". See: \(command)" : " (\(command))" }
    return text
  }
}

extension KubernetesError {
  /// The JSON of a value that we write.
  static func encode(_ value: some Encodable) throws(KubernetesError) -> [UInt8] {
    do {
      return try JSON.encode(value)
    } catch {
      throw KubernetesError(.badRequest, "the object cannot be written as JSON: \(printable("\(error)", limit: 200))")
    }
  }

  /// A failure to get a credential.
  init(_ error: CredentialError, _ request: KubernetesRequest) {
    self.init(
      error.code == .cancelled ? .cancelled : .credential, "cannot \(request.phrase): \(error.message)",
      nextStep: error.nextStep)
  }

  /// A failure below HTTP.
  init(_ error: any Error, _ request: KubernetesRequest, _ connection: ClusterConnection) {
    guard let error = error as? HTTPError else {
      let isCancelled = error is CancellationError
      self.init(
        isCancelled ? .cancelled : .transport,
        "cannot \(request.phrase): \(isCancelled ? "cancelled" : printable("\(error)"))")
      return
    }
    let code: Code =
      switch error.code {
      case .timedOut: .timeout
      case .cancelled: .cancelled
      default: .transport
      }
    self.init(
      code, "cannot \(request.phrase): \(printable(error.message)) (\(printable(connection.server)))",
      nextStep: Self.advice(error.code, connection), transport: error)
  }

  private static func advice(_ code: HTTPError.Code, _ connection: ClusterConnection) -> String? {
    let place = connection.cluster.map { "cluster \"\(printable($0, limit: 80))\" in the kubeconfig" } ?? "the cluster"
    switch code {
    case .invalidURL: return "Correct the server of \(place)"
    case .nameNotResolved, .connectionRefused, .connectionFailed, .timedOut:
      return
        "See that the cluster runs and that this machine reaches it: a VPN, a proxy (HTTPS_PROXY, proxy-url) or a bastion "
        + "may be needed, and the server of \(place) may be out of date"
    case .certificateUntrusted:
      return
        "The certificate-authority of \(place) is not the one that signed the server's certificate. Was the cluster made anew, "
        + "or does a proxy stand between? Get a new kubeconfig"
    case .certificateExpired:
      return "The API server's own certificate must be renewed; see also that this machine's clock is right"
    case .certificateNameMismatch:
      return
        "The server's certificate is for another name. Use one of its names as the server of \(place), or set tls-server-name"
    case .identityInvalid: return "Correct client-certificate and client-key of \(connection.identity)"
    case .certificateAuthorityInvalid: return "Correct certificate-authority of \(place)"
    case .tlsFailed: return "See that the server of \(place) speaks TLS on that port and accepts \(connection.identity)"
    case .proxyFailed: return "Correct proxy-url of \(place), or HTTPS_PROXY and NO_PROXY"
    case .protocolFailed: return "Try again; if it stays, something between here and the server breaks connections"
    case .tooLarge, .cancelled, .libraryMissing: return nil
    }
  }
}
