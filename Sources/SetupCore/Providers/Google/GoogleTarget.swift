import Registry
import Text

/// The keys of this provider's answers.
enum GoogleKey {
  static let project = AnswerKey<String>("registry.project")
  static let location = AnswerKey<String>("registry.location")
  static let repository = AnswerKey<String>("registry.repository")
  static let cluster = AnswerKey<String>("registry.cluster")
  static let clusterLocation = AnswerKey<String>("registry.clusterLocation")
  static let clusterProject = AnswerKey<String>("registry.clusterProject")
  static let identity = AnswerKey<String>("registry.identity")
  static let serviceAccount = AnswerKey<String>("registry.serviceAccount")
  static let googleAccount = AnswerKey<String>("registry.googleServiceAccount")
  static let updateCluster = AnswerKey<String>("registry.updateCluster")
}

/// What the answers say of a registry at Google and of who pushes to it, with the names that follow from them.
///
/// Image names follow one rule: what stands behind the last slash of the procedure's name lies directly below the
/// repository. `datarobot/mlops-management-agent` is REPOSITORY/mlops-management-agent, and `mlops/frozen-models` is
/// REPOSITORY/frozen-models, with the image builder's layers at REPOSITORY/frozen-models/cache: Artifact Registry takes
/// names of several levels below a repository, and one repository has one policy for all of them.
struct GoogleTarget: Sendable, Equatable {
  /// How the image builder's pod becomes somebody at Google.
  enum Identity: String, Sendable {
    /// The Kubernetes service account is a principal itself.
    case direct
    /// It may act as a Google service account, which its annotation names.
    case serviceAccount = "service-account"
    /// A Kubernetes service account that may push already; it is used as it is.
    case existing
  }

  /// The Google service account that the procedure names.
  static let usualGoogleAccount = "gcr-push-user"
  static let usualRepository = "mlops"
  /// What lets push and pull, and no more. The procedure's roles/cloudbuild.builds.builder is far wider.
  static let writer = "roles/artifactregistry.writer"
  static let reader = "roles/artifactregistry.reader"
  static let annotation = "iam.gke.io/gcp-service-account"

  /// Where Artifact Registry keeps the repositories that carry a name of Container Registry, which is gone since 2025-03-18.
  static let oldHosts = ["gcr.io": "us", "us.gcr.io": "us", "eu.gcr.io": "europe", "asia.gcr.io": "asia"]

  let project: String
  let location: String
  let repository: String
  let cluster: String
  let clusterLocation: String
  let clusterProject: String
  let identity: Identity
  let namespace: String
  let serviceAccount: String
  let mayUpdateCluster: Bool
  private let googleAccount: String
  private let generated: String?

  init(_ answers: Answers) {
    project = answers[GoogleKey.project] ?? ""
    repository = answers[GoogleKey.repository] ?? Self.usualRepository
    location = Self.oldHosts[repository] ?? answers[GoogleKey.location] ?? ""
    cluster = answers[GoogleKey.cluster] ?? ""
    clusterLocation = answers[GoogleKey.clusterLocation] ?? ""
    clusterProject = answers[GoogleKey.clusterProject] ?? project
    identity = answers[GoogleKey.identity].flatMap(Identity.init(rawValue:)) ?? .direct
    namespace = answers[.namespace] ?? ""
    serviceAccount = answers[GoogleKey.serviceAccount] ?? ImageBuilder.usualAccount
    googleAccount = answers[GoogleKey.googleAccount] ?? Self.usualGoogleAccount
    mayUpdateCluster = answers[GoogleKey.updateCluster] == "yes"
    generated = answers[.generated]
  }

  /// A repository under a name of Container Registry: looked for, and never made.
  var isOldHost: Bool { Self.oldHosts[repository] != nil }

  /// Host as images carry it.
  var server: String { isOldHost ? repository : "\(location)-docker.pkg.dev" }

  /// Where everything of the repository begins: `europe-west1-docker.pkg.dev/PROJECT/REPOSITORY`, `gcr.io/PROJECT`. A
  /// project of a domain, `example.com:project`, is two levels of an image's name.
  var root: String {
    let project = project.split(separator: ":").joined(separator: "/")
    return "\(server)/\(project)" + (isOldHost ? "" : "/\(repository)")
  }

  /// One of the procedure's names below it.
  func image(_ name: String) -> String {
    "\(root)/\(name.split(separator: "/").last.map(String.init) ?? name)"
  }

  /// Whether an image lies in this repository.
  func holds(_ image: String) -> Bool { image.hasPrefix(root + "/") }

  /// The repository of models' images where it lies here.
  var generatedImage: String? { generated.flatMap { holds($0) ? $0 : nil } }

  /// The cluster's workload pool, which belongs to the cluster's project.
  var pool: String { "\(clusterProject).svc.id.goog" }

  /// The Google service account, which lies in the registry's project.
  var email: String {
    let labels = project.split(separator: ":").reversed().joined(separator: ".")
    return "\(googleAccount)@\(labels).iam.gserviceaccount.com"
  }

  var googleAccountName: String { googleAccount }

  /// The Kubernetes service account as a principal by itself.
  ///
  /// - Parameter number: The number of the cluster's project.
  func principal(number: String) -> String {
    "principal://iam.googleapis.com/projects/\(number)/locations/global/workloadIdentityPools/\(pool)/subject/ns/"
      + "\(namespace)/sa/\(serviceAccount)"
  }

  /// The Kubernetes service account as one who may act as a Google service account.
  var poolMember: String { "serviceAccount:\(pool)[\(namespace)/\(serviceAccount)]" }

  /// Who pushes, for a person.
  var builder: String {
    switch identity {
    case .direct, .existing: "the service account \(namespace)/\(serviceAccount) of the cluster"
    case .serviceAccount: "the Google service account \(email)"
    }
  }

  // MARK: Command lines

  var clusterOptions: [String] { ["--location=\(clusterLocation)"] }
  /// A command about the repository.
  func onRepository(_ verb: String) -> [String] {
    ["artifacts", "repositories", verb, repository, "--location=\(location)"]
  }
}
