import TestSupport
import Testing
import YAML

@testable import SetupCore

/// Where the documented manual installation is wrong or leaves something out, and the test that shows that this is not
/// repeated. What no other test shows stands in this file.
@Suite("Errors of the documented procedure")
struct ProcedureErrorTests {
  private static let here = "SetupCoreTests/Providers/ProcedureErrorTests.swift"
  private static let providers = "SetupCoreTests/Providers"

  static let table: [NamedTest] = [
    NamedTest(
      "the repository is made under one name and pushed to under another", here, "The generated images have one"),
    NamedTest("nothing is said of the repository of layers", here, "Layers have a place in every registry"),
    NamedTest("an image is tagged for one host and pushed to another", here, "Every image carries the registry's host"),
    NamedTest(
      "a service account's name in brackets", "\(providers)/GoogleStepsTests.swift",
      "The documented way: a Google account without brackets"),
    NamedTest(
      "a role far wider than a push", "\(providers)/GoogleStepsTests.swift",
      "Directly: the principal by the project's number gets the writer's role"),
    NamedTest(
      "timeouts with a unit, which ingress-nginx ignores", "SetupCoreTests/Ingress/IngressAnswersTests.swift",
      "The procedure's timeouts have no unit"),
    NamedTest(
      "two controllers that serve one class", "SetupCoreTests/Ingress/IngressAnswersTests.swift",
      "The procedure's timeouts have no unit, which ingress-nginx would ignore, and its class is served by no other"),
    NamedTest(
      "an example by a name that the chart need not have", "SetupCoreTests/Values/ChosenValueTests.swift",
      "What one changes is told key by key"),
    NamedTest("images without a version", here, "Every image has the version of the chart"),
    NamedTest(
      "a ConfigMap whose key hangs on a file's name", "\(providers)/ECRValuesTests.swift",
      "kaniko's configuration stands under config.json"),
    NamedTest(
      "a Secret of a type that the image builder does not read", "SetupCoreTests/Steps/SecretStepTests.swift",
      "A type that differs blocks"),
    NamedTest(
      "a role that trusts a provider which nobody made", "\(providers)/ECRStepsTests.swift",
      "IRSA: everything is made once"),
    NamedTest("the namespace comes after what goes into it", here, "The namespace comes before all that goes into it"),
    NamedTest(
      "a chart's version taken for the controller's", "SetupCoreTests/Checks/IngressCheckTests.swift",
      "The chart's or the controller's version decides"),
  ]

  @Test("Each has a test of that name", arguments: table)
  func exists(_ test: NamedTest) throws { #expect(try test.exists(), "\(test.file) has no test \(test.name)") }

  /// Answers of a person who leaves out what can be derived, by provider.
  static let answers: [(provider: String, answers: Answers)] = [
    ("generic", Samples.answers()), ("ecr", ECRSamples.answers()), ("acr", AzureStage.answers()),
    ("google", GoogleSamples.answers()), ("openshift", OpenShiftSamples.answers()),
  ]

  /// With the images left out, so that they are derived.
  private static func derived(_ answers: Answers) throws -> Answers {
    var answers = answers
    for key in ["managementAgent", "trackingAgent", "predictionServer", "generated"] {
      answers[QuestionID("images.\(key)")] = nil
    }
    var survey = Survey()
    survey.chart = .seen(try Samples.chart(.standIn))
    return Questionnaire.standard.completed(answers, survey)
  }

  @Test("The generated images have one name, in the values and in what is made", arguments: answers)
  func oneName(_ provider: String, _ given: Answers) throws {
    let answers = try Self.derived(given)
    let generated = try #require(answers[.generated])
    let name = try #require(generated.split(separator: "/").last)
    #expect(name == "frozen-models")
    let values = AgentValues.settings(answers).first { $0.paths.contains("imageBuilder.generatedImageRepository") }
    #expect(values?.value == .string(generated))
    #expect(RegistryProviders.chosen(answers)?.repository("mlops/frozen-models", answers) == generated)
    if provider == "ecr" { #expect(ECRTarget(answers).repositories.contains("mlops/frozen-models")) }
  }

  @Test("Layers have a place in every registry", arguments: answers)
  func layers(_ provider: String, _ given: Answers) throws {
    let answers = try Self.derived(given)
    switch provider {
    case "ecr": #expect(ECRTarget(answers).repositories.contains("mlops/frozen-models/cache"))
    case "acr": #expect(answers.azureRights.contains { $0.repository == "mlops/frozen-models/cache" })
    case "openshift":
      let cache = try #require(RegistryProviders.chosen(answers)?.cache(answers))
      #expect(cache.hasSuffix("/datarobot-mlops/frozen-models-cache"))
      #expect("\(AgentValues.settings(answers).map(\.value))".contains("--cache-repo=\(cache)"))
    // The first push makes a repository, or one right holds for all below it.
    default: #expect(RegistryProviders.chosen(answers)?.cache(answers) == nil)
    }
  }

  @Test("Every image carries the registry's host", arguments: answers)
  func oneHost(_ provider: String, _ given: Answers) throws {
    let answers = try Self.derived(given)
    let server = try #require(answers.registryServer)
    for image in [answers[.managementAgent], answers[.predictionServer], answers[.generated]] {
      #expect(image?.hasPrefix(server + "/") == true, "\(image ?? "none")")
    }
  }

  @Test("Every image has the version of the chart, and none is called latest", arguments: answers)
  func versions(_ provider: String, _ given: Answers) throws {
    let answers = try Self.derived(given)
    for image in [answers[.managementAgent], answers[.predictionServer]] {
      #expect(image?.hasSuffix(":11.2.62") == true, "\(image ?? "none")")
    }
    #expect(answers[.trackingAgent]?.hasSuffix(":latest") != true)
  }

  @Test("The namespace comes before all that goes into it", arguments: answers)
  func namespaceFirst(_ provider: String, _ given: Answers) {
    let steps = Planner.steps(given)
    #expect(steps.first?.id == Planner.namespaceStep(given).id)
    #expect(steps.dropFirst().contains { $0.id == "api-token" })
  }
}
