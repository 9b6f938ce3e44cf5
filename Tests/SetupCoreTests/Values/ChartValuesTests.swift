import TestSupport
import Testing
import YAML

@testable import SetupCore

@Suite("The keys a chart knows")
struct ChartValuesTests {
  private static let values = """
    empty: {}
    nothing:
    list: []
    text: x
    number: 7
    off: false
    nested:
      known: 1
      open: {}
      "dotted.key": 1
    """

  @Test(
    "A mapping that is empty and a null are open beneath; texts, numbers and lists are closed",
    arguments: [
      ("empty", true), ("empty.any", true), ("empty.any.deeper", true), ("nothing", true), ("nothing.any", true),
      ("list", true), ("list.0", false), ("text", true), ("text.any", false), ("number.any", false), ("off", true),
      ("off.any", false), ("nested", true), ("nested.known", true), ("nested.known.any", false),
      ("nested.open.any", true), ("nested.unknown", false), ("unknown", false), ("unknown.any", false),
      ("nested.dotted.key", false),
    ])
  func knows(_ path: String, _ expected: Bool) throws {
    #expect(ChartValues(root: try YAML.parse(Self.values, source: "values.yaml")).knows(path) == expected)
  }

  @Test("A chart whose own values are empty or missing knows nothing", arguments: ["", "{}", "# none", "null", "- a"])
  func nothing(_ text: String) throws {
    let values = ChartValues(root: try YAML.parse(text, source: "values.yaml"))
    #expect(!values.knows("any"))
    #expect(!ChartValues(root: nil).knows("any"))
  }

  @Test("The first of several names that the chart knows is taken; what nothing needs goes to no open mapping")
  func first() throws {
    let values = ChartValues(root: try YAML.parse("a: {b: 1, open: {}}\nc: 2\nnothing:", source: "values.yaml"))
    func place(_ paths: [String], isRequired: Bool) -> String? {
      var setting = ValueSetting(value: 1, comment: "", isRequired: isRequired)
      setting.paths = paths
      return values.place(setting)
    }
    #expect(place(["x.y", "a.b", "c"], isRequired: true) == "a.b")
    #expect(place(["x", "a.c"], isRequired: true) == nil)
    #expect(place(["a.open.any"], isRequired: true) == "a.open.any")
    #expect(place(["a.open.any", "nothing.any", "c"], isRequired: false) == "c")
    #expect(place(["nothing"], isRequired: false) == "nothing")
  }
}
