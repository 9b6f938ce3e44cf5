import Registry

extension Check {
  /// The image names are ones that Kubernetes and the agent take.
  static let imageReferences = Check(
    "images.references", title: "Image names",
    required: "well-formed references; the prediction server's tag is a version",
    why: "The agent refuses to start, or fails at the first model, over a name it cannot read.", needs: [.chart],
    exemption: { answers, _ in
      Questionnaire.imageKeys.allSatisfy { answers[$0] == nil } ? "No images were named." : nil
    }
  ) { _, answers, _ in
    let problems = Questionnaire.standard.problems(answers)
      .filter { $0.question.path.hasPrefix("images.") }
      .map { "\($0.question) \($0.text)" }
    let names = Questionnaire.imageKeys.compactMap { answers[$0] }
    if problems.isEmpty {
      return Finding(
        .pass, observed: "\(names.count) references", message: "All image names are well formed.", details: names)
    }
    return Finding(
      .fail, observed: problems.joined(separator: "; "), message: problems.joined(separator: "; "),
      remedy: Remedy("Correct the answers under images."), details: problems)
  }
}
