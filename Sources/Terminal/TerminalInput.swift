import CNcurses
import Glibc
public import Screen

extension Terminal {
  /// Waits for the next event, at most `timeout`; nil waits for ever. Returns nil when the time is over or `waker` woke it.
  ///
  /// Ctrl-Z and Ctrl-L are dealt with inside. After the terminal is gone, or closed, or SIGTERM came, every call returns
  /// `.closed` at once.
  public func nextEvent(timeout: Duration? = nil) -> InputEvent? {
    let deadline = timeout.map { ContinuousClock.now + $0 }
    while isOpen {
      takeSignals()
      if pending.isEmpty, !isHungUp { readKeys() }
      if !pending.isEmpty { return pending.removeFirst() }
      if isHungUp { return .closed }
      switch waitForInput(until: deadline) {
      case .something: continue
      case .woken, .timeout: return nil
      }
    }
    return .closed
  }

  private enum Wait {
    case something
    case woken
    case timeout
  }

  /// A paste whose end marker does not come is over after this silence.
  private static let pasteSilence = Duration.seconds(1)

  private func waitForInput(until deadline: ContinuousClock.Instant?) -> Wait {
    let now = ContinuousClock.now
    var wait = deadline.map { max(.zero, $0 - now) }
    let pasteEnds = decoder.isPasting && Self.pasteSilence < wait ?? .seconds(3600)
    if pasteEnds { wait = Self.pasteSilence }
    var descriptors = [
      pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
      pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
      pollfd(fd: waker.descriptor, events: Int16(POLLIN), revents: 0),
    ]
    let count = poll(&descriptors, nfds_t(descriptors.count), wait.map(milliseconds) ?? -1)
    // A signal wrote its byte to the pipe: the next round takes it.
    if count < 0 { return .something }
    if count == 0 {
      guard pasteEnds else { return .timeout }
      accept(decoder.endPaste())
      return .something
    }
    let input = descriptors[0].revents
    if input & Int16(POLLHUP | POLLERR | POLLNVAL) != 0, input & Int16(POLLIN) == 0 { isHungUp = true }
    if input != 0 || descriptors[1].revents != 0 { return .something }
    return waker.drain() ? .woken : .something
  }

  private func takeSignals() {
    let numbers = readAvailable(signals).map(Int32.init)
    guard !numbers.isEmpty else { return }
    // Who sends SIGTERM waits for the end and not for an answer: it is a hang-up with the terminal still there.
    if numbers.contains(SIGHUP) || numbers.contains(SIGTERM) { isHungUp = true }
    if numbers.contains(SIGINT) { pending.append(.interrupted) }
    if numbers.contains(SIGTSTP) {
      stop()
    } else if numbers.contains(SIGCONT) {
      // Stopped by a signal that cannot be caught; whoever ran meanwhile may have changed modes and screen.
      resumeScreen()
    } else if numbers.contains(SIGWINCH), fitToWindow() {
      pending.append(.resize(size))
    }
  }

  /// Reads until an event is complete or nothing is waiting.
  private func readKeys() {
    while pending.isEmpty || !decoder.isAtRest {
      let waiting = inputIsWaiting()
      if waiting, cncurses_bytes_waiting(STDIN_FILENO) <= 0 {
        // Readable without a byte, or no longer able to say, is the end of the input.
        isHungUp = true
        return
      }
      // ncurses may hold characters that poll does not know of, so it is asked even when nothing waits. A wait of nothing
      // would lose a UTF-8 character whose bytes arrive apart.
      wtimeout(keyboard, waiting ? 500 : 0)
      var code: wint_t = 0
      let status = wget_wch(keyboard, &code)
      if status == ERR {
        if waiting, inputIsWaiting() { continue }
        accept(decoder.idle())
        return
      }
      accept(decoder.handle(status: status, code: code))
    }
  }

  private func accept(_ outputs: [InputDecoder.Output]) {
    for output in outputs {
      switch output {
      case .event(let event): pending.append(event)
      case .redraw: redraw()
      }
    }
  }

  private func inputIsWaiting() -> Bool {
    var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    return poll(&descriptor, 1, 0) > 0 && descriptor.revents & Int16(POLLIN) != 0
  }
}

/// Rounded up, so that a wait never ends before its time and then spins.
private func milliseconds(_ duration: Duration) -> Int32 {
  let parts = duration.components
  guard parts.seconds < 1_000_000 else { return 1_000_000_000 }
  return Int32(parts.seconds) * 1000 + Int32((parts.attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
}
