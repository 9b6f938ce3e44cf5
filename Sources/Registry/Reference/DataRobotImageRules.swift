/// What the management agent's Kubernetes plugin asks of image names beyond the grammar (datarobot-bosun, config.py).
public enum DataRobotImageRules {
  /// What is wrong with the prediction server's image, or nil: it needs a version tag `1.2.3` or `1.2.3-suffix` at its
  /// end (the plugin's `:\d+\.\d+\.\d+(-[A-Za-z0-9.-]+)?$`) and no digest.
  public static func predictionServerProblem(_ text: String) -> String? {
    let reference: ImageReference
    do { reference = try ImageReference(text) } catch { return error.description }
    let form = "write a version tag, for example \(reference.name):11.2.0"
    if reference.digest != nil {
      return "the management agent reads the prediction server's version from its tag and refuses a digest; \(form)"
    }
    guard let tag = reference.tag else {
      return "the management agent reads the prediction server's version from its tag, and there is none; \(form)"
    }
    if isVersion(tag) { return nil }
    return "the management agent takes no prediction server with the tag \"\(tag)\"; \(form)"
  }

  /// What is wrong with the repository for the generated images, or nil: it has neither tag nor digest; the management
  /// agent adds a tag for each model.
  public static func generatedRepositoryProblem(_ text: String) -> String? {
    let reference: ImageReference
    do { reference = try ImageReference(text) } catch { return error.description }
    let form = "write the repository alone: \(reference.name)"
    if reference.digest != nil { return "the repository for generated images has no digest; \(form)" }
    if let tag = reference.tag {
      return "the repository for generated images has no tag, leave \":\(tag)\" out; \(form)"
    }
    return nil
  }

  private static func isVersion(_ tag: String) -> Bool {
    let core = tag.prefix { $0 != "-" }
    let numbers = core.split(separator: ".", omittingEmptySubsequences: false)
    let isDigit = { (character: Character) in character.isASCII && character.isNumber }
    guard numbers.count == 3, numbers.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isDigit) }) else { return false }
    guard core.endIndex != tag.endIndex else { return true }
    let suffix = tag[core.endIndex...].dropFirst()
    return !suffix.isEmpty
      && suffix.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") }
  }
}
