import Testing

@testable import AnalyticsInterchange

@Suite("The progress line")
struct ImportProgressTests {
  @Test("shows progress, speed and remaining time")
  func known() {
    let progress = ImportProgress(
      lines: 1_234_567, bytesRead: 45, bytesTotal: 100, elapsed: .seconds(10))
    #expect(
      progress.text == "[#########           ]  45 %  1,234,567 lines  123,456/s  0:13 left")
  }

  @Test("shows no remaining time for an input without a known size")
  func unknown() {
    let progress = ImportProgress(lines: 999, bytesRead: 45, elapsed: .seconds(2))
    #expect(progress.text == "999 lines  499/s")
  }

  @Test("makes sense at the beginning and at the end")
  func extremes() {
    #expect(
      ImportProgress(bytesTotal: 100).text == "[                    ]   0 %  0 lines  0/s")
    let end = ImportProgress(lines: 5, bytesRead: 7, bytesTotal: 7, elapsed: .seconds(1))
    #expect(end.text == "[####################] 100 %  5 lines  5/s  0:00 left")
    // The file grew while it was read.
    #expect(ImportProgress(bytesRead: 9, bytesTotal: 7).fraction == 1)
    #expect(ImportProgress(bytesTotal: 0).fraction == 1)
  }
}
