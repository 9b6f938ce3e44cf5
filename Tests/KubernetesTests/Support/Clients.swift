import FoundationEssentials
import HTTP
import Kubernetes
import Synchronization
import Text

/// A clock that only moves when somebody waits; keeps the waits.
final class TestClock: Sendable {
  private let state = Mutex<(now: Duration, waits: [Duration])>((.zero, []))
  var waits: [Duration] { state.withLock { $0.waits } }
  func advance(_ duration: Duration) { state.withLock { $0.now += duration } }
  var time: ClientTime {
    ClientTime(
      now: { self.state.withLock { $0.now } },
      sleep: { duration in
        try Task.checkCancellation()
        self.state.withLock {
          $0.now += duration
          $0.waits.append(duration)
        }
      })
  }
  var date: Date { Date(timeIntervalSince1970: 1_795_510_000 + Double(state.withLock { $0.now }.components.seconds)) }
}

/// Files in memory; keeps how often each was read.
final class TestFiles: Sendable {
  private let state: Mutex<(files: [String: String], reads: [String: Int])>
  init(_ files: [String: String] = [:]) { state = Mutex((files, [:])) }
  subscript(path: String) -> String? {
    get { state.withLock { $0.files[path] } }
    set { state.withLock { $0.files[path] = newValue } }
  }
  func reads(_ path: String) -> Int { state.withLock { $0.reads[path] ?? 0 } }
  func read(_ path: String) -> [UInt8]? {
    state.withLock {
      $0.reads[path, default: 0] += 1
      return $0.files[path].map { Array($0.utf8) }
    }
  }
}

struct NoProgram: Error {}

/// A client with a scripted transport, for tests.
struct TestClient {
  var client: KubernetesClient
  var transport: ScriptedTransport
  var clock: TestClock

  init(
    _ replies: [ScriptedTransport.Reply], connection: ClusterConnection = .test, files: TestFiles = TestFiles(),
    clock: TestClock = TestClock(),
    run: @escaping @Sendable (ExecPluginInvocation) async throws -> ExecPluginOutput = { _ in throw NoProgram() }
  ) {
    let transport = ScriptedTransport(replies)
    let credentials = CredentialProvider(
      connection: connection,
      effects: CredentialEffects(
        read: { files.read($0) }, run: run, now: { clock.date }, environment: ["HOME": "/home/a"]))
    client = KubernetesClient(
      connection: connection, transport: transport, credentials: credentials, time: clock.time)
    self.transport = transport
    self.clock = clock
  }
}

extension ClusterConnection {
  static let test = ClusterConnection(
    server: "https://cluster.example:6443", credential: .token(SecretText("s3cret")), context: "prod", cluster: "prod",
    user: "admin")
}
