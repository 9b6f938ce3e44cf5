import Testing

@testable import HTTP

@Suite("libcurl, loaded when it is needed")
struct CurlTests {
  @Test("Where it is missing or is something else, the error names the file, the loader's reason and the package")
  func missing() throws {
    for (file, reason) in [("libcurl-absent.so.4", "No such file"), ("libm.so.6", "curl_global_init")] {
      guard case .failure(let message) = Curl.load(file) else {
        Issue.record("\(file) was taken for a libcurl")
        continue
      }
      #expect(message.contains(file) && message.contains(reason), "\(message)")
      #expect(message.hasSuffix("Install libcurl.so.4; Debian has it in the package libcurl4"), "\(message)")
    }
  }
}
