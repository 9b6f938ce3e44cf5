import TestSupport
import Testing
import Text

@testable import SetupCore

@Suite("Equivalent commands")
struct EquivalentCommandTests {
  private static let live = Processes.live(environment: ["PATH": "/usr/bin:/bin"])

  private static let awkward: [QuestionID: AnswerValue] = [
    "cluster.context": .text("arn:aws:eks:us-east-1:123:cluster/it's prod; rm -rf $HOME"),
    "cluster.kubeconfig": .text("/home/admin/my \"config\" `id`"), "registry.username": .text("robot$push+ci'x %s"),
    "registry.password": .secret(.file("/run/secrets/pass word")),
    "registry.certificateAuthority": .text("/etc/ssl/our ca.pem"), "chart.path": .text("/charts/my agent"),
    "chart.values": .list(["more values.yaml", "$(id).yaml"]),
  ]

  /// The commands of these answers' steps, those aside that a cluster has to be asked for; their chart and values files are
  /// where they name them.
  private static func commands(_ answers: Answers) async throws -> [(step: StepID, command: EquivalentCommand)] {
    let files = try Samples.files()
    let environment = Samples.environment.merging(["HOME": "/home/admin"]) { $1 }
    let setup = try Samples.setup(answers, files: files, environment: environment)
    for name in ["Chart.yaml", "values.yaml"] {
      files.put(setup.path(answers[.chartPath] ?? "") + "/" + name, try Samples.chartFile(.standIn, name))
    }
    for path in answers[.valuesFiles] { files.put(setup.path(path), "{}") }
    var commands: [(StepID, EquivalentCommand)] = []
    for step in Planner.steps(answers) where !(step is AgentAttachStep) {
      for command in try await step.commands(setup) { commands.append((step.id, command)) }
    }
    return commands
  }

  /// What a POSIX shell makes of a command with a kubectl and a helm that say their arguments, one a line.
  private static func said(_ command: EquivalentCommand, home: String = "/home/admin") async throws -> String {
    let folder = try ScratchDirectory()
    defer { folder.remove() }
    let stubs = """
      exec 3>&1 >/dev/null
      kubectl() { for word in "$@"; do printf '%s\\n' "<$word>" >&3; done; command cat; }
      helm() { kubectl "$@" </dev/null; }
      cksum() { for path in "$@"; do printf '%s\\n' "<cksum $path>" >&3; done; }
      cat() { if [ $# -gt 0 ]; then printf '%s\\n' "<cat $1>" >&3; printf 'from the file'; else command cat; fi; }

      """
    let result = try await Processes.live(environment: ["PATH": "/usr/bin:/bin", "HOME": home]).run(
      ProcessCommand(
        "sh", input: Array((stubs + command.shell).utf8), workingDirectory: folder.path, deadline: .seconds(10)))
    #expect(result.exitCode == 0, "\(command.shell)\n\(result.errors)")
    #expect(result.errors == "")
    return result.output
  }

  @Test("Every command is one that a POSIX shell can read", arguments: [[:], awkward])
  func syntax(_ changes: [QuestionID: AnswerValue]) async throws {
    let commands = try await Self.commands(Samples.answers(changes)).map(\.command)
    #expect(commands.count >= 7)
    for command in commands {
      let result = try await Self.live.run(
        ProcessCommand("sh", ["-n"], input: Array(command.shell.utf8), deadline: .seconds(10)))
      #expect(result == ProcessResult(exitCode: 0), "\(command.shell)")
      #expect(!command.shell.contains("55f1"))
    }
  }

  @Test("What stands in the answers reaches the command as it is, and nothing of it is run")
  func words() async throws {
    for (step, command) in try await Self.commands(Samples.answers(Self.awkward)) where step != "values" {
      let said = try await Self.said(command)
      #expect(said.contains("<arn:aws:eks:us-east-1:123:cluster/it's prod; rm -rf $HOME>"), "\(said)")
      #expect(said.contains("</home/admin/my \"config\" `id`>"))
      if command.shell.hasPrefix("helm") {
        let folder = "arn_aws_eks_us-east-1_123_cluster_it_s_prod__rm_-rf__HOME-7b741aab"
        #expect(
          said.contains(
            "<--values>\n</home/admin/.local/state/mlops-setup/\(folder)/datarobot-mlops/values.yaml>\n<--values>\n</home/admin/work/more values.yaml>\n<--values>\n</home/admin/work/$(id).yaml>\n"
          ))
        #expect(said.contains("</charts/my agent>"))
      }
    }
  }

  @Test("Paths hold in any folder, and a home folder is that of whoever runs the command")
  func paths() async throws {
    let answers = Samples.answers([
      "cluster.kubeconfig": .text("~/.kube/my config"), "registry.certificateAuthority": .text("~/ca.pem"),
      "registry.password": .secret(.file("~/pass word")), "chart.path": .text("./agent"),
      "chart.values": .list(["more.yaml", "~/last.yaml"]),
    ])
    var printed = ""
    for (step, command) in try await Self.commands(answers) where step != "values" {
      let said = try await Self.said(command, home: "/home/other one")
      #expect(said.contains("</home/other one/.kube/my config>"), "\(command.shell)")
      printed += said
    }
    for word in [
      "<cat /home/other one/pass word>", "<--from-file=ca.crt=/home/other one/ca.pem>", "</home/admin/work/agent>",
      "<--values>\n</home/other one/.local/state/mlops-setup/prod/datarobot-mlops/values.yaml>\n<--values>\n</home/admin/work/more.yaml>\n<--values>\n</home/other one/last.yaml>",
    ] { #expect(printed.contains(word), "\(printed)") }
  }

  @Test("The registry's command builds the same credential as the step, from the password's file or variable")
  func dockerConfig() async throws {
    let step = try #require(Planner.steps(Samples.answers()).first { $0.id == "registry-credentials" })
    let command = try #require(await step.commands(try Samples.setup()).first)
    // Only the first part of the pipe: what kubectl would read.
    let first = try #require(command.shell.components(" |\n").first)
    let result = try await Processes.live(
      environment: ["PATH": "/usr/bin:/bin", "REGISTRY_PASSWORD": Samples.password]
    ).run(ProcessCommand("sh", input: Array(first.utf8), deadline: .seconds(10)))
    let secret = try #require(step as? SecretStep)
    let wanted = try #require(try await secret.data(try Samples.setup())[".dockerconfigjson"])
    #expect(secret.isSame(Array(result.output.utf8), wanted), "\(result.output)")
  }

  @Test("Secrets are references: a variable, a file's content, or the question's own variable where it was typed")
  func references() {
    let key = AnswerKey<SecretReference>.apiToken
    func variable(_ reference: SecretReference) -> String {
      Samples.answers(["datarobot.apiToken": .secret(reference)]).variable(key, default: "DATAROBOT_API_TOKEN")
    }
    #expect(variable(.environment("TOKEN")) == "$TOKEN")
    #expect(variable(.file("/run/a b")) == "$(cat '/run/a b')")
    #expect(variable(.prompted("datarobot.apiToken")) == "$DATAROBOT_API_TOKEN")
  }

  @Test(
    "A quoted word comes out of a shell as it went in",
    arguments: [
      "", "plain", "a b", "it's", "''", "'", "\"", "$HOME", "`id`", "a\nb", "\\", "\\n", "*", "~", "~/x", "#", "!",
      "a;b",
      "(", "a=b", "é ü 漢", "\t", "-n", "--", "{a,b}", "&", "|", "<>", "a'b'c'",
    ])
  func quoting(_ word: String) async throws {
    let result = try await Self.live.run(
      ProcessCommand("sh", ["-c", "printf %s " + Shell.quote(word)], deadline: .seconds(10)))
    #expect(result.output == word)
    #expect(result.errors == "")
  }

  @Test("Random words come out of a shell as they went in, a line of many as many words")
  func randomQuoting() async throws {
    var generator = SystemRandomNumberGenerator()
    let alphabet = Array(" '\"\\$`!*?[](){}<>|&;#~=%\n\tabc-é")
    let words = (0..<300).map { _ in
      String(
        (0..<Int.random(in: 0...8, using: &generator)).compactMap { _ in alphabet.randomElement(using: &generator) })
    }
    let result = try await Self.live.run(
      ProcessCommand("sh", ["-c", "printf '%s\\001' " + Shell.line(words)], deadline: .seconds(10)))
    #expect(result.output == words.map { $0 + "\u{1}" }.joined())
  }

  @Test("A plain word stays plain, for people to read")
  func plain() {
    #expect(Shell.line(["kubectl", "--from-file=a=/b/c", "x:1@2", "a b"]) == "kubectl --from-file=a=/b/c x:1@2 'a b'")
  }
}
