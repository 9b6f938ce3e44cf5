public import FoundationEssentials
public import HTTP
public import SetupCore
import Synchronization
import Testing

/// A file system in memory.
public final class MemoryFiles: Sendable {
  private struct Entry {
    var content: [UInt8]
    var mode: UInt16
  }

  private let entries: Mutex<[String: Entry]>

  /// Files of these texts, by absolute path.
  public init(_ texts: [String: String] = [:]) {
    entries = Mutex(texts.mapValues { Entry(content: Array($0.utf8), mode: 0o644) })
  }

  /// A file's text; nil: there is none.
  public func text(_ path: String) -> String? {
    entries.withLock { $0[path].map { String(decoding: $0.content, as: UTF8.self) } }
  }

  /// A file's permissions.
  public func mode(_ path: String) -> UInt16? { entries.withLock { $0[path]?.mode } }

  /// All paths, sorted.
  public var paths: [String] { entries.withLock { $0.keys.sorted() } }

  /// Puts a file there.
  public func put(_ path: String, _ text: String) {
    entries.withLock { $0[path] = Entry(content: Array(text.utf8), mode: 0o644) }
  }

  /// Takes a file away.
  public func remove(_ path: String) { entries.withLock { $0[path] = nil } }

  /// The door to these files.
  public var files: Files {
    Files(
      kind: { [self] path in
        entries.withLock { entries in
          if entries[path] != nil { return .file }
          return entries.keys.contains { $0.hasPrefix(path + "/") } ? .directory : nil
        }
      },
      read: { [self] path in entries.withLock { $0[path]?.content } },
      write: { [self] path, content, mode in
        entries.withLock { $0[path] = Entry(content: content, mode: mode) }
      },
      append: { [self] path, content in
        entries.withLock { $0[path, default: Entry(content: [], mode: 0o600)].content += content }
      },
      list: { [self] path in
        entries.withLock { entries in
          Set(
            entries.keys.filter { $0.hasPrefix(path + "/") }.map { key in
              String(key.dropFirst(path.count + 1).prefix { $0 != "/" })
            }
          ).sorted()
        }
      },
      remove: { [self] path in entries.withLock { $0[path] = nil } },
      status: { [self] path in
        entries.withLock { $0[path].map { Files.Status(size: UInt64($0.content.count), modified: 0) } }
      },
      readPart: { [self] path, offset, count in
        entries.withLock { Array(($0[path]?.content ?? []).dropFirst(Int(offset)).prefix(count)) }
      },
      freeSpace: { _ in .max },
      makeFolder: { _ in },
      move: { [self] source, target in
        entries.withLock { entries in
          if entries.keys.contains(where: { $0.hasPrefix(target + "/") }) { return false }
          for key in entries.keys where key == source || key.hasPrefix(source + "/") {
            entries[target + key.dropFirst(source.count)] = entries.removeValue(forKey: key)
          }
          return true
        }
      },
      removeFolder: { [self] path in
        entries.withLock { entries in entries = entries.filter { $0.key != path && !$0.key.hasPrefix(path + "/") } }
      },
      lock: { [self] path, text in
        guard entries.withLock({ $0[path] == nil }) else { return nil }
        put(path, text)
        return MemoryLock(path: path, files: self)
      })
  }
}

/// A file that is locked while it is there.
private final class MemoryLock: Sendable {
  private let path: String
  private let files: MemoryFiles

  init(path: String, files: MemoryFiles) {
    self.path = path
    self.files = files
  }

  deinit { files.remove(path) }
}

/// A transport that fails the test it is used in: the world has no network unless it is given one.
public struct NoTransport: HTTPTransport {
  /// The transport.
  public init() {}

  /// Fails the test.
  public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
    Issue.record("a request nobody expected: \(request.method) \(request.url)")
    throw HTTPError(code: .connectionRefused, message: "no network in this world", url: request.url)
  }

  /// Fails the test.
  public func stream(_ request: HTTPRequest) async throws -> HTTPStream {
    _ = try await send(request)
    return HTTPStream(status: 500, headers: [:], body: AsyncThrowingStream { $0.finish() })
  }
}

extension World {
  /// A world in memory. Whatever is not given fails the test that touches it.
  public static func fake(
    environment: [String: String] = [:], files: MemoryFiles = MemoryFiles(),
    programs: [String: @Sendable (ProcessCommand) async throws -> ProcessResult] = [:],
    http: any HTTPTransport = NoTransport(), now: Date = Date(timeIntervalSince1970: 1_800_000_000),
    hasTerminal: Bool = false
  ) -> World {
    World(
      environment: environment, homeDirectory: "/home/admin", workingDirectory: "/home/admin/work",
      files: files.files,
      processes: Processes(
        find: { programs[$0] == nil ? nil : "/usr/bin/\($0)" },
        run: { command in
          guard let program = programs[command.executable] else {
            Issue.record("a program nobody expected: \(command.executable) \(command.arguments)")
            throw SetupError(.tool, "no program \(command.executable)")
          }
          return try await program(command)
        }), http: http, now: { now }, sleep: { _ in }, hasTerminal: hasTerminal)
  }
}
