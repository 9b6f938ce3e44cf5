import Text

/// A plan as a POSIX shell script: the equivalent commands in their order. It reads secrets from the environment and may
/// be run again.
public enum PlanScript {
  /// The script.
  public static func text(_ plan: PlanDocument, _ answers: Answers, questionnaire: Questionnaire = .standard) -> String
  {
    let variables = variables(answers, questionnaire)
    var lines = [
      "#!/bin/sh", "# What mlops-setup does for \(comment(plan.target)), step by step.",
      "# Made by: mlops-setup plan --script. Nothing in it is secret.",
    ]
    lines += variables.isEmpty ? [] : ["# Secrets come from the environment: \(variables.joined(separator: ", "))."]
    lines += ["set -eu", "umask 077"]
    lines += variables.map { ": \"${\($0):?is not set}\"" }
    lines += [
      "", "# Files that the steps make, gone at the end.", "folder=$(mktemp -d)", "trap 'rm -rf \"$folder\"' EXIT",
      "cd \"$folder\"",
    ]
    for (number, step) in plan.steps.enumerated() {
      let title = "\(number + 1). \(step.title)"
      lines += ["", "# \(comment(title))", "echo \(Shell.quote(OutsideText.clean(title))) >&2"]
      if step.state == "blocked" { lines += step.details.map { "# In the way when this was made: \(comment($0))" } }
      lines += step.commands.map(\.shell)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The environment variables that the commands read, in the questions' order.
  private static func variables(_ answers: Answers, _ questionnaire: Questionnaire) -> [String] {
    var names: [String] = []
    for question in questionnaire.questions where question.applies(answers) {
      guard case .secret(let variable) = question.kind, case .secret(let reference)? = answers[question.id]?.value
      else { continue }
      let name: String? =
        switch reference {
        case .environment(let name): name
        case .prompted: variable
        case .file, .dataRobotConfiguration, .existing: nil
        }
      if let name, !names.contains(name) { names.append(name) }
    }
    return names
  }

  /// A text that cannot leave its comment.
  private static func comment(_ text: String) -> String { OutsideText.clean(text) }
}
