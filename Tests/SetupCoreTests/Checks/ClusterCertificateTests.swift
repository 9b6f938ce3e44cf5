import FoundationEssentials
import Kubernetes
import TestSupport
import Testing

@testable import SetupCore

@Suite("The check of the client certificate")
struct ClusterCertificateTests {
  private static let now = Date(timeIntervalSince1970: 1_800_000_000)

  private static func found(_ days: Double, begins: Double = -300, isRenewed: Bool = false) -> Finding {
    let certificate = ClientCertificate(
      begins: now.addingTimeInterval(begins * 86_400), expires: now.addingTimeInterval(days * 86_400),
      commonName: "kubernetes-admin", organizations: ["kubeadm:cluster-admins"])
    return finding(.clusterCertificate) {
      $0.certificate = .seen(
        CertificateSummary(
          shown: ShownCertificate(
            certificate: certificate, source: "client-certificate-data of user \"admin\"", isRenewed: isRenewed),
          localDate: now))
    }
  }

  @Test(
    "Fourteen days or longer pass, fewer warn, none fail",
    arguments: [
      (365.0, FindingStatus.pass), (14, .pass), (13.9, .warn), (0.01, .warn), (0, .warn), (-0.01, .fail), (-400, .fail),
    ])
  func expiry(_ days: Double, _ expected: FindingStatus) { #expect(Self.found(days).status == expected) }

  @Test("It names the user, the day and where the certificate stands")
  func evidence() {
    let soon = Self.found(3)
    #expect(soon.message == "The client certificate of kubernetes-admin expires in 3 days, on 2027-01-18.")
    #expect(soon.observed == "client-certificate-data of user \"admin\": from 2026-03-21 to 2027-01-18")
    #expect(soon.details.first == "subject: kubernetes-admin, groups kubeadm:cluster-admins")
    #expect(soon.remedy?.command == "kubeadm certs renew admin.conf")
    #expect(Self.found(-2).message == "The client certificate of kubernetes-admin expired on 2027-01-13, 2 days ago.")
    #expect(
      Self.found(300, begins: 1).message == "The client certificate of kubernetes-admin holds only from 2027-01-16 on.")
    #expect(Self.found(300, begins: 1).status == .fail)
  }

  @Test("What a plugin issues for an hour is as it should be")
  func renewed() {
    #expect(Self.found(0.04, isRenewed: true).status == .pass)
    #expect(Self.found(-0.04, isRenewed: true).status == .fail)
  }

  private static func kubeconfig(_ user: String) -> String {
    Samples.kubeconfig.components("{token: cluster-token-55f1}").joined(separator: user)
  }

  private func results(_ user: String, files more: [String: String] = [:]) async throws -> CheckResult {
    var files = ["/home/admin/.kube/config": Self.kubeconfig(user)]
    files.merge(more) { $1 }
    let setup = try Samples.setup(files: try Samples.files(files))
    return try #require(await CheckRunner(setup: setup, checks: [.clusterCertificate]).run().results.first)
  }

  @Test("A user with a token shows none, and the check is skipped")
  func token() async throws {
    let result = try await results("{token: cluster-token-55f1}")
    #expect(result.finding.status == .skipped)
    #expect(result.finding.message == "The context's user shows no client certificate.")
  }

  @Test("The certificate is read from the file that the kubeconfig names, without asking the cluster")
  func file() async throws {
    let path = Samples.fixtures + "/Kubernetes/certificates/short.pem"
    let pem = String(decoding: try #require(FileManager.default.contents(atPath: path)), as: UTF8.self)
    let user = "{client-certificate: admin.pem, client-key: admin.key}"
    let result = try await results(user, files: ["/home/admin/.kube/admin.pem": pem])
    #expect([.fail, .warn, .pass].contains(result.finding.status))
    #expect(
      result.finding.observed.hasPrefix("client-certificate /home/admin/.kube/admin.pem of user \"admin\": from 20"))
  }

  @Test("A file that is not there fails, and so does one that is no certificate")
  func broken() async throws {
    let user = "{client-certificate: admin.pem, client-key: admin.key}"
    let absent = try await results(user)
    #expect(absent.finding.status == .fail)
    #expect(absent.finding.message == "the client certificate /home/admin/.kube/admin.pem does not exist")
    let nonsense = try await results(user, files: ["/home/admin/.kube/admin.pem": "hello"])
    #expect(nonsense.finding.status == .fail)
    #expect(nonsense.finding.message == "the client certificate holds no PEM block of a CERTIFICATE")
  }

  @Test("A kubeconfig that cannot be used leaves it unknown")
  func unknown() {
    let failure = ObservationFailure(.noCredential, "the plugin failed")
    #expect(finding(.clusterCertificate) { $0.certificate = .failed(failure) }.status == .unknown)
  }
}
