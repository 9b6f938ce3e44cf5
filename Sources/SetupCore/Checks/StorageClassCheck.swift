import Kubernetes

extension Check {
  /// Claims without a class get a volume. Advisory: the agent itself claims none.
  static let storageClass = Check(
    "storage.class", title: "Storage class", required: "exactly one default StorageClass",
    why: "What the cluster's own registry or monitoring claims without naming a class waits for ever where there is no "
      + "default one; with two, Kubernetes takes the newest.",
    isBlocking: false, needs: [.storageClasses], after: ["cluster.credentials"]
  ) { survey, _, _ in
    .judging(survey.storageClasses) { classes in
      let lines = classes.sorted { $0.metadata.name < $1.metadata.name }.map(\.line)
      let observed = lines.isEmpty ? "no StorageClass" : lines.joined(separator: "; ")
      let defaults = classes.filter(\.isAnyDefault).map(\.metadata.name).sorted()
      func warning(_ message: String, _ remedy: Remedy) -> Finding {
        Finding(.warn, observed: observed, message: message, remedy: remedy, details: lines)
      }
      if classes.isEmpty {
        return warning(
          "The cluster has no StorageClass, so nothing in it can claim a volume.",
          Remedy(
            "Install the storage driver of your platform. The agent works without one.",
            command: "kubectl get storageclass", url: "https://kubernetes.io/docs/concepts/storage/storage-classes/"))
      }
      let mark = "storageclass.kubernetes.io/is-default-class"
      guard let name = defaults.first else {
        return warning(
          "No StorageClass is the default one.",
          Remedy(
            "Make one the default.",
            command: "kubectl annotate storageclass \(classes[0].metadata.name) \(mark)=true --overwrite"))
      }
      if defaults.count > 1 {
        return warning(
          "\(defaults.count) StorageClasses are the default one: \(defaults.joined(separator: ", ")).",
          Remedy(
            "Keep one of them as the default.",
            command: "kubectl annotate storageclass \(defaults[1]) \(mark)=false --overwrite"))
      }
      if classes.first(where: { $0.metadata.name == name })?.volumeBindingMode != "WaitForFirstConsumer" {
        return Finding(
          .warn, observed: observed,
          message:
            "The default StorageClass \(name) binds volumes at once, before it is known where their pod will run.",
          remedy: Remedy(
            "In a cluster with several zones use a class with volumeBindingMode WaitForFirstConsumer.",
            command: "kubectl get storageclass \(name) --output yaml"),
          details: lines)
      }
      return Finding(
        .pass, observed: observed, message: "\(name) is the only default StorageClass.", details: lines)
    }
  }
}

extension StorageClass {
  /// The older annotation counts too, as long as Kubernetes reads it.
  fileprivate var isAnyDefault: Bool {
    isDefault || metadata.annotations["storageclass.beta.kubernetes.io/is-default-class"] == "true"
  }

  fileprivate var line: String {
    "\(metadata.name)\(isAnyDefault ? " (default)" : ""): \(provisioner), \(volumeBindingMode ?? "Immediate")"
  }
}
