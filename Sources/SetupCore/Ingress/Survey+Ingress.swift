extension Survey {
  /// Whether the cluster was seen, nothing in it reads the annotations that the agent writes, and the answers put nothing
  /// in place.
  public func lacksIngress(_ answers: Answers) -> Bool {
    guard let controllers = ingressControllers.value, hasOpenShiftRouter == false, IngressTarget(answers) == nil else {
      return false
    }
    return !controllers.contains { controller in
      controller.isIngressNginx || (controller.workloads.value ?? []).contains(where: \.readsAnnotations)
    }
  }
}
