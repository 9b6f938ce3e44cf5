import FoundationEssentials
import HTTP
import Testing

@testable import Kubernetes

@Suite("Watches")
struct WatchTests {
  static func event(_ type: String, _ name: String, _ version: Int) -> String {
    #"{"type":"\#(type)","object":{"kind":"Pod","metadata":{"name":"\#(name)","resourceVersion":"\#(version)"}}}"#
      + "\n"
  }
  static let expired =
    #"{"type":"ERROR","object":{"kind":"Status","status":"Failure","message":"too old resource version: 1 (2)","reason":"Expired","code":410}}"#
    + "\n"

  static func chunks(_ text: String, of size: Int) -> [[UInt8]] {
    let bytes = Array(text.utf8)
    return stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
  }

  static func collect(_ replies: [ScriptedTransport.Reply]) async -> (events: [String], error: KubernetesError?) {
    let test = TestClient(replies)
    var events: [String] = []
    do {
      for try await event in test.client.watch(Pod.self, .pods, namespace: "a", resourceVersion: "1") {
        switch event {
        case .added(let pod): events.append("+\(pod.metadata.name)")
        case .modified(let pod): events.append("~\(pod.metadata.name)")
        case .deleted(let pod): events.append("-\(pod.metadata.name)")
        case .bookmark(let version): events.append("@\(version)")
        }
      }
      return (events, nil)
    } catch { return (events, error as? KubernetesError) }
  }

  @Test("Events are whole wherever the chunks end", arguments: [1, 2, 7, 64, 10_000])
  func splits(size: Int) async {
    let text =
      Self.event("ADDED", "é", 2) + Self.event("MODIFIED", "b", 3) + "\n" + Self.event("BOOKMARK", "", 9)
      + Self.event("DELETED", "é", 10)
    let (events, error) = await Self.collect([.stream(200, Self.chunks(text, of: size))])
    #expect(events == ["+é", "~b", "@9", "-é"])
    #expect(error == nil)
  }

  @Test("A recorded watch is read")
  func recorded() async throws {
    let test = TestClient([
      .stream(200, Self.chunks(String(decoding: try Recording("60-deployments-watch").body, as: UTF8.self), of: 100))
    ])
    var names: [String] = []
    for try await event in test.client.watch(Deployment.self, .deployments, namespace: "recorded") {
      if case .added(let deployment) = event { names.append(deployment.metadata.name) }
    }
    #expect(names == ["nginx-ingress-ingress-nginx-controller"])
  }

  @Test("An error event, a refusal and a broken connection are thrown, after what came before")
  func errors() async throws {
    let old = await Self.collect([.stream(200, Self.chunks(Self.event("ADDED", "a", 2) + Self.expired, of: 50))])
    #expect(old.events == ["+a"])
    #expect(old.error?.code == .expired)
    #expect(await Self.collect([try Recording.reply("18-viewer-forbidden")]).error?.code == .forbidden)
    let broken = HTTPError(code: .protocolFailed, message: "it broke", url: "")
    let cut = await Self.collect([.stream(200, Self.chunks(Self.event("ADDED", "a", 2) + "{", of: 50), broken)])
    #expect(cut.events == ["+a"])
    #expect(cut.error?.code == .transport)
    #expect(await Self.collect([.stream(200, [Array(#"{"type":"ADDED","obj"#.utf8)])]).error?.code == .transport)
    #expect(await Self.collect([.stream(200, [Array("<html>\n".utf8)])]).error?.code == .notKubernetes)
  }

  @Test("Following lists, watches on from the last version, and lists again when that is too old")
  func follow() async throws {
    func list(_ names: [String], _ version: Int) -> ScriptedTransport.Reply {
      let items = names.map { #"{"metadata":{"name":"\#($0)"}}"# }.joined(separator: ",")
      return .json(200, #"{"kind":"PodList","metadata":{"resourceVersion":"\#(version)"},"items":[\#(items)]}"#)
    }
    let test = TestClient([
      list(["a"], 1), .stream(200, [Array((Self.event("ADDED", "b", 2) + Self.event("BOOKMARK", "", 5)).utf8)]),
      .broken(.connectionFailed), .broken(.connectionFailed),
      .json(502, "<h1>Bad Gateway</h1>", ["Content-Type": "text/html"]),
      .stream(200, [Array(Self.event("DELETED", "b", 6).utf8)]),
      .stream(200, [Array(Self.expired.utf8)]), list(["a"], 8), try Recording.reply("18-viewer-forbidden"),
    ])
    var changes: [String] = []
    let error = await #expect(throws: KubernetesError.self) {
      for try await change in test.client.follow(Pod.self, .pods, namespace: "a") {
        switch change {
        case .all(let pods): changes.append("=" + pods.map(\.metadata.name).joined(separator: ","))
        case .changed(let pod): changes.append("~\(pod.metadata.name)")
        case .deleted(let pod): changes.append("-\(pod.metadata.name)")
        }
      }
    }
    #expect(changes == ["=a", "~b", "-b", "=a"])
    #expect(error?.code == .forbidden)
    let versions = test.transport.requests.map { request in
      request.url.firstRange(of: "resourceVersion=").map { String(request.url[$0.upperBound...].prefix { $0 != "&" }) }
        ?? "list"
    }
    #expect(versions == ["list", "1", "5", "5", "5", "5", "6", "list", "8"])
  }

  @Test("Lines are cut at line ends only, and their length is limited")
  func lines() throws {
    var splitter = LineSplitter()
    #expect(try splitter.push([]).isEmpty)
    #expect(try splitter.push(Array("a\n\nb".utf8)) == [Array("a".utf8)])
    #expect(try splitter.push(Array("c\n".utf8)) == [Array("bc".utf8)])
    #expect(splitter.finish() == nil)
    splitter.maximum = 4
    #expect(throws: LineSplitter.TooLong.self) { try splitter.push(Array("12345".utf8)) }
  }
}
