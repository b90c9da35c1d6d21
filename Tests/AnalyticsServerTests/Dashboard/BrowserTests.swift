import Analytics
import AnalyticsConnections
import AnalyticsStore
import AnalyticsTestSupport
import Foundation
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite(
  "Pages in Chromium", .serialized, .timeLimit(.minutes(60)),
  .enabled(if: Browser.isInstalled, "\(Browser.absence)"))
struct BrowserTests {
  private static let paths =
    DashboardTests.paths + [
      "\(DashboardRoutes.explorePath)?event=api_request",
      "\(DashboardRoutes.timelinePath)?user=\(SomeEvents.ada)",
    ]

  @Test(
    "fit four widths in a narrow and a wide font: nothing shifts, overflows or is cut off",
    arguments: [320, 400, 768, 1280], [UniformFont.narrow, .wide])
  func widths(width: Int, font: UniformFont) async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await Self.look(at: Self.paths, of: fixture, width: width, font: font)
    }
  }

  @Test("need no scroll bar for tables and break no word on a screen of 1,280 pixels")
  func tables() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.store([
        .ago(
          3600,
          .apiRequest(
            service: "integrations", endpoint: "/integrations/{provider}", method: "DELETE",
            statusCode: 200, durationMS: 132_245)),
        .ago(
          3600,
          .applicationError(
            service: "integrations", errorType: "UpstreamTimeoutError", errorMessage: "no answer")),
      ])
      try await Self.look(at: Self.paths, of: fixture, width: 1280, font: .usual) { _ in
      } also: { browser, path in
        let cut = try await browser.evaluate(Self.cut) as? String
        #expect(cut == "", "\(path)")
      }
    }
  }

  @Test(
    "fit any stored or requested text with words of any length",
    arguments: [320, 1280], [UniformFont.narrow, .wide])
  func longWords(width: Int, font: UniformFont) async throws {
    // The longest possible name, except for 4 bytes.
    let word = String(repeating: "pneumonoultramicroscopic", count: 4)
    let explore = DashboardRoutes.explorePath
    let paths =
      Self.paths + [
        "\(explore)?event=\(word)&property=\(word)",
        "\(explore)?event=\(word)&property=nothing\(word)",
        "\(explore)?ask=funnel&step=\(word)&step=\(word),\(word)%3D\(word)",
        "\(explore)?ask=funnel&step=\(word)&within=\(word)",
        "\(explore)?ask=retention&first_event=\(word)",
        "\(DashboardRoutes.timelinePath)?user=\(word)", "/sign-in",
        "/dashboard?tz=\(word)&from=\(word)&by=\(word)", "/dashboard?service=\(word)&\(word)=1",
        "/dashboard/\(word)",
      ]
    try await ServerFixture.with { fixture in
      try await fixture.store(
        SomeEvents.all()
          + JoinedTexts.events([word], from: TestClock.now.addingTimeInterval(-3600)))
      let sink = try PostgresUsageSink(AnalyticsDatabase(url: fixture.url))
      let kind = UsageKind(word, counters: [word], sets: ["set"])
      let usage = UsageTracker(kinds: [kind], sink: sink)
      try await fixture.periods(2, of: [usage]) { _ in
        usage.track(workspaceID: UUID(), ownerID: UUID(), allowed: 1_234_567)
      }
      usage.track(kind, counts: [word: 7])
      try await usage.flush()
      try await Self.look(at: paths, of: fixture, width: width, font: font) {
        $0.collectsTelemetry = true
        $0.processFacts = { [ProcessFact(word, 1_234_567_890)] }
      }
    }
  }

  /// Opens pages one after the other, and records the faults of each.
  private static func look(
    at paths: [String], of fixture: ServerFixture, width: Int, font: UniformFont,
    _ configure: @escaping @Sendable (inout ReportServerConfiguration) -> Void = { _ in },
    also: @escaping @Sendable (Browser, String) async throws -> Void = { _, _ in }
  ) async throws {
    try await fixture.serve(.live) {
      // A busy machine must not cause a timeout.
      $0.limits.reportTimeout = .seconds(1800)
      configure(&$0)
    } _: { client in
      let port = try #require(client.client.port)
      try await Browser.with(font: font) { browser in
        for path in paths {
          try await browser.open(
            "http://127.0.0.1:\(port)\(path)", width: width, mayRefuse: !Self.paths.contains(path))
          // A page that is not drawn has one colour, and its picture is smaller than this.
          let picture = try await browser.picture()
          #expect(picture.count > 2_000, "\(path) \(picture.count)")
          let shifts = try await browser.evaluate(Self.layoutShifts) as? String
          #expect(shifts == "", "\(path)")
          #expect(
            try await browser.evaluate("document.documentElement.scrollWidth") as? Int ?? .max
              <= width, "\(path)")
          let misplaced = try await browser.evaluate(Self.misplaced) as? String
          #expect(misplaced == "", "\(path)")
          try await also(browser, path)
        }
        #expect(browser.complaints.isEmpty)
      }
    }
  }

  /// One line for each table that needs a scroll bar, and for each word that is broken across lines.
  private static let cut = """
    (() => {
      const lines = []
      for (const table of document.querySelectorAll(".scroll > table")) {
        if (table.closest("details")) continue
        const room = table.parentElement
        if (room.scrollWidth > room.clientWidth) {
          lines.push(`${table.innerText.slice(0, 60)} has ${room.scrollWidth} in ${room.clientWidth}`)
        }
        const nodes = document.createTreeWalker(table, NodeFilter.SHOW_TEXT)
        while (nodes.nextNode()) {
          for (const word of nodes.currentNode.data.matchAll(/\\S+/g)) {
            const range = document.createRange()
            range.setStart(nodes.currentNode, word.index)
            range.setEnd(nodes.currentNode, word.index + word[0].length)
            if (range.getClientRects().length > 1) lines.push(`${word[0]} is broken`)
          }
        }
      }
      return lines.slice(0, 5).join("\\n")
    })()
    """

  /// The layout shifts as web.dev defines them, each with the elements that moved. Empty if nothing moved after it was
  /// drawn.
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

  /// One line for each text or box that extends beyond the box that contains it. It would cover a neighbour, or be out
  /// of reach. Content of a box that scrolls may extend beyond it.
  private static let misplaced = """
    (() => {
      const lines = []
      const holder = node => {
        let box = node.parentElement
        while (getComputedStyle(box).display === "inline" || box.namespaceURI.endsWith("svg")) {
          box = box.parentElement
        }
        return box
      }
      const look = (node, name, rects) => {
        if (node.parentElement.closest(".hidden, .skip, datalist, select")) return
        const box = holder(node)
        if (["auto", "scroll"].includes(getComputedStyle(box).overflowX)) return
        const room = box.getBoundingClientRect()
        for (const rect of rects) {
          if (rect.width && (rect.left < room.left - 1 || rect.right > room.right + 1)) {
            lines.push(`${name} at ${rect.left} to ${rect.right} in ${box.outerHTML.slice(0, 60)} `
              + `at ${room.left} to ${room.right}`)
            return
          }
        }
      }
      const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT)
      while (nodes.nextNode()) {
        const node = nodes.currentNode
        if (node.nodeType === Node.ELEMENT_NODE) {
          if (!node.matches(".hidden, .skip, .tip")) {
            look(node, node.outerHTML.slice(0, 60), [node.getBoundingClientRect()])
          }
        } else if (node.data.trim()) {
          const range = document.createRange()
          range.selectNodeContents(node)
          look(node, node.data.slice(0, 60), range.getClientRects())
        }
      }
      // A column must be wide enough for words, not only for single letters.
      for (const cell of document.querySelectorAll("table:not(.heat, details *) td:not(.number)")) {
        const letters = Math.min(cell.textContent.length, 8)
        if (cell.offsetWidth < letters * 0.6 * parseFloat(getComputedStyle(cell).fontSize)) {
          lines.push(`${cell.outerHTML.slice(0, 60)} is ${cell.offsetWidth} wide`)
        }
      }
      // The tip of a slot must be inside the window.
      const slot = document.querySelector(".slot")
      if (slot) {
        slot.dispatchEvent(new PointerEvent("pointermove", { bubbles: true, clientX: 150, clientY: 300 }))
        const tip = document.querySelector(".tip").getBoundingClientRect()
        if (!tip.width || tip.left < 0 || tip.right > innerWidth || tip.bottom > innerHeight) {
          lines.push(`the tip at ${JSON.stringify(tip)}`)
        }
      }
      // Labels of one axis must not overlap.
      for (const axis of document.querySelectorAll(".chart-x")) {
        const labels = [...axis.children].map(label => label.getBoundingClientRect()).filter(label => label.width)
        if (labels.some((label, index) => index && label.left < labels[index - 1].right)) {
          lines.push(`labels at ${labels.map(label => `${label.left} to ${label.right}`).join(", ")}`)
        }
      }
      return lines.slice(0, 5).join("\\n")
    })()
    """
}
