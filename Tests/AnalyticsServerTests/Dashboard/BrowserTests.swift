import AnalyticsTestSupport
import Foundation
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite(
  "Pages in Chromium", .serialized, .timeLimit(.minutes(30)),
  .enabled(if: Browser.isInstalled, "\(Browser.absence)"))
struct BrowserTests {
  private static let paths =
    DashboardTests.paths + [
      "\(DashboardRoutes.explorePath)?event=api_request",
      "\(DashboardRoutes.timelinePath)?user=\(SomeEvents.ada)",
    ]

  @Test(
    "are drawn at three widths: nothing moves once it is there, nothing sticks out, nothing is complained of",
    arguments: [400, 800, 1280])
  func widths(width: Int) async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve(.live) {
        // However busy the machine is.
        $0.limits.answerTime = .seconds(300)
      } _: { client in
        let port = try #require(client.client.port)
        try await Browser.with { browser in
          for path in Self.paths {
            try await browser.open("http://127.0.0.1:\(port)\(path)", width: width)
            // A page that is not drawn is one colour, which takes less than this.
            let picture = try await browser.picture()
            #expect(picture.count > 8_000, "\(path) \(picture.count)")
            let shifts = try await browser.evaluate(Self.layoutShifts) as? String
            #expect(shifts == "", "\(path)")
            #expect(
              try await browser.evaluate("document.documentElement.scrollWidth") as? Int ?? .max
                <= width, "\(path)")
          }
          #expect(browser.complaints.isEmpty)
        }
      }
    }
  }

  /// As web.dev has them: none where nothing that was drawn has moved by itself. Each with what moved.
  private static let layoutShifts = """
    new Promise(done => {
      let sum = ""
      const observer = new PerformanceObserver(list => {
        for (const entry of list.getEntries()) {
          sum += entry.value + entry.sources.map(source => " " + source.node?.outerHTML
            + JSON.stringify(source.previousRect) + JSON.stringify(source.currentRect)).join("") + "; "
        }
      })
      observer.observe({ type: "layout-shift", buffered: true })
      requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(sum), 0)))
    })
    """
}
