import Glibc
import Synchronization

/// A network between clients and a server on loopback that has one trouble, after so many bytes from the clients. It lets
/// everything through afterwards.
public final class CuttingProxy: Sendable {
  /// What happens once.
  public enum Trouble: Sendable {
    case none
    /// Every open connection is cut. Until then each goes no faster than 2 MB/s, so that a short one ends before a long.
    case cut(after: Int)
    /// Nothing more goes from the clients to the server until `release()`.
    case stall(after: Int)
    /// Clients' bytes go no faster than this, in bytes a second, until `release()`.
    case slow(Int)
  }

  private struct State {
    var trouble: Trouble
    var sent = 0
    var cuts = 0
    var interrupted = 0
    var open: Set<Int32> = []
    /// Those whose last bytes were the client's.
    var waiting: Set<Int32> = []
  }

  private final class Wire: Sendable {
    let state: Mutex<State>

    init(_ trouble: Trouble) { state = Mutex(State(trouble: trouble)) }

    func enter(_ connection: RawServer.Connection) { state.withLock { _ = $0.open.insert(connection.descriptor) } }
    func leave(_ connection: RawServer.Connection) {
      state.withLock { state in
        state.open.remove(connection.descriptor)
        state.waiting.remove(connection.descriptor)
      }
    }
    func answered(_ connection: RawServer.Connection) {
      state.withLock { _ = $0.waiting.remove(connection.descriptor) }
    }

    /// How many of these bytes go through. Called on a connection's own thread, which it may hold up.
    func pass(_ count: Int, of connection: RawServer.Connection) -> Int {
      while true {
        var pause: UInt32 = 0
        let passing: Int? = state.withLock { state in
          if count > 0 { state.waiting.insert(connection.descriptor) }
          switch state.trouble {
          case .cut(let limit) where state.sent + count >= limit:
            let passing = limit - state.sent
            state.sent = limit
            state.trouble = .none
            state.cuts += 1
            state.interrupted = state.waiting.count
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
            return passing
          case .stall(let limit) where state.sent + count >= limit: return nil
          case .cut:
            pause = UInt32(count / 2)
            state.sent += count
            return count
          case .slow(let rate):
            pause = UInt32(count * 1_000_000 / rate)
            state.sent += count
            return count
          default:
            state.sent += count
            return count
          }
        }
        if pause > 0 { usleep(pause) }
        if let passing { return passing }
        usleep(10_000)
      }
    }
  }

  private let wire: Wire
  private let server: RawServer

  /// Listens before a server.
  public init(toPort port: Int, _ trouble: Trouble = .none) throws {
    let wire = Wire(trouble)
    self.wire = wire
    server = try RawServer { connection in
      wire.enter(connection)
      connection.tunnel(
        toPort: port, limit: { wire.pass($0, of: connection) }, answered: { wire.answered(connection) })
      wire.leave(connection)
    }
  }

  /// The port on 127.0.0.1.
  public var port: Int { server.port }
  /// `127.0.0.1:PORT`.
  public var host: String { "127.0.0.1:\(port)" }
  /// How many bytes clients have sent.
  public var sent: Int { wire.state.withLock { $0.sent } }
  /// How often it has cut.
  public var cuts: Int { wire.state.withLock { $0.cuts } }
  /// How many connections were cut in the middle of a request or before its answer.
  public var interrupted: Int { wire.state.withLock { $0.interrupted } }
  /// Ends the trouble.
  public func release() { wire.state.withLock { $0.trouble = .none } }

  /// Ends the trouble and stops listening.
  public func stop() {
    release()
    server.stop()
  }
}
