import HTTP
import Kubernetes
import TestSupport
import Testing

@testable import Simulator

@Suite("Watches")
struct WatchTests {
  /// Reads events until `count` of them came.
  private func events(_ stream: HTTPStream, _ count: Int) async throws -> [JSONValue] {
    var events: [JSONValue] = []
    var line: [UInt8] = []
    for try await chunk in stream.body {
      for byte in chunk {
        if byte == 0x0A {
          events.append(try JSONText.parse(line))
          line = []
        } else {
          line.append(byte)
        }
      }
      if events.count >= count { break }
    }
    return events
  }

  private static let maps = "/api/v1/namespaces/default/configmaps"

  @Test("A watch shows what was there, and then every change while other requests are served")
  func follows() async throws {
    try await withCluster(.recorded) { client in
      let stream = try await client.stream("\(Self.maps)?watch=1")
      async let seen = events(stream, 4)
      #expect(try await client.send("POST", Self.maps, ["metadata": ["name": "w"], "data": ["a": "1"]]).status == 201)
      _ = try await client.send(
        "PATCH", "\(Self.maps)/w", ["data": ["a": "2"]], type: "application/merge-patch+json")
      _ = try await client.send("DELETE", "\(Self.maps)/w")
      let kinds = try await seen.map { "\($0["type"]?.string ?? "") \($0["object"]?.name ?? "")" }
      #expect(kinds == ["ADDED kube-root-ca.crt", "ADDED w", "MODIFIED w", "DELETED w"])
    }
  }

  @Test("From a resource version on, a watch repeats what happened since and nothing else")
  func resumes() async throws {
    try await withCluster(.recorded) { client in
      let list = try await client.send("GET", Self.maps)
      let start = list.json["metadata"]?["resourceVersion"]?.string ?? ""
      _ = try await client.send("POST", Self.maps, ["metadata": ["name": "w"]])
      let stream = try await client.stream("\(Self.maps)?watch=1&resourceVersion=\(start)")
      #expect(try await events(stream, 1).first?["object"]?.name == "w")
    }
  }

  @Test("An object that stops matching the selector is deleted for the watcher, and added when it matches again")
  func selects() async throws {
    try await withCluster(.recorded) { client in
      let start = try await client.send("GET", Self.maps).json["metadata"]?["resourceVersion"]?.string ?? ""
      let stream = try await client.stream("\(Self.maps)?watch=1&labelSelector=on%3Dyes&resourceVersion=\(start)")
      async let seen = events(stream, 3)
      _ = try await client.send("POST", Self.maps, ["metadata": ["name": "w", "labels": ["on": "yes"]]])
      for value in ["no", "yes"] {
        _ = try await client.send(
          "PATCH", "\(Self.maps)/w", ["metadata": ["labels": ["on": .string(value)]]],
          type: "application/merge-patch+json")
      }
      #expect(try await seen.compactMap { $0["type"]?.string } == ["ADDED", "DELETED", "ADDED"])
    }
  }

  @Test("A watch from before a compaction is told so and ends")
  func expires() async throws {
    try await withCluster(.recorded) { client in
      await client.server.compact()
      let answer = try await client.send("GET", "\(Self.maps)?watch=1&resourceVersion=5")
      let event = try JSONText.parse(Array(answer.text.utf8))
      #expect(event["type"] == "ERROR")
      #expect(event["object"]?["code"] == 410)
      #expect(event["object"]?["message"]?.string?.hasPrefix("too old resource version: 5 (") == true)
    }
  }

  @Test(
    "Initial events on request are refused by versions that do not know them, and end with a bookmark in those that do",
    arguments: [24, 30, 36])
  func initialEvents(minor: Int) async throws {
    let scenario = ClusterScenario.recorded.with { $0.version = ClusterVersion(minor: minor) }
    try await withCluster(scenario) { client in
      let path =
        "\(Self.maps)?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1"
      let answer = try await client.send("GET", path)
      if minor == 36 {
        let last = try #require(answer.text.split(separator: "\n").last)
        let event = try JSONText.parse(Array(last.utf8))
        #expect(event["type"] == "BOOKMARK")
        #expect(event["object"]?.annotations["k8s.io/initial-events-end"] == "true")
      } else {
        #expect(answer.status == 422)
        #expect(answer.json["reason"] == "Invalid")
      }
    }
  }

  @Test("A watch ends after its time, and the server forgets it")
  func ends() async throws {
    try await withCluster(.recorded) { client in
      let answer = try await client.send("GET", "\(Self.maps)?watch=1&timeoutSeconds=1")
      #expect(answer.status == 200)
      #expect(try await eventually { await client.server.openWatches == 0 })
    }
  }

  @Test("A watcher that leaves is noticed at the next events")
  func leaves() async throws {
    try await withCluster(.recorded) { client in
      do {
        let stream = try await client.stream("\(Self.maps)?watch=1")
        _ = try await events(stream, 1)
      }
      #expect(
        try await eventually {
          _ = try await client.send("POST", Self.maps, ["metadata": ["generateName": "x-"]])
          return await client.server.openWatches == 0
        })
    }
  }
}
