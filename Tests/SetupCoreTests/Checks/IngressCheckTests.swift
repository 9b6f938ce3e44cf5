import HTTP
import Kubernetes
import TestSupport
import Testing

@testable import SetupCore

@Suite("Checks of the ingress")
struct IngressCheckTests {
  private static func ingressClass(
    _ name: String, _ controller: String, labels: String = "{}"
  ) throws -> IngressClass {
    try object(
      IngressClass.self,
      #"{"metadata":{"name":"\#(name)","labels":\#(labels)},"spec":{"controller":"\#(controller)"}}"#)
  }

  private static func controllerFinding(_ ingressClass: IngressClass) -> Finding {
    finding(.ingressController) { $0.ingressControllers = .seen([IngressProbe.controller(ingressClass)]) }
  }

  @Test("A class of the wanted name passes, whatever else there is")
  func present() throws {
    let found = try finding(.ingressClass) {
      $0.ingressClasses = .seen([
        try Self.ingressClass("traefik", "traefik.io/ingress-controller"),
        try Self.ingressClass("mlops", "k8s.io/ingress-nginx"),
      ])
    }
    #expect(found == Finding(.pass, observed: "mlops, traefik", message: "IngressClass mlops exists."))
  }

  @Test("A missing class fails, with what there is in its place")
  func absent() throws {
    let other = try finding(.ingressClass) {
      $0.ingressClasses = .seen([try Self.ingressClass("nginx", "k8s.io/ingress-nginx")])
    }
    #expect(
      other
        == Finding(
          .fail, observed: "nginx", message: "There is no IngressClass mlops; there are: nginx.",
          remedy: Remedy(
            "Set ingress.className to one that exists, or install a controller with a class named mlops.")))
    let none = finding(.ingressClass) { $0.ingressClasses = .seen([]) }
    #expect(
      none
        == Finding(
          .fail, observed: "no IngressClass", message: "There is no IngressClass mlops.",
          remedy: Remedy(
            "Install an ingress-nginx controller with a class named mlops.", command: "kubectl get ingressclass",
            url: "https://kubernetes.github.io/ingress-nginx/deploy/")))
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

  @Test(
    "The chart's or the controller's version decides, wherever it is told",
    arguments: [
      (#"{"helm.sh/chart":"ingress-nginx-4.0.0"}"#, FindingStatus.pass, "chart 4.0.0"),
      (#"{"helm.sh/chart":"ingress-nginx-4.11.3"}"#, .pass, "chart 4.11.3"),
      (#"{"helm.sh/chart":"rke2-ingress-nginx-4.12.401"}"#, .pass, "chart 4.12.401"),
      (#"{"helm.sh/chart":"ingress-nginx-3.41.0"}"#, .fail, "chart 3.41.0"),
      (#"{"helm.sh/chart":"ingress-nginx-4.0.0-beta.3"}"#, .fail, "chart 4.0.0-beta.3"),
      (
        #"{"app.kubernetes.io/name":"ingress-nginx","app.kubernetes.io/version":"1.0.0-beta.1"}"#, .pass,
        "controller 1.0.0-beta.1"
      ),
      (
        #"{"app.kubernetes.io/name":"ingress-nginx","app.kubernetes.io/version":"1.0.0-alpha.2"}"#, .fail,
        "controller 1.0.0-alpha.2"
      ),
      (
        #"{"app.kubernetes.io/name":"ingress-nginx","app.kubernetes.io/version":"0.48.1"}"#, .fail,
        "controller 0.48.1"
      ),
    ])
  func versions(_ labels: String, _ expected: FindingStatus, _ version: String) throws {
    let found = Self.controllerFinding(try Self.ingressClass("mlops", "k8s.io/ingress-nginx", labels: labels))
    #expect(found.status == expected)
    #expect(found.observed == "k8s.io/ingress-nginx, \(version), from labels of IngressClass mlops")
    #expect(
      found.message
        == (expected == .pass ? "ingress-nginx serves mlops." : "The ingress-nginx that serves mlops is too old."))
  }

  @Test("A class that tells no version warns and never passes")
  func noVersion() throws {
    for labels in ["{}", #"{"helm.sh/chart":"ingress-nginx-stable"}"#, #"{"app.kubernetes.io/version":"1.9.0"}"#] {
      let found = Self.controllerFinding(try Self.ingressClass("mlops", "k8s.io/ingress-nginx", labels: labels))
      #expect(found.status == .warn, "\(labels)")
      #expect(found.message == "ingress-nginx serves mlops, but nothing in the cluster tells its version.")
    }
  }

  @Test(
    "Only ingress-nginx's own controller names count",
    arguments: [
      ("k8s.io/ingress-nginx", true), ("k8s.io/ingress-nginx-mlops", true), ("k8s.io/internal-ingress-nginx", true),
      ("webapprouting.kubernetes.azure.com/nginx", true), ("nginx.org/ingress-controller", false),
      ("traefik.io/ingress-controller", false), ("ingress.k8s.aws/alb", false), ("k8s.io/ingress-nginxx", false),
      ("evil.example.com/k8s.io/ingress-nginx", false), ("", false),
    ])
  func controllers(_ controller: String, _ isNginx: Bool) throws {
    #expect(IngressProbe.isIngressNginx(controller) == isNginx)
    let found = Self.controllerFinding(try Self.ingressClass("mlops", controller))
    #expect(found.status == (isNginx ? .warn : .fail))
    if !isNginx {
      #expect(found.message == "IngressClass mlops belongs to \(controller), which is not ingress-nginx.")
      #expect(found.remedy?.text == "Set ingress.className to a class of ingress-nginx, or install one.")
    }
  }

  private static let classPath = "/apis/networking.k8s.io/v1/ingressclasses/mlops"
  private static let plainClass =
    #"{"kind":"IngressClass","metadata":{"name":"mlops"},"spec":{"controller":"k8s.io/ingress-nginx-mlops"}}"#

  private static func pod(_ name: String, arguments: String, image: String, labels: String = "{}") -> String {
    #"{"kind":"Pod","metadata":{"name":"\#(name)","labels":\#(labels)},"spec":{"containers":[{"name":"controller","image":"\#(image)","args":[\#(arguments)]}]}}"#
  }

  private func survey(_ pods: String) async throws -> CheckResult {
    let cluster = try ScriptedCluster([
      Self.classPath: Self.plainClass, "/api/v1/pods": #"{"kind":"PodList","metadata":{},"items":[\#(pods)]}"#,
    ])
    let runner = CheckRunner(setup: try Samples.setup(http: cluster), checks: [.ingressController])
    return try #require(await runner.run().results.first)
  }

  @Test("Where the class says nothing, the image of the pod that serves it does")
  func podImage() async throws {
    let result = try await survey(
      [
        Self.pod(
          "other", arguments: #""--controller-class=k8s.io/ingress-nginx""#,
          image: "registry.k8s.io/ingress-nginx/controller:v0.40.0"),
        Self.pod(
          "ours", arguments: #""--controller-class=k8s.io/ingress-nginx-mlops""#,
          image:
            "registry.k8s.io/ingress-nginx/controller:v1.8.1@sha256:e5c4824e7375fcf2a393e1c03c293b69759af37a9ca6abdb91b13d78a93da8bd"
        ),
      ].joined(separator: ","))
    #expect(result.finding.status == .pass)
    #expect(result.finding.observed == "k8s.io/ingress-nginx-mlops, controller v1.8.1, from image of Pod ours")
  }

  @Test("A pod's label tells an old version too")
  func podLabel() async throws {
    let result = try await survey(
      Self.pod(
        "ours", arguments: #""--controller-class=k8s.io/ingress-nginx-mlops""#, image: "mirror/nginx:abc",
        labels: #"{"app.kubernetes.io/version":"0.49.3"}"#))
    #expect(result.finding.status == .fail)
    #expect(result.finding.observed == "k8s.io/ingress-nginx-mlops, controller 0.49.3, from labels of Pod ours")
  }

  @Test("A digest without a tag tells nothing")
  func digestOnly() async throws {
    let result = try await survey(
      Self.pod(
        "ours", arguments: "",
        image:
          "registry.k8s.io/ingress-nginx/controller@sha256:e5c4824e7375fcf2a393e1c03c293b69759af37a9ca6abdb91b13d78a93da8bd"
      ))
    #expect(result.finding.status == .warn)
  }

  @Test("Pods that may not be read leave the class known and its version not")
  func podsDenied() async throws {
    let cluster = try ScriptedCluster([Self.classPath: Self.plainClass]) { request in
      request.url.contains("/api/v1/pods") ? .status(403, "Forbidden", "pods is forbidden") : nil
    }
    let runner = CheckRunner(
      setup: try Samples.setup(http: cluster), checks: [.ingressClass, .ingressController])
    let results = await runner.run().results
    #expect(results.map(\.finding.status) == [.pass, .warn])
  }
}
