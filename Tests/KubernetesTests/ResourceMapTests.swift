import HTTP
import TestSupport
import Testing

@testable import Kubernetes

@Suite("The resource of a kind")
struct ResourceMapTests {
  private static func list(_ resources: [(String, String, Bool)]) -> [APIResource] {
    resources.map { name, kind, namespaced in
      var resource = APIResource()
      resource.name = name
      resource.kind = kind
      resource.namespaced = namespaced
      return resource
    }
  }

  private static let map: ResourceMap = {
    var map = ResourceMap()
    map.take("v1", .success(list([("pods/attach", "PodAttachOptions", true), ("namespaces", "Namespace", false)])))
    map.take(
      "apps/v1",
      .success(
        list([("deployments/scale", "Scale", true), ("deployments", "Deployment", true)])))
    map.take("example.com/v1", .success(nil))
    map.take("broken.example.com/v1", .failure(KubernetesError(.server, "503")))
    return map
  }()

  @Test("A kind is found by its version, with its plural and scope")
  func found() throws {
    #expect(try Self.map.resource(apiVersion: "apps/v1", kind: "Deployment") == .deployments)
    #expect(try Self.map.resource(apiVersion: "v1", kind: "Namespace") == .namespaces)
  }

  @Test("Subresources are no kinds of their own, and a group that is not served has none")
  func absent() throws {
    #expect(try Self.map.resource(apiVersion: "apps/v1", kind: "Scale") == nil)
    #expect(try Self.map.resource(apiVersion: "example.com/v1", kind: "Thing") == nil)
  }

  @Test("What was not read is an error, never an absence", arguments: ["broken.example.com/v1", "batch/v1"])
  func unread(_ version: String) {
    #expect(throws: KubernetesError.self) { try Self.map.resource(apiVersion: version, kind: "Job") }
  }
}
