import HTTP
public import SetupCore

extension World {
  /// The real world with this environment alone, from a folder that is its home; nobody sits at a terminal.
  public static func live(in folder: ScratchDirectory, environment: [String: String]) -> World {
    var world = World.live(http: HTTPClient(configuration: .init(environment: environment)))
    world.environment = environment
    world.homeDirectory = folder.path
    world.workingDirectory = folder.path
    world.processes = .live(environment: environment)
    world.hasTerminal = false
    return world
  }
}
