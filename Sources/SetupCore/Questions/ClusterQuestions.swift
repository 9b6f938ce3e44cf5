extension Questionnaire {
  /// Which cluster, and where in it.
  static let cluster: [Question] = [
    Question(
      "cluster.kubeconfig", page: .cluster, label: "kubeconfig",
      why:
        "The file that says how to reach the cluster. Left out: the files of KUBECONFIG, then ~/.kube/config, then the service account of the pod we run in.",
      example: "~/.kube/config", kind: .path, isRequired: false),
    Question(
      "cluster.context", page: .cluster, label: "Context",
      why: "The kubeconfig's context to use. Left out: its current one.",
      example: "prod", isRequired: false,
      suggestion: { _, survey in
        survey.contexts.value?.first { $0.isCurrent }.map { .text($0.name) }
      },
      candidates: { _, survey in
        (survey.contexts.value ?? []).map { Question.Choice($0.name, $0.server) }
      },
      candidatesAreComplete: true),
    Question(
      "cluster.namespace", page: .cluster, label: "Namespace",
      why: "Where the agent and all models that it deploys will live. It is made where it does not exist.",
      example: "datarobot-mlops",
      suggestion: { _, _ in .text("datarobot-mlops") },
      problem: { value, _ in value.text.flatMap(KubernetesNames.labelProblem) }),
    Question(
      "ingress.className", page: .cluster, label: "IngressClass",
      why: "The IngressClass that model deployments use. An ingress-nginx controller must serve it.",
      example: "mlops",
      suggestion: { answers, survey in
        // OpenShift's own router serves the class that it brings, and no class that is not there.
        let isOpenShift = survey.hasOpenShiftRouter ?? (RegistryProviders.chosen(answers)?.home == .openShift)
        if isOpenShift { return .text("openshift-default") }
        let classes = survey.ingressControllers.value?.filter(\.isIngressNginx).map(\.className) ?? []
        return .text(classes.only ?? "mlops")
      },
      candidates: { _, survey in
        (survey.ingressControllers.value ?? []).map { Question.Choice($0.className, $0.controller) }
      },
      problem: { value, _ in value.text.flatMap(KubernetesNames.subdomainProblem) }),
  ]
}
