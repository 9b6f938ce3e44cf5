import CCurl
import Glibc

/// One exchange and its easy handle. Not Sendable: it lives on the loop's thread, curl's callbacks included.
final class Transfer {
  let plan: TransferPlan
  let sink: any TransferSink
  let curl: UnsafePointer<ccurl>
  let easy: UnsafeMutableRawPointer
  /// A while after the deadline, so that curl, which knows more, speaks first.
  let end: ContinuousClock.Instant?
  let configuration: HTTPClient.Configuration
  let errorBuffer: UnsafeMutablePointer<CChar>
  var lists: [UnsafeMutablePointer<curl_slist>] = []
  private var reader: ResponseHeadReader
  private var bodyBytes = 0
  private var sentBytes = 0
  /// Why a callback ended the transfer.
  private var refusal: HTTPError?

  /// nil: curl gives no handle.
  init?(
    _ plan: TransferPlan, sink: any TransferSink, configuration: HTTPClient.Configuration, curl: UnsafePointer<ccurl>
  ) {
    guard let easy = curl.pointee.easy_init() else { return nil }
    self.curl = curl
    self.easy = easy
    self.plan = plan
    self.sink = sink
    self.configuration = configuration
    reader = ResponseHeadReader(maximumBytes: configuration.maximumHeaderBytes)
    errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    end = plan.deadline.map { .now + .milliseconds($0.curlMilliseconds) + .milliseconds(250) }
  }

  deinit {
    curl.pointee.easy_cleanup(easy)
    for list in lists { curl.pointee.slist_free_all(list) }
    errorBuffer.deallocate()
  }

  /// Lets a paused transfer go on.
  func resume() { _ = curl.pointee.easy_pause(easy, CURLPAUSE_CONT) }

  /// The error of a transfer that has ended; nil: it was complete.
  func error(_ code: CURLcode) -> HTTPError? {
    if let refusal { return refusal }
    return code == CURLE_OK ? nil : plan.failure(outcome(code))
  }

  /// The error of a transfer that did not end in time.
  func timeOut() -> HTTPError { plan.timeOut(phase) }

  /// The chain that the peer showed.
  func certificates() -> [PresentedCertificate] {
    var found: UnsafeMutablePointer<curl_certinfo>?
    guard ccurl_getinfo_certificates(curl, easy, &found) == CURLE_OK, let info = found?.pointee,
      let lists = info.certinfo
    else { return [] }
    return (0..<Int(info.num_of_certs)).map { index in
      var lines: [String] = []
      var node = lists[index]
      while let current = node {
        if let data = current.pointee.data { lines.append(String(cString: data)) }
        node = current.pointee.next
      }
      return PresentedCertificate(lines: lines)
    }
  }

  private func outcome(_ code: CURLcode) -> TransferOutcome {
    let said = String(cString: errorBuffer)
    let detail = said.isEmpty ? curl.text(code) : said
    // curl 7.88 sets the time of the connect only after the TLS handshake.
    let isSecuring = detail.hasPrefix("SSL ") && phase == .connecting
    return TransferOutcome(
      code: code, detail: detail, verifyResult: long(CURLINFO_SSL_VERIFYRESULT),
      systemError: Int32(truncatingIfNeeded: long(CURLINFO_OS_ERRNO)), connectStatus: long(CURLINFO_HTTP_CONNECTCODE),
      phase: isSecuring ? .securing : phase)
  }

  private var phase: TransferOutcome.Phase {
    if reader.isComplete { return .receiving }
    if offset(CURLINFO_NAMELOOKUP_TIME_T) == 0 { return .resolving }
    if offset(CURLINFO_CONNECT_TIME_T) == 0 { return .connecting }
    if plan.target.scheme == "https", offset(CURLINFO_APPCONNECT_TIME_T) == 0 { return .securing }
    return .waiting
  }

  private func long(_ info: CURLINFO) -> Int {
    var value = 0
    return ccurl_getinfo_long(curl, easy, info, &value) == CURLE_OK ? value : 0
  }

  private func offset(_ info: CURLINFO) -> curl_off_t {
    var value: curl_off_t = 0
    return ccurl_getinfo_offset(curl, easy, info, &value) == CURLE_OK ? value : 0
  }

  func takeHeader(_ line: UnsafeRawBufferPointer) -> Int {
    switch reader.take(line) {
    case .more: break
    case .complete: sink.begin(reader.head)
    case .tooLarge:
      refusal = plan.failure(.tooLarge, "the answer's header is larger than \(configuration.maximumHeaderBytes) bytes")
      return 0
    }
    return line.count
  }

  func takeBody(_ piece: UnsafeRawBufferPointer) -> Int {
    guard piece.count <= plan.maximumBodyBytes - bodyBytes else {
      refusal = plan.failure(.tooLarge, "the answer's body is larger than \(plan.maximumBodyBytes) bytes")
      return 0
    }
    switch sink.accept(piece) {
    case .taken:
      bodyBytes += piece.count
      return piece.count
    case .full:
      return Int(CURL_WRITEFUNC_PAUSE)
    case .refused:
      // The sink tells its own reason.
      refusal = plan.failure(.cancelled, "the answer was refused by its reader")
      return 0
    }
  }

  func giveBody(_ room: UnsafeMutableRawBufferPointer) -> Int {
    guard case .body(let body) = plan.framing else { return 0 }
    let count = min(room.count, body.count - sentBytes)
    body.withUnsafeBytes { bytes in
      room.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[sentBytes..<sentBytes + count]))
    }
    sentBytes += count
    return count
  }

  /// Called when a connection that was used again turns out to be closed and the request is made once more.
  func rewindBody(to offset: Int) -> Int32 {
    guard case .body(let body) = plan.framing, (0...body.count).contains(offset) else { return CURL_SEEKFUNC_FAIL }
    sentBytes = offset
    return CURL_SEEKFUNC_OK
  }
}
