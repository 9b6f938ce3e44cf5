import CTerminalSupport
import Glibc
import Synchronization

/// Makes `Terminal.nextEvent` return nil, from any thread, so that the loop looks at what background work reported.
/// It stays valid after the terminal is closed; then it does nothing.
public final class Waker: Sendable {
  /// The pipe's ends; nil once closed, so that a late wake cannot write to a descriptor that belongs to someone else.
  private let ends: Mutex<(read: Int32, write: Int32)?>

  init() throws(TerminalError) {
    var readEnd: Int32 = -1
    var writeEnd: Int32 = -1
    guard cterm_make_pipe(&readEnd, &writeEnd) == 0 else {
      throw TerminalError(
        .system, "Could not make a pipe: \(systemError()). Raise the limit on open files (ulimit -n).")
    }
    ends = Mutex((readEnd, writeEnd))
  }

  /// Wakes the terminal's owner; several wakes before it looks are one.
  public func wake() {
    ends.withLock { ends in
      guard let ends else { return }
      var byte: UInt8 = 0
      // A full pipe is as good: the reader will wake.
      _ = write(ends.write, &byte, 1)
    }
  }

  /// What to poll, or -1, which poll ignores.
  var descriptor: Int32 { ends.withLock { $0?.read ?? -1 } }

  /// Takes what was written. Returns whether there was anything.
  func drain() -> Bool {
    ends.withLock { ends in
      guard let ends else { return false }
      return !readAvailable(ends.read).isEmpty
    }
  }

  func close() {
    ends.withLock { ends in
      guard let open = ends else { return }
      _ = Glibc.close(open.read)
      _ = Glibc.close(open.write)
      ends = nil
    }
  }
}

/// The bytes that a non-blocking descriptor holds now.
func readAvailable(_ descriptor: Int32) -> [UInt8] {
  var result: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 64)
  while true {
    let count = read(descriptor, &buffer, buffer.count)
    if count < 0, errno == EINTR { continue }
    guard count > 0 else { return result }
    result += buffer[..<count]
  }
}

/// The text of `errno`.
func systemError() -> String { String(cString: strerror(errno)) }
