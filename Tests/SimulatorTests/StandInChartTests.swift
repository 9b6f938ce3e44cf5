import Foundation
import Simulator
import Testing

@Suite("The stand-in chart in the program")
struct StandInChartTests {
  @Test("Every file of the chart's folder is embedded, byte for byte, and no other")
  func isComplete() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Resources/chart/\(StandInChart.name)")
    let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.path())
      .filter { !folder.appending(path: $0).hasDirectoryPath && !isFolder(folder.appending(path: $0)) }
    #expect(Set(StandInChart.files.map(\.path)) == Set(paths))
    #expect(StandInChart.files.count == paths.count)
    for file in StandInChart.files {
      #expect(try Data(contentsOf: folder.appending(path: file.path)) == Data(file.bytes), "\(file.path)")
    }
  }

  private func isFolder(_ url: URL) -> Bool {
    (try? url.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) ?? false
  }
}
