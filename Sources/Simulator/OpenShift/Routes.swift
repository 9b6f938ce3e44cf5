import Kubernetes

extension OpenShiftPlatform {
  static let ingressController = "openshift.io/ingress-to-route"
}

/// Routes: those of Ingresses (openshift/route-controller-manager, pkg/route/ingress), the registry's own, and what the
/// router says of each.
extension KubernetesCluster {
  private var routeType: ResourceType { knownType("route.openshift.io/v1", "Route") }

  func reconcileRoutes(platform: OpenShiftPlatform) {
    reconcileDefaultRoute(platform)
    for ingress in all("ingresses.networking.k8s.io") where !ingress.isBeingDeleted {
      reconcileRoutes(of: ingress, platform)
    }
    for route in all("routes.route.openshift.io") { admit(route, platform) }
  }

  /// What the API server makes of a new route. A host of one's own choice is a right.
  func completeRoute(_ route: inout JSONValue, user: SimulatedUser?, platform: OpenShiftPlatform) throws(APIError) {
    let host = route.value(at: ["spec", "host"])?.string ?? ""
    if let user, !host.isEmpty {
      let question = AccessQuestion(
        verb: "create", group: routeType.group, resource: "routes", subresource: "custom-host",
        namespace: route.namespace)
      guard RBAC.isAllowed(question, user: user, policy: policy) else {
        throw .invalid(
          kind: "Route", group: routeType.group, name: route.name,
          [
            .init(
              reason: "FieldValueForbidden",
              message: "Forbidden: you do not have permission to set the host field of the route", field: "spec.host")
          ])
      }
    }
    if host.isEmpty {
      route.set(.string("\(route.name)-\(route.namespace).\(platform.appsDomain)"), at: "spec", "host")
      route.set("true", at: "metadata", "annotations", "openshift.io/host.generated")
    }
    route.setDefault(100, at: "spec", "to", "weight")
    route.setDefault("Service", at: "spec", "to", "kind")
    route.setDefault("None", at: "spec", "wildcardPolicy")
  }

  private func reconcileDefaultRoute(_ platform: OpenShiftPlatform) {
    let namespace = OpenShiftPlatform.registryNamespace
    let wanted = find("configs.imageregistry.operator.openshift.io", "", "cluster")?["spec"]?["defaultRoute"] == true
    let found = find("routes.route.openshift.io", namespace, "default-route")
    if wanted, found == nil {
      make(
        [
          "metadata": ["name": "default-route", "namespace": .string(namespace)],
          "spec": [
            "host": .string(platform.registryHost), "to": ["kind": "Service", "name": "image-registry"],
            "port": ["targetPort": 5000], "tls": ["termination": "reencrypt"],
          ],
        ], type: routeType)
    } else if !wanted, found != nil {
      remove("routes.route.openshift.io", namespace: namespace, name: "default-route")
    }
    guard let image = find("images.config.openshift.io", "", "cluster") else { return }
    var new = image
    new.set(wanted ? [.string(platform.registryHost)] : Optional.none, at: "status", "externalRegistryHostnames")
    write(new, over: image, type: knownType("config.openshift.io/v1", "Image"), subresource: "status")
  }

  // MARK: Ingresses

  private func isForRouter(_ ingress: JSONValue) -> Bool {
    guard let name = ingress.value(at: ["spec", "ingressClassName"])?.string else {
      return ingress.annotations["kubernetes.io/ingress.class"].map { $0 == "openshift-default" } ?? true
    }
    let found = find("ingressclasses.networking.k8s.io", "", name)
    return found?["spec"]?["controller"]?.string == OpenShiftPlatform.ingressController
  }

  /// One route for each path of each rule that names a host and a port of a service that is there.
  private func reconcileRoutes(of ingress: JSONValue, _ platform: OpenShiftPlatform) {
    func key(_ spec: JSONValue?) -> String { "\(spec?["host"]?.string ?? "") \(spec?["path"]?.string ?? "")" }
    let owned = all("routes.route.openshift.io", in: ingress.namespace).filter { route in
      (route["metadata"]?["ownerReferences"]?.array ?? []).contains { $0["uid"]?.string == ingress.uid }
    }
    let wanted = isForRouter(ingress) ? routes(for: ingress) : []
    for spec in wanted {
      guard let route = owned.first(where: { key($0["spec"]) == key(spec) }) else {
        makeRoute(spec, for: ingress)
        continue
      }
      var new = route
      for field in ["to", "port", "tls"] { new.set(spec[field], at: "spec", field) }
      new.set(route.value(at: ["spec", "to", "weight"]), at: "spec", "to", "weight")
      write(new, over: route, type: routeType, manager: "route-controller-manager")
    }
    for route in owned where !wanted.contains(where: { key($0) == key(route["spec"]) }) {
      remove("routes.route.openshift.io", namespace: route.namespace, name: route.name)
    }
    guard isForRouter(ingress), let stored = find("ingresses.networking.k8s.io", ingress.namespace, ingress.name) else {
      return
    }
    var new = stored
    let isServed = owned.contains { !wanted.isEmpty && Self.isAdmitted($0) }
    new["status"] = ["loadBalancer": isServed ? ["ingress": [["hostname": .string(platform.routerHost)]]] : [:]]
    write(
      new, over: stored, type: knownType("networking.k8s.io/v1", "Ingress"), manager: "ingress-operator",
      subresource: "status")
  }

  private func makeRoute(_ spec: JSONValue, for ingress: JSONValue) {
    var metadata: JSONValue = [
      "generateName": .string("\(ingress.name)-"), "namespace": .string(ingress.namespace),
      "ownerReferences": [
        [
          "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": .string(ingress.name),
          "uid": .string(ingress.uid), "controller": true,
        ]
      ],
    ]
    for field in ["labels", "annotations"] { if let value = ingress["metadata"]?[field] { metadata[field] = value } }
    make(["metadata": metadata, "spec": spec], type: routeType)
  }

  private func routes(for ingress: JSONValue) -> [JSONValue] {
    var routes: [JSONValue] = []
    for rule in ingress.value(at: ["spec", "rules"])?.array ?? [] {
      guard let host = rule["host"]?.string, !host.isEmpty else { continue }
      for path in rule.value(at: ["http", "paths"])?.array ?? [] where path["pathType"] != "Exact" {
        let backend = path.value(at: ["backend", "service"]) ?? [:]
        guard let port = targetPort(of: backend, in: ingress.namespace) else { continue }
        var spec: JSONValue = [
          "host": .string(host), "to": ["kind": "Service", "name": backend["name"] ?? ""],
          "port": ["targetPort": port],
        ]
        if let text = path["path"]?.string, !text.isEmpty { spec["path"] = .string(text) }
        spec["tls"] = encryption(of: host, in: ingress)
        routes.append(spec)
      }
    }
    return routes
  }

  private func targetPort(of backend: JSONValue, in namespace: String) -> JSONValue? {
    guard let service = find("services", namespace, backend["name"]?.string ?? "") else { return nil }
    let port = (service.value(at: ["spec", "ports"])?.array ?? []).first { port in
      backend.value(at: ["port", "name"]).map { port["name"] == $0 } ?? (port["port"] == backend["port"]?["number"])
    }
    return port.flatMap { $0["name"] ?? $0["targetPort"] }
  }

  /// TLS where the Ingress asks for it with a certificate, or for the router's own.
  private func encryption(of host: String, in ingress: JSONValue) -> JSONValue? {
    let asked = (ingress.value(at: ["spec", "tls"])?.array ?? []).first { entry in
      (entry["hosts"]?.array ?? []).contains(.string(host)) || entry == [:]
    }
    guard let asked else { return nil }
    var tls: JSONValue = [
      "termination": .string(ingress.annotations["route.openshift.io/termination"] ?? "edge"),
      "insecureEdgeTerminationPolicy": "Redirect",
    ]
    if let name = asked["secretName"]?.string {
      guard let secret = find("secrets", ingress.namespace, name), secret["type"] == "kubernetes.io/tls" else {
        return nil
      }
      for (field, key) in [("certificate", "tls.crt"), ("key", "tls.key")] {
        let bytes = secret["data"]?[key]?.string.flatMap(Base64.decode) ?? []
        tls[field] = .string(String(decoding: bytes, as: UTF8.self))
      }
    }
    return tls
  }

  // MARK: The router

  private static func isAdmitted(_ route: JSONValue) -> Bool {
    (route.value(at: ["status", "ingress"])?.array ?? []).contains { entry in
      (entry["conditions"]?.array ?? []).contains { $0["type"] == "Admitted" && $0["status"] == "True" }
    }
  }

  /// The router takes a route, unless an older one of another namespace has its host.
  private func admit(_ route: JSONValue, _ platform: OpenShiftPlatform) {
    guard route.value(at: ["status", "ingress"]) == nil else { return }
    let host = route.value(at: ["spec", "host"]) ?? ""
    let holder = all("routes.route.openshift.io").first { other in
      other.namespace != route.namespace && other.value(at: ["spec", "host"]) == host && Self.isAdmitted(other)
    }
    var condition: JSONValue = [
      "type": "Admitted", "status": holder == nil ? "True" : "False", "lastTransitionTime": .string(now),
    ]
    if let holder {
      condition["reason"] = "HostAlreadyClaimed"
      condition["message"] = .string("route \(holder.name) already exposes \(host.string ?? "") and is older")
    }
    var new = route
    new["status"] = [
      "ingress": [
        [
          "host": host, "routerName": "default", "conditions": [condition], "wildcardPolicy": "None",
          "routerCanonicalHostname": .string(platform.routerHost),
        ]
      ]
    ]
    write(new, over: route, type: routeType, manager: "openshift-router", subresource: "status")
  }
}
