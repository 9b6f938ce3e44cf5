extension Questionnaire {
  /// Whether an ingress controller is put in place, and which. OpenShift has its own router.
  static let ingress: [Question] = [
    Question(
      "ingress.install", page: .cluster, label: "Install ingress",
      why:
        "Where no ingress controller serves the IngressClass yet, one can be put in place for it, in the namespace "
        + "\(IngressTarget.namespace). One that is there already is used as it is.",
      kind: .choice(
        [.init("none", "one is there already, or I install it myself")]
          + IngressProduct.allCases.map { Question.Choice($0.rawValue, $0.label) }),
      applies: IngressTarget.mayBeAsked,
      suggestion: { _, _ in .text("none") }),
    Question(
      "ingress.chart", page: .cluster, label: "Its chart",
      why:
        "The ingress controller's chart on this machine, a folder or an archive, for sites without internet access. Left "
        + "empty: helm fetches it from the project's own repository.",
      example: "./traefik-41.3.0.tgz", kind: .path, isRequired: false, applies: { IngressTarget($0) != nil },
      problem: { value, _ in value.text.flatMap(Chart.addressProblem) }),
    Question(
      "ingress.values", page: .cluster, label: "Its values",
      why:
        "Values files for it, which win over ours: annotations of its Service for a load balancer, other images. May be "
        + "left empty.",
      example: "./load-balancer.yaml", kind: .paths, isRequired: false, applies: { IngressTarget($0) != nil }),
  ]
}

extension AnswerKey where Value == String {
  /// `none`, `traefik` or `ingress-nginx`.
  static let ingressInstall = AnswerKey("ingress.install")
  /// Its chart's folder or archive; none: the project's repository.
  static let ingressChart = AnswerKey("ingress.chart")
}

extension AnswerKey where Value == [String] {
  /// More values files for it.
  static let ingressValues = AnswerKey("ingress.values")
}
