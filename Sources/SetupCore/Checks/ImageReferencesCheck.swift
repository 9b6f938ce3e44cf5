import Kubernetes
import Registry

extension Check {
  /// The image names are ones that Kubernetes and the agent take, of the release that the chart belongs to.
  static let imageReferences = Check(
    "images.references", title: "Image names",
    required: "well-formed references; the prediction server's tag is a version; all of the chart's release",
    why:
      "The agent refuses to start, or fails at the first model, over a name it cannot read; images of another release "
      + "know other settings than the chart writes.",
    needs: [.chart, .agentPackage],
    exemption: { answers, _ in
      Questionnaire.imageKeys.allSatisfy { answers[$0] == nil } ? "No images were named." : nil
    }
  ) { survey, answers, _ in
    let problems = Questionnaire.standard.problems(answers)
      .filter { $0.question.path.hasPrefix("images.") }
      .map { "\($0.question) \($0.text)" }
    let names = Questionnaire.imageKeys.compactMap { answers[$0] }
    if !problems.isEmpty {
      return Finding(
        .fail, observed: problems.joined(separator: "; "), message: problems.joined(separator: "; "),
        remedy: Remedy("Correct the answers under images."), details: problems)
    }
    let strangers = ReleaseOfImages(survey)?.strangers(tags(answers)) ?? []
    if !strangers.isEmpty {
      return Finding(
        .warn, observed: "\(names.count) references", message: strangers.joined(separator: "; ") + ".",
        remedy: Remedy(
          "Name images of the chart's release, or take the chart of theirs; where nothing is answered under images, they follow "
            + "the chart."),
        details: names)
    }
    return Finding(
      .pass, observed: "\(names.count) references", message: "All image names are well formed.", details: names)
  }
}

/// The tags of well-formed names.
private func tags(_ answers: Answers) -> [(question: QuestionID, tag: String)] {
  [AnswerKey.managementAgent, .trackingAgent, .predictionServer].compactMap { key in
    do {
      return try answers[key].flatMap { try ImageReference($0).tag }.map { (key.id, $0) }
    } catch {
      return nil
    }
  }
}

/// The release that the images belong to: the agent package's, or the one that the chart says it deploys.
private struct ReleaseOfImages {
  /// What names it: `the agent package`.
  let source: String
  /// As it is written there: `11.2.62`.
  let text: String
  let version: SemanticVersion

  /// nil: nothing names one that can be compared.
  init?(_ survey: Survey) {
    let named = [
      ("the agent package", survey.agentPackage.value?.version), ("the chart", survey.chart.value?.appVersion),
    ]
    guard let (source, text) = named.lazy.compactMap({ source, text in text.map { (source, $0) } }).first,
      let version = SemanticVersion(text)
    else { return nil }
    self.source = source
    self.text = text
    self.version = version
  }

  /// What is wrong with each image that is of another release: its first two numbers are others, or it is whatever came last.
  func strangers(_ tags: [(question: QuestionID, tag: String)]) -> [String] {
    tags.compactMap { question, tag in
      if tag == "latest" { return "\(question) is latest, which is another image with every release" }
      guard let other = SemanticVersion(tag), (other.major, other.minor) != (version.major, version.minor) else {
        return nil
      }
      return "\(question) is \(tag), and the release of \(source) is \(text)"
    }
  }
}
