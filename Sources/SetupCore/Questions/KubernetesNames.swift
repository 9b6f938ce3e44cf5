/// The rules for names of Kubernetes objects (kubernetes.io, "Object Names and IDs").
enum KubernetesNames {
  /// What is wrong with an RFC 1123 label: a namespace's or a service's name.
  static func labelProblem(_ name: String) -> String? {
    if name.utf8.count > 63 { return "has \(name.utf8.count) characters; 63 are allowed" }
    return isLabel(name[...])
      ? nil : "must be lower-case letters, digits and '-', and begin and end with a letter or digit"
  }

  /// What is wrong with an RFC 1123 subdomain: most objects' names.
  static func subdomainProblem(_ name: String) -> String? {
    if name.utf8.count > 253 { return "has \(name.utf8.count) characters; 253 are allowed" }
    let isValid = name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isLabel)
    return isValid
      ? nil : "must be lower-case letters, digits, '-' and '.', and each part begin and end with a letter or digit"
  }

  /// What is wrong with a Helm release's name (helm.sh/helm, pkg/chartutil/validate_name.go).
  static func releaseProblem(_ name: String) -> String? {
    if name.utf8.count > 53 { return "has \(name.utf8.count) characters; Helm allows 53" }
    return subdomainProblem(name)
  }

  private static func isLabel(_ part: Substring) -> Bool {
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
    guard let first = part.utf8.first, let last = part.utf8.last else { return false }
    return isAlphanumeric(first) && isAlphanumeric(last)
      && part.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
  }
}
