public import Kubernetes

/// What the documented procedure requires, as data (Resources/requirements.yaml).
public struct Requirements: Sendable, Equatable {
  /// The lowest Kubernetes minor version of major 1.
  public var kubernetesMinor: Int
  /// CPUs that one node must have.
  public var cpu: Quantity
  /// Memory that one node must have.
  public var memory: Quantity
  /// Ephemeral storage that one node must have.
  public var storage: Quantity
  /// Versions and dates of the platform.
  public var platform = PlatformRequirements()

  /// Requirements from their parts.
  public init(kubernetesMinor: Int, cpu: Quantity, memory: Quantity, storage: Quantity) {
    self.kubernetesMinor = kubernetesMinor
    self.cpu = cpu
    self.memory = memory
    self.storage = storage
  }
}
