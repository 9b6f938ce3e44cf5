import FoundationEssentials
import Glibc

/// Where a command writes: the document to standard output, the progress to standard error.
public struct Console: Sendable {
  /// Writes to standard output, as it is.
  public var out: @Sendable (String) -> Void
  /// Writes a line to standard error.
  public var progress: @Sendable (String) -> Void

  /// A console from closures.
  public init(out: @escaping @Sendable (String) -> Void, progress: @escaping @Sendable (String) -> Void) {
    self.out = out
    self.progress = progress
  }

  /// The process' own.
  public static let live = Console(
    out: { write($0, to: 1) }, progress: { write($0 + "\n", to: 2) })

  private static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      // A reader that has gone away is no error of ours, and there is nobody left to tell.
      if count <= 0 { return }
      bytes = bytes.dropFirst(count)
    }
  }
}
