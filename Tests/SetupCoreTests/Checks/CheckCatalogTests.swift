import Testing

@testable import SetupCore

@Suite("The catalog of checks")
struct CheckCatalogTests {
  @Test("No probe is sent before the answers are there that what it builds on needs")
  func pages() {
    func index(_ page: Page) -> Int { Page.allCases.firstIndex(of: page) ?? 0 }
    var probes = Set(CheckCatalog.all.flatMap(\.needs))
    while true {
      let more = probes.union(probes.flatMap(\.after))
      if more.count == probes.count { break }
      probes = more
    }
    #expect(probes.count > 20)
    // Rights are asked for before there is a chart, and once more with it.
    for probe in probes where !["access", "discovery"].contains(probe.id) {
      for ground in probe.after where !probe.evenWithout.contains(ground) {
        #expect(index(ground.page) <= index(probe.page), "\(probe.id) after \(ground.id)")
      }
    }
  }
}
