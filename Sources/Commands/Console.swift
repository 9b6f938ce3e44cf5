import FoundationEssentials
import Glibc
import Synchronization

/// Where a command writes: the document to standard output, the progress to standard error.
public struct Console: Sendable {
  /// Writes to standard output, as it is.
  public var out: @Sendable (String) -> Void
  /// Writes a line to standard error.
  public var progress: @Sendable (String) -> Void
  /// Asks on standard error and reads a line of standard input; nil: that has ended.
  public var ask: @Sendable (_ question: String) -> String?
  /// The columns of the terminal that standard output is; nil: it is none.
  public var columns: Int?
  /// The line of the terminal that standard error is which is written again and again; nil: it is none.
  public var statusLine: StatusLine?

  /// A line at the bottom of a terminal.
  public struct StatusLine: Sendable {
    /// Columns of the terminal.
    public var columns: Int
    /// Puts a text there in place of the last one; an empty text takes the line away.
    public var show: @Sendable (String) -> Void

    /// A line from its parts.
    public init(columns: Int, show: @escaping @Sendable (String) -> Void) {
      self.columns = columns
      self.show = show
    }
  }

  /// A console from closures.
  public init(
    out: @escaping @Sendable (String) -> Void, progress: @escaping @Sendable (String) -> Void, columns: Int? = nil,
    statusLine: StatusLine? = nil, ask: @escaping @Sendable (String) -> String? = { _ in nil }
  ) {
    self.out = out
    self.progress = progress
    self.ask = ask
    self.columns = columns
    self.statusLine = statusLine
  }

  /// The process' own.
  public static var live: Console {
    let isDumb = ["", "dumb"].contains(ProcessInfo.processInfo.environment["TERM"] ?? "")
    let statusColumns = isDumb ? nil : columns(of: 2)
    return Console(
      out: { write($0, to: 1) }, progress: { write($0 + "\n", to: 2) }, columns: columns(of: 1),
      statusLine: statusColumns.map { StatusLine(columns: $0, show: { write("\r\u{1B}[K" + $0, to: 2) }) },
      ask: { question in
        write(question, to: 2)
        return readLine()
      })
  }

  /// The columns of a terminal; nil where the descriptor is none. A terminal that does not know its size has 80.
  private static func columns(of descriptor: Int32) -> Int? {
    guard isatty(descriptor) == 1 else { return nil }
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Why standard output could not be written, an errno; 0: it could.
  private static let outputError = Atomic<Int32>(0)

  /// The process' exit code: nothing has gone well whose report is lost.
  public static func exitCode(_ code: Int32) -> Int32 {
    let error = outputError.load(ordering: .relaxed)
    guard error != 0 else { return code }
    write("mlops-setup: standard output cannot be written: \(String(cString: strerror(error)))\n", to: 2)
    return code == 0 ? 1 : code
  }

  private static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count <= 0 {
        // A reader that has gone away is no error of ours, and there is nobody left to tell.
        if descriptor == 1, errno != EPIPE { outputError.store(errno, ordering: .relaxed) }
        return
      }
      bytes = bytes.dropFirst(count)
    }
  }
}
