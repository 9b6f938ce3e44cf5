import Kubernetes
import Testing

@testable import Simulator

@Suite("Patches")
struct PatchTests {
  private func json(_ text: String) throws -> JSONValue { try JSONText.parse(Array(text.utf8)) }

  // RFC 7396, appendix A.
  @Test(
    "A merge patch does what RFC 7396 says",
    arguments: [
      (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
      (#"{"a":"b"}"#, #"{"a":null}"#, #"{}"#), (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
      (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
      (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#), (#"{}"#, #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
    ])
  func mergePatch(target: String, patch: String, result: String) throws {
    #expect(JSONText.string(MergePatch.apply(try json(patch), to: try json(target))) == result)
  }

  // RFC 6902, appendix A.
  @Test(
    "A JSON patch does what RFC 6902 says",
    arguments: [
      (#"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux"}]"#, #"{"foo":"bar","baz":"qux"}"#),
      (#"{"foo":["bar","baz"]}"#, #"[{"op":"add","path":"/foo/1","value":"qux"}]"#, #"{"foo":["bar","qux","baz"]}"#),
      (#"{"foo":["bar"]}"#, #"[{"op":"add","path":"/foo/-","value":1}]"#, #"{"foo":["bar",1]}"#),
      (#"{"baz":"qux","foo":"bar"}"#, #"[{"op":"remove","path":"/baz"}]"#, #"{"foo":"bar"}"#),
      (#"{"a":1}"#, #"[{"op":"test","path":"/a","value":1},{"op":"replace","path":"/a","value":2}]"#, #"{"a":2}"#),
      (#"{"a":1}"#, #"[{"op":"copy","from":"/a","path":"/b"}]"#, #"{"a":1,"b":1}"#),
      (#"{"a":1}"#, #"[{"op":"move","from":"/a","path":"/b"}]"#, #"{"b":1}"#),
      (#"{"a/b":{"~":1}}"#, #"[{"op":"replace","path":"/a~1b/~0","value":2}]"#, #"{"a/b":{"~":2}}"#),
    ])
  func jsonPatch(target: String, patch: String, result: String) throws {
    #expect(JSONText.string(try JSONPatch.apply(try json(patch), to: try json(target))) == result)
  }

  @Test(
    "A JSON patch that does not fit is refused",
    arguments: [
      #"[{"op":"remove","path":"/absent"}]"#, #"[{"op":"test","path":"/a","value":2}]"#,
      #"[{"op":"add","path":"/list/9","value":1}]"#, #"[{"op":"dance","path":"/a"}]"#,
    ])
  func refused(patch: String) throws {
    #expect(throws: APIError.self) { try JSONPatch.apply(try json(patch), to: ["a": 1, "list": []]) }
  }

  @Test(
    "A strategic merge patch merges lists by their keys",
    arguments: [
      // Containers by name, and env in them by name.
      (
        #"{"spec":{"containers":[{"name":"a","image":"1","env":[{"name":"X","value":"1"}]},{"name":"b","image":"1"}]}}"#,
        #"{"spec":{"containers":[{"name":"a","image":"2","env":[{"name":"Y","value":"2"}]}]}}"#,
        #"{"spec":{"containers":[{"name":"a","image":"2","env":[{"name":"X","value":"1"},{"name":"Y","value":"2"}]},{"name":"b","image":"1"}]}}"#
      ),
      // An item is deleted by its key.
      (
        #"{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}"#,
        #"{"spec":{"containers":[{"$patch":"delete","name":"a"}]}}"#, #"{"spec":{"containers":[{"name":"b"}]}}"#
      ),
      // The order that is asked for.
      (
        #"{"spec":{"containers":[{"name":"a"},{"name":"b"}]}}"#,
        #"{"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}}"#,
        #"{"spec":{"containers":[{"name":"b"},{"name":"a"}]}}"#
      ),
      // Lists without a key are replaced, finalizers are a set.
      (
        #"{"metadata":{"finalizers":["a"]},"spec":{"args":["x"]}}"#,
        #"{"metadata":{"finalizers":["b"]},"spec":{"args":["y"]}}"#,
        #"{"metadata":{"finalizers":["a","b"]},"spec":{"args":["y"]}}"#
      ),
      (
        #"{"metadata":{"finalizers":["a","b"]}}"#, #"{"metadata":{"$deleteFromPrimitiveList/finalizers":["a"]}}"#,
        #"{"metadata":{"finalizers":["b"]}}"#
      ),
      // A whole map replaced, and keys kept.
      (#"{"data":{"a":"1","b":"2"}}"#, #"{"data":{"$patch":"replace","c":"3"}}"#, #"{"data":{"c":"3"}}"#),
      (
        #"{"strategy":{"type":"RollingUpdate","rollingUpdate":{}}}"#,
        #"{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}"#, #"{"strategy":{"type":"Recreate"}}"#
      ),
    ])
  func strategicMergePatch(target: String, patch: String, result: String) throws {
    #expect(JSONText.string(StrategicMergePatch.apply(try json(patch), to: try json(target))) == result)
  }
}
