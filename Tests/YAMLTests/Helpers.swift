import YAML

/// The only document of a text that has one.
func node(_ text: String, limits: YAMLLimits = .standard) throws -> YAMLNode {
  guard let node = try YAML.parse(text, source: "test.yaml", limits: limits) else { throw EmptyDocument() }
  return node
}

struct EmptyDocument: Error {}

/// The error that a text gives, or nil when it is read.
func failure(_ text: String, limits: YAMLLimits = .standard) -> YAMLError? {
  failure(Array(text.utf8), limits: limits)
}

/// The error that bytes give, or nil when they are read.
func failure(_ bytes: [UInt8], limits: YAMLLimits = .standard) -> YAMLError? {
  do throws(YAMLError) {
    _ = try YAML.parse(bytes, source: "test.yaml", limits: limits)
    return nil
  } catch {
    return error
  }
}

/// SplitMix64: the same numbers for the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
