import CCurl
import Glibc
import Synchronization

/// The event loop: one thread that owns the multi handle and every easy handle. Tasks leave commands under a lock and
/// wake it.
final class TransferLoop: Sendable {
  /// What a task asks the thread for.
  enum Command: Sendable {
    case start(TransferPlan, any TransferSink)
    case cancel(ObjectIdentifier)
    case resume(ObjectIdentifier)
  }

  private struct Shared {
    var commands: [Command] = []
    var isStarted = false
    var isClosed = false
    /// The address of the multi handle, for `curl_multi_wakeup` alone, the one call that any thread may make; 0 before
    /// the thread has made it and after it has let it go.
    var multi: UInt = 0
  }

  private let configuration: HTTPClient.Configuration
  private let shared = Mutex(Shared())

  init(configuration: HTTPClient.Configuration) { self.configuration = configuration }

  /// Starts an exchange; the sink's `end` is called in any case.
  func start(_ plan: TransferPlan, _ sink: any TransferSink) {
    if !enqueue(.start(plan, sink)) {
      sink.end(plan.failure(.cancelled, "the HTTP client is closed, or the system gives it no thread"))
    }
  }

  /// Whether the thread will see the command.
  @discardableResult
  func enqueue(_ command: Command) -> Bool {
    shared.withLock { shared in
      guard !shared.isClosed else { return false }
      if !shared.isStarted {
        guard startThread() else { return false }
        shared.isStarted = true
      }
      shared.commands.append(command)
      Self.wake(shared.multi)
      return true
    }
  }

  /// Ends the thread and everything that is under way.
  func close() {
    shared.withLock { shared in
      shared.isClosed = true
      Self.wake(shared.multi)
    }
  }

  private static func wake(_ address: UInt) {
    guard let multi = UnsafeMutableRawPointer(bitPattern: address) else { return }
    _ = Curl.functions?.pointee.multi_wakeup(multi)
  }

  /// The thread holds the loop until it ends.
  private func startThread() -> Bool {
    let reference = Unmanaged.passRetained(self)
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<TransferLoop>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, reference.toOpaque())
    guard code == 0 else {
      reference.release()
      return false
    }
    pthread_detach(thread)
    return true
  }

  private func run() {
    Self.blockSignals()
    let worker = Curl.functions.flatMap { TransferWorker(configuration: configuration, curl: $0) }
    guard let worker else {
      let commands = shared.withLock { shared in
        shared.isClosed = true
        return shared.commands
      }
      for case .start(let plan, let sink) in commands {
        sink.end(plan.failure(.connectionFailed, "libcurl gives no handle"))
      }
      return
    }
    shared.withLock { $0.multi = worker.address }
    while true {
      let (commands, isClosed) = shared.withLock { shared in
        defer { shared.commands = [] }
        if shared.isClosed { shared.multi = 0 }
        return (shared.commands, shared.isClosed)
      }
      for command in commands { worker.handle(command) }
      if isClosed { break }
      worker.work()
    }
    worker.close()
  }

  /// Signals are for the program's other threads. A write to a closed connection raises SIGPIPE, which stays pending
  /// here and is lost with the thread. Those that a thread raises itself by a fault are not to be blocked.
  private static func blockSignals() {
    var set = sigset_t()
    sigfillset(&set)
    for signal in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS] { sigdelset(&set, signal) }
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }
}

/// What the loop's thread works with. Not Sendable: it is made, used and ended on that thread.
final class TransferWorker {
  private let configuration: HTTPClient.Configuration
  private let curl: UnsafePointer<ccurl>
  private let multi: UnsafeMutableRawPointer
  private var active: [ObjectIdentifier: Transfer] = [:]
  private let clock = ContinuousClock()

  /// nil: curl gives no multi handle.
  init?(configuration: HTTPClient.Configuration, curl: UnsafePointer<ccurl>) {
    guard let multi = curl.pointee.multi_init() else { return nil }
    self.curl = curl
    self.multi = multi
    self.configuration = configuration
    _ = ccurl_multi_setopt_long(curl, multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
    _ = ccurl_multi_setopt_long(
      curl, multi, CURLMOPT_MAX_HOST_CONNECTIONS, max(1, configuration.maximumConnectionsPerHost))
    _ = ccurl_multi_setopt_long(curl, multi, CURLMOPT_MAXCONNECTS, 64)
  }

  var address: UInt { UInt(bitPattern: multi) }

  func handle(_ command: TransferLoop.Command) {
    switch command {
    case .start(let plan, let sink): start(plan, sink)
    case .cancel(let id):
      if let transfer = active[id] { finish(transfer, transfer.plan.failure(.cancelled, "the exchange was cancelled")) }
    case .resume(let id):
      active[id]?.resume()
    }
  }

  /// Moves what can be moved and waits for more.
  func work() {
    var running: Int32 = 0
    let code = curl.pointee.multi_perform(multi, &running)
    if code != CURLM_OK { failAll("libcurl stopped: \(curl.text(code))") }
    var pending: Int32 = 0
    while let message = curl.pointee.multi_info_read(multi, &pending) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
      let result = message.pointee.data.result
      guard let transfer = active.values.first(where: { $0.easy == easy }) else { continue }
      if transfer.plan.looksAtCertificates { transfer.sink.present(transfer.certificates()) }
      finish(transfer, transfer.error(result))
    }
    expire()
    let waited = curl.pointee.multi_poll(multi, nil, 0, active.isEmpty ? 60_000 : 1_000, nil)
    if waited != CURLM_OK {
      failAll("libcurl cannot wait: \(curl.text(waited))")
      // No busy loop while the cause lasts.
      usleep(100_000)
    }
  }

  func close() {
    for transfer in active.values {
      finish(transfer, transfer.plan.failure(.cancelled, "the HTTP client was closed"))
    }
    _ = curl.pointee.multi_cleanup(multi)
  }

  private func start(_ plan: TransferPlan, _ sink: any TransferSink) {
    guard !sink.isCancelled else { return sink.end(plan.failure(.cancelled, "the exchange was cancelled")) }
    guard let transfer = Transfer(plan, sink: sink, configuration: configuration, curl: curl) else {
      return sink.end(plan.failure(.connectionFailed, "libcurl gives no handle"))
    }
    if let error = transfer.configure() { return sink.end(error) }
    let code = curl.pointee.multi_add_handle(multi, transfer.easy)
    guard code == CURLM_OK else {
      return sink.end(plan.failure(.connectionFailed, curl.text(code)))
    }
    active[ObjectIdentifier(sink)] = transfer
  }

  private func finish(_ transfer: Transfer, _ error: HTTPError?) {
    active[ObjectIdentifier(transfer.sink)] = nil
    _ = curl.pointee.multi_remove_handle(multi, transfer.easy)
    transfer.sink.end(error)
  }

  /// curl keeps its own timers; this one is for exchanges that wait for a connection to become free, whose timers curl
  /// does not look at.
  private func expire() {
    let now = clock.now
    for transfer in active.values {
      if let end = transfer.end, now >= end { finish(transfer, transfer.timeOut()) }
    }
  }

  private func failAll(_ message: String) {
    for transfer in active.values { finish(transfer, transfer.plan.failure(.connectionFailed, message)) }
  }
}
