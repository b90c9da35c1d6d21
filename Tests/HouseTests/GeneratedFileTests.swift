import AnalyticsTestSupport
import EventCatalogue
import Testing

@Suite("Generated files")
struct GeneratedFileTests {
  @Test("are what the catalogue of events gives: if one is not, run `make generate`")
  func upToDate() throws {
    for file in GeneratedFile.all {
      let text = try #require(Repository.file(file.path), "\(file.path)").text
      #expect(text == file.text, "\(file.path)")
    }
  }
}
