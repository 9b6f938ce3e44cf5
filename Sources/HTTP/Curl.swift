import CCurl

/// libcurl, which is loaded when the first request is planned: what needs no request does not wait for its thirty
/// libraries.
enum Curl {
  /// OpenSSL's: its verify results are read. Debian has the same under other names with GnuTLS and NSS.
  private static let file = "libcurl.so.4"

  // Written once, before anything reads it; the functions may be called from any thread.
  nonisolated(unsafe) private static let loaded = load(file)

  /// Its functions; nil: it is missing.
  static var functions: UnsafePointer<ccurl>? {
    guard case .functions(let functions) = loaded else { return nil }
    return functions
  }

  /// Why there are no functions, for a person; nil: there are.
  static var failure: String? {
    guard case .failure(let message) = loaded else { return nil }
    return message
  }

  /// What came of loading it.
  enum Loading {
    case functions(UnsafePointer<ccurl>)
    case failure(String)
  }

  /// Loads a libcurl and initialises it, which is allowed once a process for each.
  static func load(_ file: String) -> Loading {
    var reason: UnsafePointer<CChar>?
    guard let functions = ccurl_load(file, &reason) else {
      let why = reason.map { String(cString: $0) } ?? "out of memory"
      return .failure("libcurl cannot be loaded: \(why). Install \(Curl.file); Debian has it in the package libcurl4")
    }
    guard functions.pointee.global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK else {
      return .failure("libcurl cannot be initialised")
    }
    return .functions(functions)
  }
}

extension UnsafePointer<ccurl> {
  /// What a code means, in curl's words.
  func text(_ code: CURLcode) -> String { pointee.easy_strerror(code).map { String(cString: $0) } ?? "" }

  /// What a code of the multi interface means, in curl's words.
  func text(_ code: CURLMcode) -> String { pointee.multi_strerror(code).map { String(cString: $0) } ?? "" }
}
