import CCurl
import Glibc

/// What curl knows about an exchange that failed: copied out of the handle, so that its reading is a pure function.
struct TransferOutcome {
  /// How far the exchange had come.
  enum Phase: Int, Comparable {
    case resolving
    case connecting
    case securing
    case waiting
    case receiving

    static func < (left: Phase, right: Phase) -> Bool { left.rawValue < right.rawValue }
  }

  var code: CURLcode
  /// What curl says of it: its error buffer, or the meaning of the code where that is empty.
  var detail = ""
  /// OpenSSL's verify result (X509_V_…); 0: no objection, or not asked.
  var verifyResult = 0
  /// The errno of the last failed system call.
  var systemError: Int32 = 0
  /// The proxy's answer to CONNECT; 0: none.
  var connectStatus = 0
  var phase = Phase.waiting
}

extension TransferPlan {
  /// An error for this exchange; secrets are taken out of the message.
  func failure(_ code: HTTPError.Code, _ message: String) -> HTTPError {
    HTTPError(code: code, message: redacted(message), url: target.display)
  }

  /// The error for what curl reports.
  func failure(_ outcome: TransferOutcome) -> HTTPError {
    let peer = "\(target.host):\(target.effectivePort)"
    let detail = outcome.detail
    switch outcome.code {
    case CURLE_URL_MALFORMAT:
      return failure(.invalidURL, "curl refuses the URL: \(detail)")
    case CURLE_COULDNT_RESOLVE_HOST:
      return failure(.nameNotResolved, "the name \(target.host) cannot be resolved")
    case CURLE_COULDNT_RESOLVE_PROXY:
      return failure(.proxyFailed, "the name of the proxy \(proxy?.url ?? "") cannot be resolved")
    case CURLE_COULDNT_CONNECT:
      let reason = outcome.systemError == 0 ? detail : String(cString: strerror(outcome.systemError))
      if let proxy { return failure(.proxyFailed, "no connection to the proxy \(proxy.url): \(reason)") }
      if outcome.systemError == ECONNREFUSED { return failure(.connectionRefused, "\(peer) refuses the connection") }
      return failure(.connectionFailed, "no connection to \(peer): \(reason)")
    case CURLE_PROXY:
      return failure(.proxyFailed, "the proxy \(proxy?.url ?? "") opened no connection to \(peer): \(detail)")
    case CURLE_OPERATION_TIMEDOUT:
      return timeOut(outcome.phase)
    case CURLE_PEER_FAILED_VERIFICATION:
      return verificationFailure(outcome, detail: detail)
    case CURLE_SSL_CACERT_BADFILE:
      return failure(.certificateAuthorityInvalid, "the CA bundle holds no readable certificate: \(detail)")
    case CURLE_SSL_CERTPROBLEM:
      return failure(.identityInvalid, "the client certificate and its key cannot be used: \(detail)")
    case CURLE_FILESIZE_EXCEEDED:
      return failure(.tooLarge, "the answer is larger than \(maximumBodyBytes) bytes")
    case CURLE_OUT_OF_MEMORY, CURLcode(rawValue: 100):
      // curl bounds a header line to 100 KiB; old ones report it as lack of memory, newer ones as CURLE_TOO_LARGE (100).
      return failure(.tooLarge, "a header line of the answer is too long: \(detail)")
    default:
      return connectionLoss(outcome, detail: detail, peer: peer)
    }
  }

  /// The error when nothing came in time.
  func timeOut(_ phase: TransferOutcome.Phase) -> HTTPError {
    let peer = proxy.map { "the proxy \($0.url)" } ?? "\(target.host):\(target.effectivePort)"
    var limit = deadline ?? connectTimeout
    if phase < .waiting { limit = min(limit, connectTimeout) }
    let time = limit.secondsText
    switch phase {
    case .resolving: return failure(.timedOut, "no connection to \(peer) within \(time): its name was not looked up")
    case .connecting: return failure(.timedOut, "no connection to \(peer) within \(time)")
    case .securing: return failure(.timedOut, "the TLS handshake with \(peer) did not end within \(time)")
    case .waiting: return failure(.timedOut, "no answer from \(peer) within \(time)")
    case .receiving: return failure(.timedOut, "the answer of \(peer) was not complete within \(time)")
    }
  }

  /// Whether it was the proxy's own TLS that failed.
  private func failedAtProxy(_ outcome: TransferOutcome) -> Bool {
    proxy?.url.hasPrefix("https://") == true && outcome.connectStatus == 0
  }

  private func verificationFailure(_ outcome: TransferOutcome, detail: String) -> HTTPError {
    if failedAtProxy(outcome) {
      return failure(.proxyFailed, "the certificate of the proxy \(proxy?.url ?? "") is not accepted: \(detail)")
    }
    // X509_V_ERR_… of openssl/x509_vfy.h. curl compares the name itself once OpenSSL is content with the chain, and
    // then leaves the 1 there that it began with.
    switch outcome.verifyResult {
    case 0, 1, 62, 64:
      return failure(.certificateNameMismatch, "the peer's certificate is for another name: \(detail)")
    case 9:
      return failure(.certificateExpired, "the peer's certificate is not valid yet; compare the clocks: \(detail)")
    case 10:
      return failure(.certificateExpired, "the peer's certificate has expired: \(detail)")
    default:
      return failure(.certificateUntrusted, "the peer's certificate is not trusted: \(detail)")
    }
  }

  private func connectionLoss(_ outcome: TransferOutcome, detail: String, peer: String) -> HTTPError {
    if outcome.connectStatus >= 300 {
      let hint = outcome.connectStatus == 407 ? " (it wants a user name and a password)" : ""
      return failure(
        .proxyFailed,
        "the proxy \(proxy?.url ?? "") refused a tunnel to \(peer) with status \(outcome.connectStatus)\(hint)")
    }
    if target.scheme == "https", let alert = Self.alert(detail) {
      return failure(.tlsFailed, "\(peer) ended the TLS handshake: \(alert) (\(detail))")
    }
    switch outcome.code {
    case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED, CURLE_SSL_ISSUER_ERROR,
      CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_ENGINE_NOTFOUND:
      if failedAtProxy(outcome) {
        return failure(.proxyFailed, "no TLS connection to the proxy \(proxy?.url ?? ""): \(detail)")
      }
      return failure(.tlsFailed, "the TLS handshake with \(peer) failed: \(detail)")
    case CURLE_GOT_NOTHING:
      return failure(.protocolFailed, "\(peer) closed the connection without an answer")
    case CURLE_PARTIAL_FILE:
      return failure(.protocolFailed, "the connection to \(peer) ended in the middle of the answer: \(detail)")
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY:
      return failure(.protocolFailed, "the answer of \(peer) is no HTTP: \(detail)")
    case CURLE_BAD_CONTENT_ENCODING:
      return failure(.protocolFailed, "the answer of \(peer) cannot be decoded: \(detail)")
    default:
      if let proxy, !proxy.url.hasPrefix("socks"), target.scheme == "https", outcome.connectStatus == 0 {
        return failure(.proxyFailed, "the proxy \(proxy.url) opened no tunnel to \(peer): \(detail)")
      }
      return failure(.protocolFailed, "the exchange with \(peer) broke off: \(detail)")
    }
  }

  /// What a TLS alert means for the one who reads it; nil: the text names none that we know.
  private static func alert(_ detail: String) -> String? {
    let text = detail.lowercased()
    let meanings = [
      ("certificate required", "it wants a client certificate and none was shown"),
      ("alert unknown ca", "it does not trust the client certificate"),
      ("alert bad certificate", "it rejects the client certificate"),
      ("alert certificate expired", "the client certificate has expired"),
      ("alert certificate revoked", "the client certificate is revoked"),
      ("alert certificate unknown", "it rejects the client certificate"),
      ("alert access denied", "it denies access to this client certificate"),
      ("handshake failure", "no common parameters, or it wants a client certificate"),
      ("wrong version number", "it does not speak TLS; is it a plain http port?"),
      ("alert unrecognized name", "it knows no such server name"),
      ("unrecognized name", "it knows no such server name"),
    ]
    return meanings.first { text.contains($0.0) }?.1
  }

  /// Without secrets, control characters and excess.
  func redacted(_ text: String) -> String {
    var clean = String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? " " : $0 }))
    for secret in secrets where secret.utf8.count >= 3 {
      clean = clean.split(separator: secret, omittingEmptySubsequences: false).joined(separator: "[redacted]")
    }
    return String(clean.prefix(500))
  }
}

extension Duration {
  /// Whole milliseconds, at least 1: curl takes 0 for "never".
  var curlMilliseconds: Int {
    let (seconds, attoseconds) = components
    if seconds < 0 || attoseconds < 0 { return 1 }
    if seconds > 1_000_000 { return 1_000_000_000 }
    return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
  }

  /// `30 s`, `0.25 s`.
  var secondsText: String {
    let milliseconds = curlMilliseconds
    guard milliseconds % 1000 != 0 else { return "\(milliseconds / 1000) s" }
    var fraction = String(String(milliseconds % 1000 + 1000).dropFirst())
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return "\(milliseconds / 1000).\(fraction) s"
  }
}
