import Text

extension Probe {
  /// The helm program on PATH.
  public static let helm = Probe("helm", \.helm, page: .cluster) { setup, _ in try await HelmProbe.look(setup.world) }
}

/// Looks for helm on PATH and asks its version, without a cluster.
enum HelmProbe {
  static func look(_ world: World) async throws -> HelmProgram {
    guard let path = world.processes.find("helm") else {
      throw ObservationFailure(
        .absent, "there is no helm on PATH",
        remedy: Remedy("Install helm 3 or 4.", url: "https://helm.sh/docs/intro/install/"))
    }
    let result = try await world.processes.run(HelmCommand.version)
    let said = result.output.trimmed(to: 100)
    guard result.exitCode == 0, let major = HelmCommand.major(said) else {
      let errors = OutsideText.clean(result.errors.isEmpty ? said : result.errors).trimmed(to: 200)
      throw ObservationFailure(
        .malformed, "\(path) does not tell its version: \(errors)",
        remedy: Remedy("See what it says.", command: "helm version"))
    }
    var program = HelmProgram(path: path, version: said, major: major)
    let support = try HelmSupport.documented()
    program.support = support
    program.supportEnded = support.ended(major, now: world.now())
    return program
  }
}

extension Survey {
  /// The helm program.
  public var helm: Observed<HelmProgram> {
    get { self["helm"] }
    set { self["helm"] = newValue }
  }
}

/// The helm program on PATH.
public struct HelmProgram: Sendable, Equatable {
  /// Where it is.
  public var path: String
  /// What it says of itself: `v3.21.4`.
  public var version: String
  /// 3 or 4; decides the flags.
  public var major: Int
  /// Which helms are driven.
  var support: HelmSupport?
  /// The day after which this major gets no fixes, where that is past.
  var supportEnded: String?

  /// A program from its parts.
  public init(path: String, version: String, major: Int) {
    self.path = path
    self.version = version
    self.major = major
  }
}
