import Kubernetes
import Testing

@testable import SetupCore

@Suite("The check of storage classes")
struct StorageClassTests {
  private static func storage(_ name: String, isDefault: Bool, mode: String? = "WaitForFirstConsumer") -> String {
    let mark = isDefault ? #","annotations":{"storageclass.kubernetes.io/is-default-class":"true"}"# : ""
    let binding = mode.map { #","volumeBindingMode":"\#($0)""# } ?? ""
    return #"{"metadata":{"name":"\#(name)"\#(mark)},"provisioner":"ebs.csi.aws.com"\#(binding)}"#
  }

  @Test(
    "One default class that waits for its pod passes; none, two and one that binds at once warn",
    arguments: [
      (
        [storage("gp3", isDefault: true), storage("io2", isDefault: false)], FindingStatus.pass,
        "gp3 is the only default StorageClass."
      ),
      ([], .warn, "The cluster has no StorageClass, so nothing in it can claim a volume."),
      ([storage("gp3", isDefault: false)], .warn, "No StorageClass is the default one."),
      (
        [storage("gp2", isDefault: true), storage("gp3", isDefault: true)], .warn,
        "2 StorageClasses are the default one: gp2, gp3."
      ),
      (
        [storage("nfs", isDefault: true, mode: nil)], .warn,
        "The default StorageClass nfs binds volumes at once, before it is known where their pod will run."
      ),
    ])
  func verdicts(_ classes: [String], _ status: FindingStatus, _ message: String) throws {
    let found = try finding(.storageClass) { survey in
      survey.storageClasses = .seen(try classes.map { try object(StorageClass.self, $0) })
    }
    #expect(found.status == status)
    #expect(found.message == message)
    #expect(found.details.count == classes.count)
    #expect((found.remedy == nil) == (status == .pass))
  }

  @Test("Classes that may not be listed are unknown, and the check holds nothing up")
  func denied() {
    let found = finding(.storageClass) { $0.storageClasses = .failed(ObservationFailure(.denied, "403")) }
    #expect(found == Finding(.unknown, observed: "403", message: "403"))
    #expect(!Check.storageClass.isBlocking)
  }
}
