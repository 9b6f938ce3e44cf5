import HTTP
import Text

extension Check {
  /// Somebody answers at the outfacing URL.
  static let ingressAnswers = Check(
    "ingress.answers", title: "Ingress answers", required: "an HTTP answer at the outfacing URL",
    why: "Clients ask there for predictions, by this name and over this connection.", needs: [.ingressAnswer],
    exemption: { answers, _ in answers[.outfacingURL] == nil ? "No outfacing URL was given." : nil }
  ) { survey, answers, _ in
    let url = OutsideText.clean(answers[.outfacingURL] ?? "")
    switch survey.ingressAnswer {
    case .seen(let answer): return judge(answer, url)
    case .failed(let failure) where [.unreachable, .absent].contains(failure.kind): return .failed(failure)
    case .failed(let failure): return .unknown(failure)
    case .notAsked: return .notAsked
    }
  }

  private static func judge(_ answer: IngressAnswer, _ url: String) -> Finding {
    let server = answer.server.map { "Server: \(OutsideText.clean($0, limit: 80))" } ?? "no Server header"
    let observed = "\(answer.status), \(server)"
    switch answer.status {
    case 404:
      return Finding(
        .pass, observed: observed,
        message: "\(url) answers 404 (\(server)), as an ingress does at a path that no model has.")
    // HAProxy's page for a host that has no route yet.
    case 503 where answer.isRouterPage:
      return Finding(
        .pass, observed: observed,
        message: "\(url) answers 503 (\(server)), as OpenShift's router does while no model is deployed.")
    case 502, 503, 504:
      return Finding(
        .warn, observed: observed,
        message: "\(url) answers \(answer.status) (\(server)): something in front, which does not get through.",
        remedy: Remedy(
          "See that the ingress controller's pods run, and that the load balancer or proxy in front of it reaches them.",
          command: "kubectl get pods --all-namespaces --selector=app.kubernetes.io/component=controller"))
    default:
      return Finding(.pass, observed: observed, message: "\(url) answers \(answer.status) (\(server)).")
    }
  }
}

extension Probe {
  /// What answers at the outfacing URL.
  static let ingressAnswer = Probe("ingress.answer", \.ingressAnswer, page: .dataRobot) { setup, _ in
    try await IngressAnswer.ask(setup)
  }
}

/// What answered at the outfacing URL.
struct IngressAnswer: Sendable, Equatable {
  var status: Int
  /// The `Server` header field.
  var server: String?
  /// Whether it is the page of OpenShift's router for a host without a route.
  var isRouterPage = false

  /// Asks as a client of the models would: by name, and with this machine's own trust.
  static func ask(_ setup: Setup) async throws -> IngressAnswer {
    guard let url = setup.answers[.outfacingURL] else {
      throw ObservationFailure(.absent, "no outfacing URL was given", remedy: Remedy("Set ingress.outfacingUrl."))
    }
    do {
      let request = HTTPRequest(url: url, deadline: .seconds(20), maximumBodyBytes: 4 << 20)
      let response = try await setup.world.http.send(request)
      let page = String(decoding: response.body.prefix(16_384), as: UTF8.self)
      return IngressAnswer(
        status: response.status, server: response.headers["Server"],
        isRouterPage: page.contains("Application is not available"))
    } catch let error as HTTPError {
      throw failure(error, url)
    }
  }

  private static func failure(_ error: HTTPError, _ url: String) -> ObservationFailure {
    let rest = url.drop { $0 != "/" }.drop { $0 == "/" }
    let host = OutsideText.clean(String(rest.prefix { !"/:?#".contains($0) }))
    let kind: ObservationFailure.Kind
    let next: String
    switch error.code {
    case .nameNotResolved:
      kind = .unreachable
      next =
        "Make a DNS record of \(host) that points to the address of the ingress controller's load balancer "
        + "(kubectl get service --all-namespaces), or correct ingress.outfacingUrl."
    case .connectionRefused:
      kind = .unreachable
      next = "See that the ingress controller's Service listens on that port and that \(host) is its address."
    case .connectionFailed:
      kind = .unreachable
      next = "See that \(host) is the ingress controller's address, and that no firewall lies between."
    case .certificateUntrusted, .certificateNameMismatch, .certificateExpired:
      kind = .unreachable
      next =
        "Give the ingress controller a certificate for \(host) that clients trust: its --default-ssl-certificate, or the "
        + "load balancer that ends TLS."
    case .tlsFailed, .protocolFailed:
      kind = .unreachable
      next = "See whether \(host) speaks http or https on that port, and correct ingress.outfacingUrl."
    case .timedOut:
      kind = .timedOut
      next = "See that \(host) is the ingress controller's address, that no firewall drops the packets, and try again."
    case .proxyFailed:
      kind = .obstructed
      next = "See HTTPS_PROXY and NO_PROXY of this machine; clients inside may need no proxy."
    case .invalidURL:
      kind = .absent
      next = "Correct ingress.outfacingUrl."
    case .tooLarge, .cancelled, .libraryMissing, .identityInvalid, .certificateAuthorityInvalid:
      kind = .malformed
      next = "Try again."
    }
    return ObservationFailure(
      kind, "nobody answers at \(OutsideText.clean(url)): \(error.message)", remedy: Remedy(next))
  }
}

extension Survey {
  /// What answers at the outfacing URL.
  var ingressAnswer: Observed<IngressAnswer> {
    get { self["ingressAnswer"] }
    set { self["ingressAnswer"] = newValue }
  }
}
