internal import FoundationEssentials
internal import HTTP
import Text

/// The error document of the distribution specification: `{"errors":[{"code","message","detail"}]}`.
struct RegistryErrorBody: Sendable, Equatable {
  struct Entry: Decodable, Sendable, Equatable {
    var code: String?
    var message: String?
  }

  /// The errors; empty where the body was no such document.
  var errors: [Entry]

  private struct Document: Decodable {
    var errors: [Entry]?
    // Token servers answer `{"details":…}` or, after OAuth 2, `{"error","error_description"}`.
    var details: String?
    var error: String?
    var errorDescription: String?

    enum CodingKeys: String, CodingKey {
      case errors, details, error
      case errorDescription = "error_description"
    }
  }

  init(_ body: [UInt8]) {
    do {
      let document = try JSONDecoder().decode(Document.self, from: Data(body))
      errors = document.errors ?? []
      if errors.isEmpty, let text = document.errorDescription ?? document.details ?? document.error {
        errors = [Entry(code: document.error, message: text)]
      }
    } catch {
      errors = []  // an answer without such a document is judged by its status alone
    }
  }

  func contains(_ code: String) -> Bool { errors.contains { $0.code?.uppercased() == code } }

  /// `CODE: message; CODE: message`, without control characters, at most 300 characters; nil where there is none.
  var text: String? {
    let parts = errors.compactMap { entry -> String? in
      switch (entry.code, entry.message) {
      case (let code?, let message?) where !message.isEmpty && code != message: "\(code): \(message)"
      case (let code?, _): code
      case (nil, let message?): message
      case (nil, nil): nil
      }
    }
    return parts.isEmpty ? nil : Self.printable(parts.joined(separator: "; "))
  }

  static func printable(_ text: String) -> String { OutsideText.clean(text, limit: 300) }
}

extension HTTPResponse {
  /// The body is a web page: what answered is a login page, a proxy or another server.
  var isHTML: Bool {
    if let type = headers["Content-Type"]?.lowercased(), type.hasPrefix("text/html") { return true }
    let start = String(decoding: body.prefix(256), as: UTF8.self).lowercased()
    return start.contains("<!doctype html") || start.contains("<html")
  }
}
