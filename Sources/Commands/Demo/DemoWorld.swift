import SetupCore

/// The simulated world of `--demo`.
enum DemoWorld {
  static func with<Value>(
    scenario: String?, beneath world: World, _ body: (World) async throws -> Value
  ) async throws -> Value {
    try await body(world)
  }
}
