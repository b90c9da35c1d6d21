import AnalyticsTestSupport
import Foundation
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite(
  "Pages in Chromium", .serialized, .timeLimit(.minutes(10)),
  .enabled(
    if: FileManager.default.isExecutableFile(atPath: Browser.path),
    "Chromium is missing: install Debian's chromium"))
struct BrowserTests {
  @Test(
    "are drawn at three widths, without a complaint of the browser", arguments: [400, 800, 1280])
  func widths(width: Int) async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve(.live) { client in
        let port = try #require(client.client.port)
        for path in ["/dashboard", "/dashboard/users", "/dashboard/explore?event=api_request"] {
          let (picture, log) = try await Browser.picture(
            "http://127.0.0.1:\(port)\(path)", width: width)
          let complaints = log.split(separator: "\n").filter { $0.contains("CONSOLE") }
          #expect(complaints.isEmpty, "\(path)")
          // A page that is not drawn is one colour, which takes less than this.
          #expect(picture.count > 15_000, "\(path) \(picture.count)")
        }
      }
    }
  }
}

/// A browser without a window.
enum Browser {
  static let path = "/usr/bin/chromium"

  /// - Returns: A picture of the page as PNG, and what the browser logged.
  static func picture(_ url: String, width: Int) async throws -> (Data, log: String) {
    try await withTemporaryFolder { folder in
      let (picture, log) = (folder + "/page.png", folder + "/log")
      _ = FileManager.default.createFile(atPath: log, contents: nil)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
      process.arguments = [
        "120", path, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        "--enable-logging=stderr", "--user-data-dir=\(folder)/profile",
        "--window-size=\(width),1400", "--screenshot=\(picture)", url,
      ]
      process.standardOutput = FileHandle.nullDevice
      process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
      _ = try await process.ended()
      return (
        try Data(contentsOf: URL(fileURLWithPath: picture)),
        try String(contentsOfFile: log, encoding: .utf8)
      )
    }
  }
}
