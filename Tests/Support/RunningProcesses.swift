import Glibc
import Synchronization

/// The machine's processes, as /proc tells of them.
public enum RunningProcesses {
  /// The command lines of all, words parted by blanks. FileManager's reading of /proc keeps what it reads for good.
  public static func commandLines() throws -> [Int32: String] {
    guard let folder = opendir("/proc") else { throw TestSupportError("/proc cannot be read") }
    defer { closedir(folder) }
    var lines: [Int32: String] = [:]
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      // One that has ended meanwhile has none.
      guard let id = Int32(name), let line = commandLine("/proc/\(name)/cmdline") else { continue }
      lines[id] = line
    }
    return lines
  }

  private static func commandLine(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var count = 0
    repeat {
      bytes += [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, used in
        count = read(file, buffer.baseAddress, buffer.count)
        used = max(0, count)
      }
    } while count > 0
    return bytes.isEmpty ? nil : String(decoding: bytes.map { $0 == 0 ? 32 : $0 }, as: UTF8.self)
  }

  /// Every command line that any process had while `body` ran.
  public static func seen(while body: () async throws -> Void) async throws -> Set<String> {
    let seen = Mutex<Set<String>>([])
    let watcher = Task.detached {
      while !Task.isCancelled {
        let lines = try commandLines().values
        seen.withLock { $0.formUnion(lines) }
        do { try await Task.sleep(for: .milliseconds(5)) } catch { break }
      }
    }
    defer { watcher.cancel() }
    try await body()
    watcher.cancel()
    try await watcher.value
    return seen.withLock { $0 }
  }
}
