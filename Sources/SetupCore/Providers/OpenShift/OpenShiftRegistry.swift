import HTTP
import Kubernetes
import Registry
import Text

/// OpenShift's integrated registry. Pods and nodes reach it by its Service, this machine by its Route; passwords are
/// tokens of the cluster, and rights are rights on image streams.
struct OpenShiftRegistry: RegistryProvider {
  let name = "openshift"
  let label = "OpenShift's integrated registry"
  var home: Distribution.Kind? { .openShift }

  var questions: [Question] { Self.questions }
  var lookups: [Probe] { [.openShiftRegistry, .openShiftProject] }
  var checks: [Check] {
    [.openShiftRegistry, .openShiftNames, .openShiftBuilder, .openShiftCA, .openShiftArguments, .openShiftHost]
  }

  /// Host and port inside the cluster, as images carry them.
  static let server = "image-registry.openshift-image-registry.svc:5000"
  /// Where it lives.
  static let namespace = "openshift-image-registry"
  /// The image builder's service account.
  static let account = ImageBuilder.usualAccount
  /// The user of the pushing credentials; the registry takes any name with a token.
  static let user = "imagebuilder"

  func server(_ answers: Answers) -> String? { Self.server }

  /// Its names have two parts: the project and the image stream.
  func repository(_ name: String, _ answers: Answers) -> String? {
    guard let namespace = answers[.namespace], let image = name.split(separator: "/").last else { return nil }
    return "\(Self.server)/\(namespace)/\(image)"
  }

  /// `/cache` below a repository would be a third part.
  func cache(_ answers: Answers) -> String? { answers[.generated].map { $0 + "-cache" } }

  func access(_ setup: Setup) async throws -> RegistryAccess {
    let client = try setup.kubernetes()
    let host = try await RegistryRoute.host(setup)
    var tls = TLSOptions()
    let authority = try await RegistryRoute.authority(setup)
    if let authority { tls.certificateAuthority = .pem(authority.pem) }
    return RegistryAccess(
      server: Self.server, endpoint: RegistryEndpoint(host: host, tls: tls), builder: "service account \(Self.account)",
      authority: authority?.source
    ) {
      guard let token = try await client.bearerToken() else {
        throw ObservationFailure(
          .inapplicable,
          "The registry takes the cluster's tokens as passwords, and \(client.connection.identity) is none, so nothing "
            + "can be asked of it from here. The image builder's own token is tried when it is made.",
          remedy: Remedy("Log in with a token: oc login, or a context whose user has one."))
      }
      return RegistryLogin(
        RegistryCredential(username: "mlops-setup", password: token.reveal()), identity: client.connection.identity)
    }
  }

  /// The route is a way to log in that the plan makes.
  func makesLogin(_ answers: Answers) -> Bool { answers[.exposeRoute] == "yes" }

  func missingForPush(_ setup: Setup) async throws -> String? {
    let project = ProjectStep(setup.answers)
    if try await project.find(try setup.kubernetes()) == nil { return try await project.firstChange(setup) }
    return setup.answers[.exposeRoute] == "yes" ? try await RegistryRouteStep(setup.answers).firstChange(setup) : nil
  }

  /// The kubeconfig's token, where it holds one.
  func shellLogin(_ answers: Answers) -> ShellLogin? {
    let kubectl = Kubectl(answers)
    let token = kubectl.command(
      "config", "view", "--raw", "--minify", "--output=jsonpath={.users[0].user.token}"
    ).shell
    let host =
      answers[.registryRoute].map(Shell.quote)
      ?? "\"$(\(kubectl.command("get", "routes.route.openshift.io/\(RegistryRoute.name)", "--namespace=\(Self.namespace)", "--output=jsonpath={.spec.host}").shell))\""
    return ShellLogin(password: token, user: "mlops-setup", host: host)
  }

  func namespaceStep(_ answers: Answers) -> any Step { ProjectStep(answers) }

  func steps(_ answers: Answers) -> [any Step] {
    var steps: [any Step] = []
    if answers[.exposeRoute] == "yes" { steps.append(RegistryRouteStep(answers)) }
    steps.append(
      ObjectStep(
        id: "image-builder", title: "Image builder",
        [WantedObject(.serviceAccounts, "ServiceAccount", Self.account, namespace: answers[.namespace], [:])], answers))
    steps.append(
      GrantStep(
        id: "image-builder-push", title: "Right to push", role: "registry-editor", why: "push to the registry", answers)
    )
    for constraint in answers.builderConstraints {
      steps.append(GrantStep(constraint: constraint, answers))
    }
    return steps + [BuilderCredentialsStep(answers)]
  }
}

extension AnswerKey where Value == String {
  /// Host of the route under which this machine reaches OpenShift's registry.
  static let registryRoute = AnswerKey("registry.route")
  /// `yes` or `no`: whether the plan makes that route.
  static let exposeRoute = AnswerKey("registry.exposeRoute")
  /// `service-ca`, `host` or `skip`: how the image builder verifies OpenShift's registry.
  static let verification = AnswerKey("registry.verification")
}

extension Answers {
  /// The security context constraints that the image builder needs: it runs as root, and may mount a node's folder.
  var builderConstraints: [BuilderConstraint] {
    self[.verification] == "host" ? [.anyUser, .hostMount] : [.anyUser]
  }
}

/// A security context constraint of OpenShift's own that the image builder must be allowed to use.
enum BuilderConstraint: String, Sendable, CaseIterable {
  case anyUser = "anyuid"
  case hostMount = "hostmount-anyuid"

  /// The ClusterRole that allows its use.
  var role: String { "system:openshift:scc:\(rawValue)" }
  /// What it is for.
  var why: String {
    switch self {
    case .anyUser: "run as root, which image builds need"
    case .hostMount: "mount /etc/docker/certs.d of its node"
    }
  }
}
