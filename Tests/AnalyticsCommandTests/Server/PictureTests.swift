import AnalyticsTestSupport
import Foundation
import Testing

/// The dashboard's first page over two weeks of `analytics demo`, as Chromium draws it. It is the picture in the
/// README. `ANALYTICS_PICTURE` names a file to which it is written.
@Suite(
  "The picture in the README", .timeLimit(.minutes(60)),
  .enabled(if: Browser.isInstalled, "\(Browser.absence)"))
struct PictureTests {
  @Test("shows a page whose panels all have figures and no warnings")
  func picture() async throws {
    try await ImportDatabase.with { database in
      try await database.storeDemo(days: 14)
      let (server, url) = try await CommandRun.serve(environment: ["DATABASE_URL": database.url])
      try await Browser.with { browser in
        try await browser.open("\(url)dashboard?range=7d", width: 1280, height: 1500)
        let charts = try await browser.evaluate("document.querySelectorAll('main svg').length")
        let shown = try #require(charts as? Int)
        #expect(shown >= 6)
        let empty = try await browser.evaluate(
          "document.querySelectorAll('main .empty, main [role=alert]').length")
        #expect(empty as? Int == 0)
        #expect(browser.complaints.isEmpty)
        let picture = try await browser.picture()
        let committed = try Data(contentsOf: Self.committed)
        // Both pictures are 1280 by 1500 pixels, which the header of a PNG contains.
        #expect(picture[16..<24] == committed[16..<24])
        if let file = ProcessInfo.processInfo.environment["ANALYTICS_PICTURE"] {
          try picture.write(to: URL(fileURLWithPath: file))
        }
      }
      server.signal(SIGTERM)
      _ = try await server.outcome()
    }
  }

  private static let committed = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().appendingPathComponent("../../../docs/dashboard.png")
}
