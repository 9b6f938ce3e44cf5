import FoundationEssentials
import HTTP
import Kubernetes
import TestSupport
import Testing

@testable import SetupCore

@Suite("Checks of the ingress")
struct IngressCheckTests {
  private static func ingressClass(
    _ name: String = "mlops", _ controller: String = "k8s.io/ingress-nginx", labels: String = "{}",
    annotations: String = "{}"
  ) throws -> IngressClass {
    try object(
      IngressClass.self,
      #"{"metadata":{"name":"\#(name)","labels":\#(labels),"annotations":\#(annotations)},"spec":{"controller":"\#(controller)"}}"#
    )
  }

  private static func pod(
    _ name: String, namespace: String = "ingress", arguments: [String] = ["/nginx-ingress-controller"],
    image: String = "registry.k8s.io/ingress-nginx/controller:v1.15.1",
    labels: String = #"{"app.kubernetes.io/name":"ingress-nginx"}"#,
    ready: Bool = true, waiting: String = "", owner: String = "controller"
  ) -> String {
    let state = waiting.isEmpty ? "{}" : #"{"waiting":{"reason":"\#(waiting)"}}"#
    let texts = arguments.map { #""\#($0)""# }.joined(separator: ",")
    return """
      {"metadata":{"name":"\(name)","namespace":"\(namespace)","labels":\(labels),
      "ownerReferences":[{"kind":"DaemonSet","name":"\(owner)"}]},
      "spec":{"containers":[{"name":"c","image":"\(image)","args":[\(texts)]}]},
      "status":{"phase":"Running","conditions":[{"type":"Ready","status":"\(ready ? "True" : "False")"}],
      "containerStatuses":[{"name":"c","state":\(state)}]}}
      """
  }

  private static func found(
    _ ingressClass: IngressClass, _ pods: [String], at day: String = "2026-11-24", git: String = "v1.36.1",
    nodeLabels: String = "{}"
  ) throws -> Finding {
    var controller = IngressProbe.controller(ingressClass)
    controller.take(.seen(IngressWorkload.workloads(try pods.map { try object(Pod.self, $0) })))
    let now = try #require(Timestamp.rfc3339("\(day)T12:00:00Z"))
    let node = try object(Node.self, #"{"metadata":{"name":"a","labels":\#(nodeLabels)}}"#)
    return finding(.ingressController) {
      $0.ingressControllers = .seen([controller])
      $0.cluster = .seen(.sample(git, at: now))
      $0.nodes = .seen([node])
    }
  }

  // MARK: The class

  @Test("A class of the wanted name passes, whatever else there is")
  func present() throws {
    let found = try finding(.ingressClass) {
      $0.ingressClasses = .seen([
        try Self.ingressClass("traefik", "traefik.io/ingress-controller"), try Self.ingressClass(),
      ])
    }
    #expect(found == Finding(.pass, observed: "mlops, traefik", message: "IngressClass mlops exists."))
  }

  @Test("A missing class fails with what there is; nobody is told to install what is retired without a word of it")
  func absent() throws {
    let other = try finding(.ingressClass) { $0.ingressClasses = .seen([try Self.ingressClass("nginx")]) }
    #expect(other.status == .fail)
    #expect(other.message == "There is no IngressClass mlops; there are: nginx.")
    let none = finding(.ingressClass) { $0.ingressClasses = .seen([]) }
    #expect(none.status == .fail)
    #expect(none.message == "There is no IngressClass mlops.")
    #expect(none.remedy?.text.contains("Traefik 3.7") == true)
    #expect(none.remedy?.text.contains("gets no more fixes") == true)
  }

  @Test("Classes that may not be read are unknown")
  func denied() {
    for check in [Check.ingressClass, .ingressController] {
      let failure = ObservationFailure(.denied, "ingressclasses is forbidden")
      let found = finding(check) {
        $0.ingressClasses = .failed(failure)
        $0.ingressControllers = .failed(failure)
      }
      #expect(found == Finding(.unknown, observed: failure.message, message: failure.message))
    }
  }

  // MARK: Versions

  @Test(
    "The chart's or the controller's version decides, wherever it is told; what will do warns of its retirement",
    arguments: [
      (#"{"helm.sh/chart":"ingress-nginx-4.0.0"}"#, FindingStatus.warn, "chart 4.0.0"),
      (#"{"helm.sh/chart":"ingress-nginx-4.11.3"}"#, .warn, "chart 4.11.3"),
      (#"{"helm.sh/chart":"rke2-ingress-nginx-4.12.401"}"#, .warn, "chart 4.12.401"),
      (#"{"helm.sh/chart":"ingress-nginx-3.41.0"}"#, .fail, "chart 3.41.0"),
      (#"{"helm.sh/chart":"ingress-nginx-4.0.0-beta.3"}"#, .fail, "chart 4.0.0-beta.3"),
      (
        #"{"app.kubernetes.io/name":"ingress-nginx","app.kubernetes.io/version":"1.0.0-beta.1"}"#, .warn,
        "controller 1.0.0-beta.1"
      ),
      (
        #"{"app.kubernetes.io/name":"ingress-nginx","app.kubernetes.io/version":"1.0.0-alpha.2"}"#, .fail,
        "controller 1.0.0-alpha.2"
      ),
      (#"{"app.kubernetes.io/name":"ingress-nginx","app.kubernetes.io/version":"0.48.1"}"#, .fail, "controller 0.48.1"),
    ])
  func versions(_ labels: String, _ expected: FindingStatus, _ version: String) throws {
    let found = try Self.found(Self.ingressClass(labels: labels), [Self.pod("a")])
    #expect(found.status == expected)
    #expect(
      found.observed == "k8s.io/ingress-nginx, \(version), from labels of IngressClass mlops, 1 of 1 pod ready")
    #expect(
      found.message
        == (expected == .warn
          ? "ingress-nginx serves mlops and will do, but it is retired: no fixes since March 2026, not for security either."
          : "The ingress-nginx that serves mlops is too old."))
  }

  @Test("What a distribution brings is renewed in the distribution's own way, and nothing else is")
  func packaged() throws {
    let labels = #"{"app.kubernetes.io/name":"rke2-ingress-nginx","app.kubernetes.io/instance":"rke2-ingress-nginx"}"#
    let old = "registry.k8s.io/ingress-nginx/controller:v0.49.3"
    let rke2 = Self.pod(
      "a", namespace: "kube-system", image: "rancher/nginx-ingress-controller:nginx-0.49.3-hardened1", labels: labels,
      owner: "rke2-ingress-nginx-controller")
    let packed = try Self.found(Self.ingressClass(), [rke2], git: "v1.34.2+rke2r1")
    #expect(packed.status == .fail)
    #expect(packed.remedy?.text.hasPrefix("RKE2 brings this ingress-nginx and undoes what helm changes of it") == true)
    #expect(packed.remedy?.command == "kubectl get helmcharts,helmchartconfigs --namespace kube-system")
    // The same pod elsewhere, and another's on RKE2, belong to helm.
    let elsewhere = try Self.found(Self.ingressClass(), [rke2])
    #expect(elsewhere.remedy?.command?.hasPrefix("helm upgrade rke2-ingress-nginx ") == true)
    let own = Self.pod("a", namespace: "edge", image: old, labels: labels)
    #expect(
      try Self.found(Self.ingressClass(), [own], git: "v1.34.2+rke2r1").remedy?.command?.hasPrefix("helm upgrade")
        == true)

    let minikube = Self.pod("a", namespace: "ingress-nginx", image: old)
    let addon = try Self.found(Self.ingressClass(), [minikube], nodeLabels: #"{"minikube.k8s.io/name":"m"}"#)
    #expect(addon.status == .fail)
    #expect(addon.remedy?.command == "minikube addons disable ingress && minikube addons enable ingress")
    let micro = Self.pod("a", namespace: "ingress", image: old, labels: #"{"name":"nginx-ingress-microk8s"}"#)
    let snap = try Self.found(Self.ingressClass(), [micro], nodeLabels: #"{"microk8s.io/cluster":"true"}"#)
    #expect(snap.remedy?.command == "microk8s disable ingress && microk8s enable ingress")

    let azure = "webapprouting.kubernetes.azure.com/nginx"
    let routing = Self.pod(
      "a", namespace: "app-routing-system", arguments: ["/nginx-ingress-controller", "--controller-class=\(azure)"],
      image: old)
    let managed = try Self.found(Self.ingressClass("mlops", azure), [routing])
    #expect(managed.status == .fail)
    #expect(managed.remedy?.text.hasPrefix("AKS runs this ingress-nginx as its application routing add-on") == true)
    // Helm has no release of an addon to ask for its version.
    let silent = Self.pod(
      "a", namespace: "ingress-nginx", image: "mirror.example.com/x@sha256:e5c4824e",
      labels: #"{"app.kubernetes.io/name":"ingress-nginx","app.kubernetes.io/instance":"ingress-nginx"}"#)
    let untold = try Self.found(Self.ingressClass(), [silent], nodeLabels: #"{"minikube.k8s.io/name":"m"}"#)
    #expect(
      untold.remedy?.command == "kubectl --namespace ingress-nginx get deployments,daemonsets --output wide")
  }

  @Test("Before its retirement it passes")
  func notYetRetired() throws {
    #expect(try Self.found(Self.ingressClass(), [Self.pod("a")], at: "2026-03-01").status == .pass)
  }

  @Test(
    "An image's tag tells the version, a distributor's suffix is no prerelease, a digest or another image tells nothing",
    arguments: [
      ("registry.k8s.io/ingress-nginx/controller:v1.8.1@sha256:e5c4824e", "v1.8.1"),
      ("rancher/nginx-ingress-controller:nginx-1.2.1-hardened7", "1.2.1"),
      ("rancher/nginx-ingress-controller:v1.13.1-hardened1", "1.13.1"),
      ("registry.k8s.io/ingress-nginx/controller:v1.0.0-beta.1", "v1.0.0-beta.1"),
      ("localhost:5000/ingress-nginx/controller", nil), ("registry.k8s.io/ingress-nginx/controller@sha256:e5", nil),
      ("registry.k8s.io/ingress-nginx/controller:latest", nil), ("docker.io/library/traefik:v3.7.11", "v3.7.11"),
      ("docker.io/library/traefik:v3", nil), ("example.com/sidecar:1.2.3", nil),
    ])
  func images(_ image: String, _ expected: String?) { #expect(IngressWorkload.version(ofImage: image) == expected) }

  @Test("A controller that tells no version warns and never passes; Helm's record is named, not guessed from")
  func noVersion() async throws {
    let labels = #"{"app.kubernetes.io/name":"ingress-nginx","app.kubernetes.io/instance":"edge"}"#
    let pod = Self.pod("a", image: "mirror.example.com/x@sha256:1", labels: labels)
    let result = try await survey(
      [pod],
      more: [
        "/api/v1/namespaces/ingress/secrets/sh.helm.release.v1.edge.v3":
          #"{"metadata":{"name":"sh.helm.release.v1.edge.v3","labels":{"owner":"helm","name":"edge","version":"3","status":"deployed"}}}"#
      ])
    #expect(result.status == .warn)
    #expect(result.message == "ingress-nginx serves mlops, but nothing in the cluster tells its version.")
    #expect(
      result.details == [
        "Helm release edge in ingress, revision 3, deployed: its labels do not tell the chart's version, the command does"
      ])
    #expect(result.remedy?.command == "helm list --namespace ingress --filter '^edge$' --kube-context prod")
  }

  // MARK: What runs

  @Test("A class without a controller warns and is not green: the class alone is what other tools call green")
  func noController() throws {
    let found = try Self.found(Self.ingressClass(labels: #"{"helm.sh/chart":"ingress-nginx-4.15.1"}"#), [])
    #expect(found.status == .warn)
    #expect(
      found.message
        == "IngressClass mlops exists, but no controller runs that serves it: no model can be reached until one does.")
    #expect(found.remedy != nil)
  }

  @Test("A controller that is not ready is not green, also not before its retirement, and the reason is said")
  func notReady() throws {
    let crashing = Self.pod("a", ready: false, waiting: "CrashLoopBackOff")
    let found = try Self.found(Self.ingressClass(), [crashing])
    #expect(found.status == .warn)
    #expect(try Self.found(Self.ingressClass(), [crashing], at: "2026-03-01").status == .warn)
    #expect(
      found.message == "The controller of IngressClass mlops, ingress/controller, is not ready (CrashLoopBackOff).")
    #expect(found.details == ["ingress-nginx ingress/controller, version v1.15.1, 0 of 1 ready (CrashLoopBackOff)"])
    let partly = try Self.found(Self.ingressClass(), [crashing, Self.pod("b")])
    #expect(partly.status == .warn)
    #expect(partly.observed.hasSuffix("1 of 2 pods ready"))
  }

  @Test("Two controllers of one value warn, two classes of one controller do not")
  func two() throws {
    let pods = [Self.pod("a", namespace: "one"), Self.pod("b", namespace: "two")]
    let found = try Self.found(Self.ingressClass(), pods)
    #expect(found.status == .warn)
    #expect(
      found.message
        == "2 controllers serve IngressClass mlops: one/controller and two/controller. They overwrite each other's addresses."
    )
    let apart = [
      Self.pod("a", namespace: "one"),
      Self.pod("b", namespace: "two", arguments: ["--controller-class=k8s.io/ingress-nginx-mlops"]),
    ]
    #expect(try Self.found(Self.ingressClass(), apart).message.contains("it is retired"))
  }

  @Test("The older version counts while two serve, and the one that runs against what the class' labels say")
  func mixed() throws {
    let old = Self.pod("old", image: "registry.k8s.io/ingress-nginx/controller:v0.49.3")
    #expect(try Self.found(Self.ingressClass(), [Self.pod("new"), old]).status == .fail)
    let stale = try Self.ingressClass(labels: #"{"helm.sh/chart":"ingress-nginx-4.15.1"}"#)
    #expect(try Self.found(stale, [old]).status == .fail)
  }

  // MARK: Products

  @Test(
    "Other controllers are refused by name",
    arguments: [
      ("nginx.org/ingress-controller", "the F5 NGINX Ingress Controller, which reads annotations of nginx.org/ only"),
      ("haproxy.org/ingress-controller", "the HAProxy Ingress Controller"),
      ("ingress.k8s.aws/alb", "the AWS Load Balancer Controller"), ("cilium.io/ingress-controller", "Cilium"),
    ])
  func refused(_ controller: String, _ product: String) throws {
    let found = try Self.found(Self.ingressClass("mlops", controller), [])
    #expect(found.status == .fail)
    #expect(found.message == "IngressClass mlops belongs to \(product): it ignores ingress-nginx' annotations.")
  }

  @Test(
    "Names that only look like ingress-nginx' are refused",
    arguments: [
      "k8s.io/ingress-nginxx", "evil.example.com/k8s.io/ingress-nginx", "webapprouting.kubernetes.azure.com/nginxx", "",
    ])
  func lookalikes(_ controller: String) throws {
    #expect(!IngressProbe.isIngressNginx(controller))
    let found = try Self.found(Self.ingressClass("mlops", controller), [Self.pod("a")])
    #expect(found.status == .fail)
    #expect(found.message == "IngressClass mlops belongs to \(controller), which is not ingress-nginx.")
  }

  @Test("A controller value of one's own is ingress-nginx when its pods say so")
  func ownValue() throws {
    let pod = Self.pod("a", arguments: ["/nginx-ingress-controller", "--controller-class=example.com/edge"])
    #expect(try Self.found(Self.ingressClass("mlops", "example.com/edge"), [pod]).message.contains("it is retired"))
  }

  private static func traefik(_ version: String, _ arguments: String...) -> String {
    pod(
      "t", namespace: "traefik", arguments: arguments, image: "docker.io/traefik:\(version)",
      labels: #"{"app.kubernetes.io/name":"traefik"}"#, owner: "traefik")
  }

  @Test(
    "Traefik passes from 3.7 on where its provider for ingress-nginx serves the class, and is not green elsewhere",
    arguments: [
      ("k8s.io/ingress-nginx", traefik("v3.7.0", "--providers.kubernetesingressnginx=true"), FindingStatus.pass),
      ("k8s.io/ingress-nginx", traefik("v3.7.11", "--providers.kubernetesIngressNGINX"), .pass),
      (
        "example.com/t",
        traefik(
          "v3.7.1", "--providers.kubernetesingressnginx",
          "--providers.kubernetesingressnginx.controllerclass=example.com/t"),
        .pass
      ),
      ("k8s.io/ingress-nginx", traefik("v3.6.24", "--providers.kubernetesingressnginx=true"), .fail),
      ("k8s.io/ingress-nginx", traefik("latest", "--providers.kubernetesingressnginx=true"), .warn),
      ("k8s.io/ingress-nginx", traefik("v3.7.0", "--providers.kubernetesingressnginx=false"), .warn),
      ("k8s.io/ingress-nginx", traefik("v3.7.0", "--providers.kubernetesingress"), .warn),
      ("traefik.io/ingress-controller", traefik("v3.7.0", "--providers.kubernetesingress"), .fail),
      ("traefik.io/ingress-controller", traefik("v3.7.0", "--providers.kubernetesingressnginx=true"), .fail),
    ])
  func traefikVersions(_ controller: String, _ pod: String, _ expected: FindingStatus) throws {
    let found = try Self.found(Self.ingressClass("mlops", controller), [pod])
    #expect(found.status == expected, "\(found)")
    let isTurnedOn = pod.contains("nginx=true") || pod.contains("IngressNGINX")
    if controller == "k8s.io/ingress-nginx", !isTurnedOn {
      #expect(found.message.contains("no controller runs that serves it"))
    }
  }

  @Test("Traefik's findings say what is wrong and how to mend it")
  func traefikWords() throws {
    let old = try Self.found(
      Self.ingressClass(), [Self.traefik("v3.6.24", "--providers.kubernetesingressnginx=true")])
    #expect(old.message == "Traefik v3.6.24 serves IngressClass mlops; it reads rewrite-target only from 3.7.0 on.")
    let plain = try Self.found(
      Self.ingressClass("mlops", "traefik.io/ingress-controller"),
      [Self.traefik("v3.7.0", "--providers.kubernetesingress")])
    #expect(plain.remedy?.command?.hasSuffix("--set providers.kubernetesIngressNGINX.enabled=true") == true)
    let good = try Self.found(
      Self.ingressClass(), [Self.traefik("v3.7.2", "--providers.kubernetesingressnginx=true")])
    #expect(good.observed == "k8s.io/ingress-nginx, Traefik, version v3.7.2, from image of Pod t, 1 of 1 pod ready")
  }

  @Test(
    "AKS' add-on will do, with the day on which its patches end",
    arguments: [("2026-11-24", "end with November 2026"), ("2026-12-01", "ended with November 2026")])
  func azure(_ day: String, _ words: String) throws {
    let controller = "webapprouting.kubernetes.azure.com/nginx"
    let pod = Self.pod(
      "nginx", namespace: "app-routing-system",
      arguments: ["/nginx-ingress-controller", "--controller-class=\(controller)"],
      image: "mcr.microsoft.com/oss/kubernetes/ingress/nginx-ingress-controller:v1.13.1", labels: #"{"app":"nginx"}"#)
    let found = try Self.found(Self.ingressClass("mlops", controller), [pod], at: day)
    #expect(found.status == .warn)
    #expect(
      found.message == "AKS' application routing add-on serves mlops; Microsoft's patches for its nginx \(words).")
  }

  @Test("Chainguard's images of ingress-nginx are maintained, and pass")
  func chainguard() throws {
    let pod = Self.pod(
      "a", image: "datarobot/mirror_chainguard_datarobot.com_ingress-nginx-controller-fips:1.13.3")
    #expect(try Self.found(Self.ingressClass(), [pod]).status == .pass)
  }

  @Test("OpenShift's router needs no check, a class of ingress-nginx on it does")
  func openShift() throws {
    for (controller, isExempt) in [("openshift.io/ingress-to-route", true), ("k8s.io/ingress-nginx", false)] {
      var survey = Survey()
      survey.apiGroups = .seen(try object(APIGroupList.self, #"{"groups":[{"name":"route.openshift.io"}]}"#))
      survey.ingressClasses = .seen([try Self.ingressClass("mlops", controller)])
      for check in [Check.ingressClass, .ingressController] {
        #expect((check.exemption(Samples.answers(), survey) != nil) == isExempt)
      }
    }
  }

  // MARK: The search

  private static let classPath = "/apis/networking.k8s.io/v1/ingressclasses/mlops"

  private func survey(
    _ pods: [String],
    ingressClass: String = #"{"metadata":{"name":"mlops"},"spec":{"controller":"k8s.io/ingress-nginx"}}"#,
    more: [String: String] = [:], override: @escaping ScriptedCluster.Override = { _ in nil }
  ) async throws -> Finding {
    var objects = [
      Self.classPath: ingressClass,
      "/api/v1/pods": #"{"kind":"PodList","metadata":{},"items":[\#(pods.joined(separator: ","))]}"#,
    ]
    objects.merge(more) { $1 }
    let cluster = try ScriptedCluster(objects, override: override)
    let runner = CheckRunner(setup: try Samples.setup(http: cluster), checks: [.ingressController])
    return try #require(await runner.run().results.first?.finding)
  }

  @Test("MicroK8s' pods have no usual label and are found all the same")
  func microk8s() async throws {
    let pod = Self.pod(
      "m", arguments: ["/nginx-ingress-controller", "--ingress-class=public"],
      image: "registry.k8s.io/ingress-nginx/controller:v1.8.0", labels: #"{"name":"nginx-ingress-microk8s"}"#)
    let found = try await survey([]) { request in
      guard request.url.contains("nginx-ingress-microk8s") else { return nil }
      return .json(200, #"{"kind":"PodList","metadata":{},"items":[\#(pod)]}"#)
    }
    #expect(found.status == .warn)
    #expect(found.observed == "k8s.io/ingress-nginx, controller v1.8.0, from image of Pod m, 1 of 1 pod ready")
  }

  @Test("A Deployment that is scaled to zero is named, and is not green")
  func scaledDown() async throws {
    let found = try await survey(
      [],
      more: [
        "/apis/apps/v1/deployments":
          #"{"kind":"DeploymentList","metadata":{},"items":[{"metadata":{"name":"edge","namespace":"ingress","labels":{"app.kubernetes.io/name":"ingress-nginx","app.kubernetes.io/version":"1.15.1"}},"spec":{"replicas":0,"template":{"metadata":{"labels":{"app.kubernetes.io/name":"ingress-nginx"}},"spec":{"containers":[{"name":"c","image":"mirror/x","args":["/nginx-ingress-controller"]}]}}}}]}"#
      ])
    #expect(found.status == .warn)
    #expect(
      found.message
        == "The controller of IngressClass mlops, ingress/edge, has no pods: it is scaled to zero or cannot make any.")
  }

  @Test("Pods that may not be read leave it unknown whether a controller runs, whatever the class' labels say")
  func podsDenied() async throws {
    let refused: ScriptedCluster.Override = {
      $0.url.contains("/pods") ? .status(403, "Forbidden", "pods is forbidden") : nil
    }
    let labelled =
      #"{"metadata":{"name":"mlops","labels":{"helm.sh/chart":"ingress-nginx-4.15.1"}},"spec":{"controller":"k8s.io/ingress-nginx"}}"#
    let found = try await survey([], ingressClass: labelled, override: refused)
    #expect(found.status == .unknown)
    #expect(
      found.message.hasPrefix("IngressClass mlops is one of ingress-nginx; whether a controller runs cannot be seen: "))
    let old =
      #"{"metadata":{"name":"mlops","labels":{"helm.sh/chart":"ingress-nginx-3.0.0"}},"spec":{"controller":"k8s.io/ingress-nginx"}}"#
    #expect(try await survey([], ingressClass: old, override: refused).status == .fail)
  }

  @Test("Who may read only the controller's namespace finds it by Helm's note on the class")
  func oneNamespace() async throws {
    let noted =
      #"{"metadata":{"name":"mlops","annotations":{"meta.helm.sh/release-namespace":"ingress"}},"spec":{"controller":"k8s.io/ingress-nginx"}}"#
    let pods = #"{"kind":"PodList","metadata":{},"items":[\#(Self.pod("a"))]}"#
    let found = try await survey([], ingressClass: noted, more: ["/api/v1/namespaces/ingress/pods": pods]) {
      $0.url.contains("/api/v1/pods") ? .status(403, "Forbidden", "pods is forbidden") : nil
    }
    #expect(found.status == .warn)
    #expect(found.observed == "k8s.io/ingress-nginx, controller v1.15.1, from image of Pod a, 1 of 1 pod ready")
  }
}
