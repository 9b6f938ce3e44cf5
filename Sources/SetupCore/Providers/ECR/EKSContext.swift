import Kubernetes

/// What a kubeconfig's names tell of an EKS cluster. `aws eks update-kubeconfig` calls contexts by the cluster's ARN,
/// eksctl by USER@NAME.REGION.eksctl.io.
struct EKSContext: Sendable, Equatable {
  var account: String?
  var region: String?
  var cluster: String?

  /// What a context's name tells.
  init(name: String) {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    if parts.count == 6, parts[0] == "arn", parts[2] == "eks", parts[5].hasPrefix("cluster/") {
      (account, region, cluster) = (parts[4], parts[3], String(parts[5].dropFirst("cluster/".count)))
      return
    }
    guard name.hasSuffix(".eksctl.io") else { return }
    // USER may hold an @, a cluster's name may not, nor a dot.
    let place = name.dropLast(".eksctl.io".count).split(separator: "@").last ?? ""
    let labels = place.split(separator: ".").map(String.init)
    if labels.count == 2 { (cluster, region) = (labels[0], labels[1]) }
  }

  /// The region in an API server's name, `https://HASH.gr7.REGION.eks.amazonaws.com`.
  static func region(server: String) -> String? {
    let host = server.split(separator: "/").dropFirst().first?.prefix { $0 != ":" } ?? ""
    let labels = host.split(separator: ".").map(String.init)
    guard let eks = labels.firstIndex(of: "eks"), eks > 0, labels.dropFirst(eks + 1).first == "amazonaws" else {
      return nil
    }
    return labels[eks - 1]
  }

  /// The region in a node's provider id, `aws:///eu-central-1a/i-0123`: the zone's without its letter. Local zones have
  /// other names, which tell nothing here.
  static func region(providerID: String) -> String? {
    guard providerID.hasPrefix("aws:///") else { return nil }
    let zone = providerID.dropFirst("aws:///".count).prefix { $0 != "/" }
    guard zone.last?.isLetter == true else { return nil }
    let region = String(zone.dropLast())
    return ECRRules.regionProblem(region) == nil ? region : nil
  }
}

extension EKSContext {
  /// What all that was seen tells together: the context's name first, then its server, then the nodes.
  init(_ answers: Answers, _ survey: Survey) {
    let contexts = survey.contexts.value ?? []
    let name = answers[.context] ?? contexts.first { $0.isCurrent }?.name ?? ""
    self.init(name: name)
    if region == nil { region = contexts.first { $0.name == name }.flatMap { Self.region(server: $0.server) } }
    if region == nil { region = (survey.cluster.value?.server).flatMap(Self.region(server:)) }
    if region == nil {
      region = (survey.nodes.value ?? []).lazy.compactMap { $0.spec.providerID.flatMap(Self.region(providerID:)) }.first
    }
  }
}
