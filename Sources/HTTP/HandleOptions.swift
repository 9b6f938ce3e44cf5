import CCurl

/// Sets options on an easy handle and remembers the first that was refused. Used on the loop's thread only.
final class HandleOptions {
  private let easy: UnsafeMutableRawPointer
  private let curl: UnsafePointer<ccurl>
  /// What curl said of the first option that it refused.
  private(set) var refused: CURLcode?

  init(easy: UnsafeMutableRawPointer, curl: UnsafePointer<ccurl>) {
    self.easy = easy
    self.curl = curl
  }

  func long(_ option: CURLoption, _ value: Int) { note(ccurl_setopt_long(curl, easy, option, value)) }

  func offset(_ option: CURLoption, _ value: curl_off_t) { note(ccurl_setopt_offset(curl, easy, option, value)) }

  /// curl copies the text; nil is curl's own default, or nothing.
  func text(_ option: CURLoption, _ value: String?) { note(ccurl_setopt_string(curl, easy, option, value)) }

  /// curl copies the bytes.
  func blob(_ option: CURLoption, _ value: [UInt8]) {
    value.withUnsafeBytes { note(ccurl_setopt_blob(curl, easy, option, $0.baseAddress, $0.count)) }
  }

  /// curl keeps the list.
  func list(_ option: CURLoption, _ value: UnsafeMutablePointer<curl_slist>?) {
    note(ccurl_setopt_list(curl, easy, option, value))
  }

  /// curl keeps the pointer.
  func pointer(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) {
    note(ccurl_setopt_pointer(curl, easy, option, value))
  }

  func dataFunction(_ option: CURLoption, _ function: @escaping ccurl_data_fn) {
    note(ccurl_setopt_data_function(curl, easy, option, function))
  }

  func seekFunction(_ function: @escaping ccurl_seek_fn) { note(ccurl_setopt_seek_function(curl, easy, function)) }

  func sockoptFunction(_ function: @escaping ccurl_sockopt_fn) {
    note(ccurl_setopt_sockopt_function(curl, easy, function))
  }

  private func note(_ code: CURLcode) {
    if code != CURLE_OK, refused == nil { refused = code }
  }
}

/// curl's constants of anonymous enumerations, as the long that an option takes.
enum CurlConstant {
  static let http1 = Int(CURL_HTTP_VERSION_1_1)
  static let http2OverTLS = Int(CURL_HTTP_VERSION_2TLS)
  static let tls12 = Int(CURL_SSLVERSION_TLSv1_2)
}
