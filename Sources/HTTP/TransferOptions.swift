import CCurl
import Glibc

/// How a plan is told to curl.
extension Transfer {
  /// Sets everything; an error names the option that curl refused.
  func configure() -> HTTPError? {
    let options = HandleOptions(easy: easy, curl: curl)
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
      .connectionFailed, "libcurl refuses an option: \(curl.text(refused))")
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

  /// A curl list that lives as long as the transfer.
  private func append(_ lines: [String]) -> UnsafeMutablePointer<curl_slist>? {
    var list: UnsafeMutablePointer<curl_slist>?
    for line in lines { list = curl.pointee.slist_append(list, line) ?? list }
    if let list { lists.append(list) }
    return list
  }
}
