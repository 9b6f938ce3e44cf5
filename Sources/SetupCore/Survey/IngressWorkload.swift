import Kubernetes

/// An ingress controller that runs, as its pods show it: one Deployment or DaemonSet.
public struct IngressWorkload: Sendable, Equatable {
  /// What it is.
  public enum Product: String, Sendable {
    case ingressNginx = "ingress-nginx"
    case traefik = "Traefik"
  }

  /// What it is.
  public var product: Product
  /// Its namespace.
  public var namespace: String
  /// The owner's name: `nginx-ingress-ingress-nginx-controller`.
  public var name: String
  /// The Helm release, where a label names one.
  public var release: String?
  /// The `spec.controller` of the classes that it serves.
  public var controller: String
  /// The class that it serves by name, whatever that class' `spec.controller`.
  public var classByName: String?
  /// Whether it reads ingress-nginx' annotations.
  public var readsAnnotations = true
  /// The chart's version, where a label says it.
  public var chartVersion: String?
  /// The program's version, where a label or an image tag says it.
  public var version: String?
  /// Where the versions were read: `image of Pod x`.
  public var source = ""
  /// The images, for forks.
  public var images: [String] = []
  /// How many pods are ready.
  public var ready = 0
  /// How many pods there are.
  public var pods = 0
  /// Why pods are not ready: `CrashLoopBackOff`.
  public var reasons: [String] = []

  /// A workload without pods.
  public init(_ product: Product, namespace: String, name: String, controller: String) {
    self.product = product
    self.namespace = namespace
    self.name = name
    self.controller = controller
  }

  /// `ingress-mlops/nginx-ingress-controller`.
  public var place: String { "\(namespace)/\(name)" }

  /// Whether it serves a class.
  func serves(_ name: String, _ controller: String) -> Bool {
    self.controller == controller || classByName == name
  }
}

extension IngressWorkload {
  /// The workloads of these pods, in the order of their places. Pods that are none of a controller are left out.
  static func workloads(_ pods: [Pod]) -> [IngressWorkload] {
    var found: [String: IngressWorkload] = [:]
    var seen: Set<String> = []
    for pod in pods where !pod.isFinished {
      guard seen.insert("\(pod.metadata.namespace ?? "")/\(pod.metadata.name)").inserted,
        let one = IngressWorkload(pod)
      else { continue }
      let key = "\(one.place) \(one.controller)"
      guard var all = found[key] else {
        found[key] = one
        continue
      }
      // While a roll-out goes on two versions serve: the older one counts.
      let isOlder = [(one.chartVersion, all.chartVersion), (one.version, all.version)].contains { one, other in
        guard let one = one.flatMap({ SemanticVersion($0) }), let other = other.flatMap({ SemanticVersion($0) })
        else { return false }
        return one < other
      }
      if isOlder || all.source.isEmpty {
        (all.chartVersion, all.version, all.source) = (one.chartVersion, one.version, one.source)
      }
      all.readsAnnotations = all.readsAnnotations && one.readsAnnotations
      all.images += one.images.filter { !all.images.contains($0) }
      all.pods += one.pods
      all.ready += one.ready
      all.reasons += one.reasons.filter { !all.reasons.contains($0) }
      found[key] = all
    }
    return found.values.sorted { ($0.place, $0.controller) < ($1.place, $1.controller) }
  }

  /// One pod's part; nil: it is no controller's.
  private init?(_ pod: Pod) {
    let labels = pod.metadata.labels
    let arguments = pod.spec.containers.flatMap(\.args)
    let images = pod.spec.containers.map(\.image)
    let component = labels["app.kubernetes.io/component"]
    if component == "admission-webhook" || component == "default-backend" { return nil }
    func value(_ name: String, _ arguments: [String]) -> String? {
      arguments.first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }
    let isTraefik =
      labels["app.kubernetes.io/name"] == "traefik"
      || images.contains { Self.repository($0).hasSuffix("/traefik") || Self.repository($0) == "traefik" }
    let isNginx =
      labels["app.kubernetes.io/name"]?.hasSuffix("ingress-nginx") == true
      || labels["name"] == "nginx-ingress-microk8s" || arguments.contains("/nginx-ingress-controller")
      || arguments.contains { $0.hasPrefix("--controller-class=") }
      || images.contains {
        $0.contains("ingress-nginx/controller") || $0.contains("nginx-ingress-controller")
          || $0.contains("ingress-nginx-controller")
      }
    guard isTraefik || isNginx else { return nil }
    let place = (namespace: pod.metadata.namespace ?? "default", name: Self.owner(of: pod))
    if isTraefik {
      let options = arguments.map { $0.lowercased() }
      let provider = "--providers.kubernetesingressnginx"
      let isOn = options.contains { option in
        option == provider || option == "\(provider)=true" || option == "\(provider).enabled=true"
          || (option.hasPrefix("\(provider).") && !option.hasSuffix(".enabled=false"))
      }
      let reads = isOn && !options.contains("\(provider)=false")
      self.init(
        .traefik, namespace: place.namespace, name: place.name,
        controller: reads
          ? value("\(provider).controllerclass", options) ?? "k8s.io/ingress-nginx" : "traefik.io/ingress-controller")
      readsAnnotations = reads
      if reads,
        options.contains("\(provider).ingressclassbyname=true")
          || options.contains("\(provider).ingressclassbyname")
      {
        classByName = value("\(provider).ingressclass", options) ?? "nginx"
      }
    } else {
      self.init(
        .ingressNginx, namespace: place.namespace, name: place.name,
        controller: value("--controller-class", arguments) ?? "k8s.io/ingress-nginx")
      if arguments.contains("--ingress-class-by-name=true") || arguments.contains("--ingress-class-by-name") {
        classByName = value("--ingress-class", arguments) ?? "nginx"
      }
    }
    release = labels["app.kubernetes.io/instance"]
    self.images = images
    take(labels: labels, of: "Pod \(pod.metadata.name)")
    for image in images where version == nil && chartVersion == nil {
      if let tag = Self.version(ofImage: image) {
        version = tag
        source = "image of Pod \(pod.metadata.name)"
      }
    }
    pods = 1
    ready = pod.isReady && pod.metadata.deletionTimestamp == nil ? 1 : 0
    if ready == 0 {
      let waiting = pod.status.containerStatuses.compactMap(\.state.waiting?.reason)
      reasons = waiting.isEmpty ? [pod.status.phase.isEmpty ? "not Ready" : "\(pod.status.phase), not Ready"] : waiting
    }
  }

  /// Takes the versions that labels tell: the chart's name is the program's, or begins with its distributor's.
  mutating func take(labels: [String: String], of what: String) {
    if let chart = labels["helm.sh/chart"].flatMap({ Self.version(ofChart: $0, product) }) { chartVersion = chart }
    // An agreed label, whoever wrote it; a version that is none is no version.
    if let label = labels["app.kubernetes.io/version"], SemanticVersion(label) != nil { version = label }
    if chartVersion != nil || version != nil { source = "labels of \(what)" }
  }

  /// `4.15.1` of `ingress-nginx-4.15.1` and `rke2-ingress-nginx-4.15.1`. Traefik's chart counts by itself.
  static func version(ofChart label: String, _ product: Product) -> String? {
    guard product == .ingressNginx else { return nil }
    guard let prefix = ["ingress-nginx-", "rke2-ingress-nginx-"].first(where: label.hasPrefix) else { return nil }
    let version = String(label.dropFirst(prefix.count))
    return SemanticVersion(version) == nil ? nil : version
  }

  /// The version in an image's tag: `v1.8.1`, `1.13.1-hardened1` and RKE2's `nginx-1.2.1-hardened7`; a distributor's
  /// suffix is no prerelease.
  static func version(ofImage image: String) -> String? {
    guard
      ["controller", "nginx-ingress-controller", "ingress-nginx-controller", "traefik"].contains(where: { name in
        let last = Self.repository(image).split(separator: "/").last.map(String.init) ?? ""
        return last == name || last.contains("ingress-nginx-controller")
      })
    else { return nil }
    let named = image.prefix { $0 != "@" }
    guard let colon = named.lastIndex(of: ":"), !named[colon...].contains("/") else { return nil }
    var tag = String(named[named.index(after: colon)...])
    if tag.hasPrefix("nginx-") { tag = String(tag.dropFirst(6)) }
    guard let version = SemanticVersion(tag), tag.contains(".") else { return nil }
    let isPrerelease = ["alpha", "beta", "rc"].contains(where: version.prerelease.hasPrefix)
    return isPrerelease || version.prerelease.isEmpty
      ? tag : SemanticVersion(version.major, version.minor, version.patch).description
  }

  /// `registry.k8s.io/ingress-nginx/controller` of `registry.k8s.io/ingress-nginx/controller:v1@sha256:…`.
  private static func repository(_ image: String) -> String {
    let named = image.prefix { $0 != "@" }
    guard let colon = named.lastIndex(of: ":"), !named[colon...].contains("/") else { return String(named) }
    return String(named[..<colon])
  }

  /// The DaemonSet, or the Deployment behind the ReplicaSet.
  private static func owner(of pod: Pod) -> String {
    guard let owner = pod.metadata.ownerReferences.first else { return pod.metadata.name }
    if owner.kind == "ReplicaSet", let hash = pod.metadata.labels["pod-template-hash"],
      owner.name.hasSuffix("-\(hash)")
    {
      return String(owner.name.dropLast(hash.count + 1))
    }
    return owner.name
  }
}
