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
}
