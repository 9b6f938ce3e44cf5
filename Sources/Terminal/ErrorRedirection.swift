import Glibc

/// Standard error, sent elsewhere while the screen is up: one line of a library would spoil it, and the message of a trap would
/// be lost with it. Where it is not a terminal it was sent somewhere on purpose and stays.
struct ErrorRedirection {
  private let original: Int32

  /// Nil when there was nothing to do, or nothing could be done.
  init?(path: String?) {
    guard isatty(STDERR_FILENO) == 1 else { return nil }
    let opened = path.map { open($0, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600) } ?? -1
    let target = opened >= 0 ? opened : open("/dev/null", O_WRONLY | O_CLOEXEC)
    guard target >= 0 else { return nil }
    defer { _ = close(target) }
    original = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
    guard original >= 0 else { return nil }
    guard dup2(target, STDERR_FILENO) >= 0 else {
      _ = close(original)
      return nil
    }
  }

  /// Puts the terminal back in its place.
  func undo() {
    fflush(nil)
    _ = dup2(original, STDERR_FILENO)
    _ = close(original)
  }
}
