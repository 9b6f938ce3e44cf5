import Testing

@testable import Text

@Suite("Did you mean")
struct DidYouMeanTests {

  @Test(
    "A slip of the fingers finds the word that was meant, other words find none",
    arguments: [
      ("namspace", "namespace"), ("naemspace", "namespace"), ("NAMESPACE", "namespace"), ("contxt", "context"),
      ("x", nil), ("banana", nil), ("", nil), ("namespace", "namespace"),
    ] as [(String, String?)])
  func nearest(_ word: String, _ expected: String?) {
    #expect(DidYouMean.nearest(to: word, among: ["kubeconfig", "context", "namespace"]) == expected)
  }

  @Test(
    "A distance counts insertions, deletions, replacements and swaps, and is the same both ways",
    arguments: [
      ("", "", 0), ("a", "", 1), ("abc", "abc", 0), ("abc", "acb", 1), ("abc", "abd", 1), ("abc", "abcd", 1),
      ("kitten", "sitting", 3), ("ca", "abc", 3),
    ])
  func distance(_ left: String, _ right: String, _ expected: Int) {
    #expect(DidYouMean.distance(left, right) == expected)
    #expect(DidYouMean.distance(right, left) == expected)
  }

  @Test("Of two words that are as near, the first of the alphabet is taken, whatever their order")
  func ties() {
    #expect(DidYouMean.nearest(to: "cat", among: ["bat", "car"]) == "bat")
    #expect(DidYouMean.nearest(to: "cat", among: ["car", "bat"]) == "bat")
    #expect(DidYouMean.nearest(to: "cat", among: []) == nil)
  }
}
