import CCurl
import Glibc

/// One exchange and its easy handle. Not Sendable: it lives on the loop's thread, curl's callbacks included.
final class Transfer {
  let plan: TransferPlan
  let sink: any TransferSink
  let easy: UnsafeMutableRawPointer
  /// A while after the deadline, so that curl, which knows more, speaks first.
  let end: ContinuousClock.Instant?
  private let configuration: HTTPClient.Configuration
  private let errorBuffer: UnsafeMutablePointer<CChar>
  private var lists: [UnsafeMutablePointer<curl_slist>] = []
  private var reader: ResponseHeadReader
  private var bodyBytes = 0
  private var sentBytes = 0
  /// Why a callback ended the transfer.
  private var refusal: HTTPError?

  /// nil: curl gives no handle.
  init?(_ plan: TransferPlan, sink: any TransferSink, configuration: HTTPClient.Configuration) {
    guard let easy = curl_easy_init() else { return nil }
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
    curl_easy_cleanup(easy)
    for list in lists { curl_slist_free_all(list) }
    errorBuffer.deallocate()
  }

  /// Sets everything; an error names the option that curl refused.
  func configure() -> HTTPError? {
    let options = HandleOptions(easy: easy)
    options.pointer(CURLOPT_ERRORBUFFER, errorBuffer)
    options.long(CURLOPT_NOSIGNAL, 1)
    // A look-up that hangs is left alone; else its end would be waited for on the loop's thread.
    options.long(CURLOPT_QUICK_EXIT, 1)
    options.text(CURLOPT_URL, plan.url)
    options.text(CURLOPT_PROTOCOLS_STR, "http,https")
    options.long(CURLOPT_FOLLOWLOCATION, 0)
    options.long(CURLOPT_PATH_AS_IS, 1)
    options.text(CURLOPT_USERNAME, plan.user)
    options.text(CURLOPT_PASSWORD, plan.password)
    options.text(CURLOPT_USERAGENT, configuration.userAgent)
    options.text(CURLOPT_ACCEPT_ENCODING, "gzip, deflate")
    options.long(CURLOPT_BUFFERSIZE, 64 << 10)
    options.long(CURLOPT_TCP_KEEPALIVE, 1)
    options.long(CURLOPT_TCP_KEEPIDLE, 30)
    options.long(CURLOPT_TCP_KEEPINTVL, 15)
    options.long(CURLOPT_CONNECTTIMEOUT_MS, plan.connectTimeout.curlMilliseconds)
    if let deadline = plan.deadline { options.long(CURLOPT_TIMEOUT_MS, deadline.curlMilliseconds) }
    options.long(CURLOPT_HTTP_VERSION, plan.allowsHTTP2 ? CurlConstant.http2OverTLS : CurlConstant.http1)
    options.long(CURLOPT_PIPEWAIT, plan.allowsHTTP2 ? 1 : 0)
    setFraming(options)
    setTLS(options)
    setProxy(options)
    options.list(CURLOPT_HTTPHEADER, append(plan.headerLines))
    if let connectTo = plan.connectTo { options.list(CURLOPT_CONNECT_TO, append([connectTo])) }
    setCallbacks(options)
    guard let refused = options.refused else { return nil }
    return plan.failure(
      .connectionFailed, "libcurl refuses an option: \(String(cString: curl_easy_strerror(refused)))")
  }

  /// Lets a paused transfer go on.
  func resume() { curl_easy_pause(easy, CURLPAUSE_CONT) }

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
    guard ccurl_getinfo_certificates(easy, &found) == CURLE_OK, let info = found?.pointee, let lists = info.certinfo
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
    let detail = String(cString: errorBuffer)
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
    return ccurl_getinfo_long(easy, info, &value) == CURLE_OK ? value : 0
  }

  private func offset(_ info: CURLINFO) -> curl_off_t {
    var value: curl_off_t = 0
    return ccurl_getinfo_offset(easy, info, &value) == CURLE_OK ? value : 0
  }

  /// A curl list that lives as long as the transfer.
  private func append(_ lines: [String]) -> UnsafeMutablePointer<curl_slist>? {
    var list: UnsafeMutablePointer<curl_slist>?
    for line in lines { list = curl_slist_append(list, line) ?? list }
    if let list { lists.append(list) }
    return list
  }

  private func setFraming(_ options: HandleOptions) {
    switch plan.framing {
    case .bare:
      options.long(CURLOPT_HTTPGET, 1)
      if plan.method != "GET" { options.text(CURLOPT_CUSTOMREQUEST, plan.method) }
    case .head:
      options.long(CURLOPT_NOBODY, 1)
    case .body(let body):
      options.long(CURLOPT_POST, 1)
      options.offset(CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count))
      if body.isEmpty { options.text(CURLOPT_COPYPOSTFIELDS, "") }
      if plan.method != "POST" { options.text(CURLOPT_CUSTOMREQUEST, plan.method) }
    }
  }

  private func setTLS(_ options: HandleOptions) {
    options.long(CURLOPT_SSLVERSION, CurlConstant.tls12)
    options.long(CURLOPT_SSL_VERIFYPEER, plan.verifiesPeer ? 1 : 0)
    options.long(CURLOPT_SSL_VERIFYHOST, plan.verifiesPeer ? 2 : 0)
    if let bundle = plan.certificateAuthority {
      options.blob(CURLOPT_CAINFO_BLOB, bundle)
      // Without this the system's directory is trusted besides the bundle.
      options.text(CURLOPT_CAPATH, nil)
    }
    if plan.looksAtCertificates {
      for option in [CURLOPT_CERTINFO, CURLOPT_CONNECT_ONLY, CURLOPT_FRESH_CONNECT, CURLOPT_FORBID_REUSE] {
        options.long(option, 1)
      }
      // A session that is taken up again shows none.
      options.long(CURLOPT_SSL_SESSIONID_CACHE, 0)
    }
    if let identity = plan.identity {
      options.text(CURLOPT_SSLCERTTYPE, "PEM")
      options.blob(CURLOPT_SSLCERT_BLOB, identity)
      // An encrypted key fails; without a passphrase OpenSSL would ask for one at the terminal.
      options.text(CURLOPT_KEYPASSWD, "")
    }
  }

  private func setProxy(_ options: HandleOptions) {
    // Set in any case, so that curl does not look into the environment itself.
    options.text(CURLOPT_PROXY, plan.proxy?.url ?? "")
    options.text(CURLOPT_NOPROXY, "")
    options.text(CURLOPT_PROXYUSERNAME, plan.proxy?.user)
    options.text(CURLOPT_PROXYPASSWORD, plan.proxy?.password)
    options.long(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
  }

  /// curl holds the transfer by an unretained pointer: the worker keeps it until the handle is removed.
  private func setCallbacks(_ options: HandleOptions) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    options.dataFunction(CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      guard let context else { return 0 }
      let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().takeHeader(line)
    }
    options.pointer(CURLOPT_HEADERDATA, context)
    options.dataFunction(CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      guard let context else { return 0 }
      let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
      return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().takeBody(piece)
    }
    options.pointer(CURLOPT_WRITEDATA, context)
    options.dataFunction(CURLOPT_READFUNCTION) { bytes, size, count, context in
      guard let context else { return Int(CURL_READFUNC_ABORT) }
      let room = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
      return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().giveBody(room)
    }
    options.pointer(CURLOPT_READDATA, context)
    options.seekFunction { context, offset, origin in
      guard let context, origin == SEEK_SET else { return CURL_SEEKFUNC_CANTSEEK }
      return Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().rewindBody(to: Int(offset))
    }
    options.pointer(CURLOPT_SEEKDATA, context)
    options.sockoptFunction { _, socket, _ in
      // Child processes get none of our connections.
      fcntl(socket, F_SETFD, FD_CLOEXEC) == 0 ? Int32(CURL_SOCKOPT_OK) : Int32(CURL_SOCKOPT_ERROR)
    }
  }

  private func takeHeader(_ line: UnsafeRawBufferPointer) -> Int {
    switch reader.take(line) {
    case .more: break
    case .complete: sink.begin(reader.head)
    case .tooLarge:
      refusal = plan.failure(.tooLarge, "the answer's header is larger than \(configuration.maximumHeaderBytes) bytes")
      return 0
    }
    return line.count
  }

  private func takeBody(_ piece: UnsafeRawBufferPointer) -> Int {
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
    }
  }

  private func giveBody(_ room: UnsafeMutableRawBufferPointer) -> Int {
    guard case .body(let body) = plan.framing else { return 0 }
    let count = min(room.count, body.count - sentBytes)
    body.withUnsafeBytes { bytes in
      room.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[sentBytes..<sentBytes + count]))
    }
    sentBytes += count
    return count
  }

  /// Called when a connection that was used again turns out to be closed and the request is made once more.
  private func rewindBody(to offset: Int) -> Int32 {
    guard case .body(let body) = plan.framing, (0...body.count).contains(offset) else { return CURL_SEEKFUNC_FAIL }
    sentBytes = offset
    return CURL_SEEKFUNC_OK
  }
}
