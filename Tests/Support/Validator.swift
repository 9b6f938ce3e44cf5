import FoundationEssentials
import Subprocess
import SystemPackage

/// Programs that know nothing of this project and judge what it writes: scripts/prerequisites installs them.
public enum Validator {
  private static let folder =
    #filePath.split(separator: "/").dropLast(3).map { "/\($0)" }.joined() + "/.build/validators"

  /// What two JSON Schema validators say of a document, a line each; empty: both take it.
  public static func problems(ofJSON document: String, schema: String) async throws -> String {
    try await run(
      """
      import json, sys, fastjsonschema, jsonschema
      document, schema = json.load(open(sys.argv[1])), json.load(open(sys.argv[2]))
      jsonschema.Draft202012Validator.check_schema(schema)
      for error in jsonschema.Draft202012Validator(schema).iter_errors(document):
          print("jsonschema:", error.json_path, error.message[:300])
      # The second knows draft 7 at most, which is the same for all that the schema uses.
      try:
          fastjsonschema.compile(dict(schema, **{"$schema": "http://json-schema.org/draft-07/schema#"}))(document)
      except fastjsonschema.JsonSchemaValueException as error:
          print("fastjsonschema:", str(error)[:300])
      """, [document, schema])
  }

  /// What junitparser finds in a document, a line a test case: `classname name time kind message`.
  public static func jUnitCases(_ document: String) async throws -> String {
    try await run(
      """
      import sys, junitparser
      root = junitparser.JUnitXml.fromfile(sys.argv[1])
      assert isinstance(root, junitparser.JUnitXml), root
      for suite in root:
          cases = list(suite)
          counts = [0, 0, 0]
          for case in cases:
              kinds = [type(result).__name__ for result in case.result] or ["Passed"]
              for index, kind in enumerate(["Failure", "Error", "Skipped"]):
                  counts[index] += kinds == [kind]
              message = (case.result[0].message if case.result else case.system_out) or ""
              print(case.classname, case.name, case.time, kinds[0], message.split("\\n")[0])
          assert [suite.failures, suite.errors, suite.skipped, suite.tests] == counts + [len(cases)], suite
          print("suite", suite.name, suite.tests, suite.time)
      assert [root.tests, root.failures] == [sum(s.tests for s in root), sum(s.failures for s in root)]
      """, [document])
  }

  /// What the management agent's plugin for Kubernetes makes of its configuration.
  public struct PluginVerdict: Sendable, Decodable {
    /// Why the agent refuses it; nil: it takes it.
    public let refusal: String?
    /// What kaniko is started with beside its context and destination.
    public var arguments: [String] = []
    /// The volumes of kaniko's pod, as JSON of one order.
    public var volumes = ""
    /// The host of the Ingress objects; nil: none.
    public let host: String?
  }

  /// Holds a plugin's configuration, in YAML, against the agent's own rules.
  public static func agentVerdict(onPlugin configuration: String) async throws -> PluginVerdict {
    let verdict = try await run(
      """
      import importlib, json, sys, types, yaml
      # The packages' own __init__ would bring what only a running agent needs.
      for name in ["bosun", "bosun.plugin", "bosun.plugin.k8s"]:
          module = types.ModuleType(name)
          module.__path__ = [path + "/" + name.replace(".", "/") for path in sys.path[:1]]
          sys.modules[name] = module
      base = types.ModuleType("bosun.plugin.bosun_plugin_base")
      base.BosunPluginBase = object
      sys.modules[base.__name__] = base
      rules = importlib.import_module("bosun.plugin.k8s.config").KubernetesPluginConfig
      # What the agent adds to every plugin's configuration.
      agents = {"MLOPS_BOSUN_MONITORING_URL": "https://app.datarobot.com", "mlopsApiToken": "token",
                "MLOPS_BOSUN_PRED_ENV_ENABLE_MONITORING": True}
      try:
          config = rules({**agents, **yaml.safe_load(open(sys.argv[1]))})
          verdict = {"arguments": config.kaniko_args, "volumes": json.dumps(config.kaniko_volumes, sort_keys=True),
                     "host": config.ingress_host}
      except Exception as error:
          verdict = {"refusal": " ".join(str(error).split()) or repr(error), "arguments": [], "volumes": ""}
      print(json.dumps(verdict))
      """, [configuration])
    return try JSONDecoder().decode(PluginVerdict.self, from: Data(verdict.utf8))
  }

  private static func run(_ script: String, _ texts: [String]) async throws -> String {
    guard FileManager.default.fileExists(atPath: folder + "/INSTALLED") else {
      throw TestSupportError("this test needs \(folder): scripts/prerequisites test")
    }
    let python = try TestProgram("python3", debianPackage: "python3")
    return try await withScratchDirectory { scratch in
      let paths = try texts.enumerated().map { try scratch.write($0.element, to: "text-\($0.offset)") }
      return try await python.run(["-B", "-c", "import sys; sys.path.insert(0, '\(folder)')\n" + script] + paths)
    }
  }
}
