import AnalyticsTestSupport
import EventCatalogue
import Testing

@Suite("Generated files")
struct GeneratedFileTests {
  @Test("match the catalogue of events; if not, run `make generate`")
  func upToDate() throws {
    for file in GeneratedFile.all {
      let text = try #require(Repository.file(file.path), "\(file.path)").text
      #expect(text == file.text, "\(file.path)")
    }
  }

  @Test("are all files with the mark that they are generated from the catalogue")
  func noOthers() {
    let notices = ["//", "<!--"].map { "\($0) Generated from Tools/EventCatalogue" }
    let marked = ["Benchmarks", "Examples", "Sources", "Tests", "Tools", "docs"]
      .flatMap { Repository.files(in: $0) { _ in true } }
      .filter { file in
        file.lines.contains { line in notices.contains { line.hasPrefix($0) } }
      }
    #expect(!marked.isEmpty)
    #expect(Set(marked.map(\.path)) == Set(GeneratedFile.all.map(\.path)))
  }
}
