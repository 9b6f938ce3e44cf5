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
    let programs = programs(plan.steps.flatMap(\.commands).map(\.shell))
    if !programs.isEmpty {
      lines += [
        "need() { command -v \"$1\" >/dev/null || { echo \"$1 is needed, and it is not on PATH\" >&2; exit 1; }; }"
      ]
      lines += programs.map { "need \($0)" }
    }
    lines += absoluteKubeconfig
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

  /// Those that a machine may lack.
  private static let known = [
    "kubectl", "helm", "oc", "aws", "eksctl", "az", "gcloud", "skopeo", "podman", "docker", "nerdctl", "make", "curl",
    "jq", "openssl", "tar",
  ]

  /// The steps run in a folder of their own.
  private static let absoluteKubeconfig = [
    "", "# Relative paths are those of the folder that this is started in.", "if [ -n \"${KUBECONFIG:-}\" ]; then",
    "  rest=$KUBECONFIG: joined=", "  while [ -n \"$rest\" ]; do", "    file=${rest%%:*} rest=${rest#*:}",
    "    case $file in '' | /*) ;; *) file=$PWD/$file ;; esac", "    joined=${joined:+$joined:}$file", "  done",
    "  export KUBECONFIG=\"$joined\"", "fi",
  ]

  /// A shell's words in front of a command.
  private static let reserved: Set<Substring> = ["if", "then", "elif", "else", "while", "until", "do"]

  /// Which of them these commands call: where a command can begin, outside of quotes and of the texts below commands.
  static func programs(_ commands: [String]) -> [String] {
    let lines = commands.flatMap { command in
      var end: Substring?
      return command.split(separator: "\n").filter { line in
        if let word = end {
          if line == word { end = nil }
          return false
        }
        // A comment's apostrophe quotes nothing.
        if line.drop(while: \.isWhitespace).hasPrefix("#") { return false }
        if let start = line.firstRange(of: "<<'") { end = line[start.upperBound...].prefix { $0 != "'" } }
        return true
      }
    }
    let text = lines.joined(separator: "\n").replacing("'\\''", with: "").split(
      separator: "'", omittingEmptySubsequences: false
    ).enumerated()
      .map { $0.isMultiple(of: 2) ? $1 : "''" }.joined()
    var called: Set<Substring> = []
    for command in text.split(whereSeparator: { "\n|&;({!".contains($0) }) {
      let words = command.split(whereSeparator: \.isWhitespace)
      if let word = words.first(where: { !reserved.contains($0) }) { called.insert(word) }
    }
    return known.filter { called.contains($0[...]) }
  }

  /// A text that cannot leave its comment.
  private static func comment(_ text: String) -> String { OutsideText.clean(text) }
}
