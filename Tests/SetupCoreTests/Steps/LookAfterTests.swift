import Testing

@testable import SetupCore

@Suite struct LookAfterTests {
  @Test("What was installed is looked after in its own cluster and namespace, and by its release")
  func commands() {
    var answers = Answers(baseDirectory: "/home/ada")
    answers[AnswerKey.context.id] = Answer(.text("prod east"))
    answers[AnswerKey.namespace.id] = Answer(.text("mlops"))
    answers[AnswerKey.release.id] = Answer(.text("bosun"))
    #expect(
      LookAfter.commands(answers).map(\.shell) == [
        "kubectl get pods --namespace mlops --context 'prod east'",
        "kubectl logs --selector=app.kubernetes.io/instance=bosun --all-containers --tail=50 --namespace mlops"
          + " --context 'prod east'",
      ])
  }
}
