import AnalyticsTestSupport
import Foundation
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite(
  "Forms in Chromium", .serialized, .timeLimit(.minutes(60)),
  .enabled(if: Browser.isInstalled, "\(Browser.absence)"))
struct FormTests {
  private static func with(
    _ configure: @escaping @Sendable (inout ReportServerConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (ServerFixture, Browser, String) async throws -> Void
  ) async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve(.live, configure) { client in
        let port = try #require(client.client.port)
        try await Browser.with { try await body(fixture, $0, "http://127.0.0.1:\(port)") }
      }
    }
  }

  private static func value(_ field: String, in browser: Browser) async throws -> String? {
    let shown = "document.querySelector('[name=\(field)]:not([type=hidden])')"
    return try await browser.evaluate("\(shown).value") as? String
  }

  private static func address(_ browser: Browser) async throws -> String {
    try await browser.evaluate("location.pathname + location.search") as? String ?? ""
  }

  /// Does what a browser does when a user picks a value from a list with the pointer.
  private static func choose(_ value: String, of list: String, in browser: Browser) async throws {
    _ = try await browser.evaluate(
      """
      {
        const list = document.querySelector("select[name=\(list)]")
        list.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }))
        list.value = "\(value)"
        list.dispatchEvent(new Event("change", { bubbles: true }))
      }
      """)
  }

  /// Opens a page, counts sent forms in `sent` from now on, and focuses a field.
  private static func focus(
    _ field: String, in browser: Browser, _ server: String
  ) async throws {
    try await browser.open("\(server)/dashboard?range=7d", width: 1280)
    _ = try await browser.evaluate(
      """
      window.sent = 0
      addEventListener("submit", () => { sent += 1 })
      document.querySelector("\(field)").focus()
      """)
  }

  @Test("a date is typed digit by digit, and the form is sent with Enter")
  func typedDate() async throws {
    try await Self.with { _, browser, server in
      try await Self.focus("[name=from]", in: browser, server)
      // The digits mean the same date in all locales that put the year last.
      for digit in "02022026" { try await browser.press(String(digit)) }
      #expect(try await browser.evaluate("sent") as? Int == 0)
      #expect(try await Self.value("from", in: browser) == "2026-02-02")
      try await browser.load { try await browser.press("Enter") }
      #expect(try await Self.address(browser).contains("from=2026-02-02&to=2026-05-29"))
      #expect(try await Self.value("from", in: browser) == "2026-02-02")
    }
  }

  @Test("a list is operated with the keyboard, and the form is sent with the button")
  func typedList() async throws {
    try await Self.with { _, browser, server in
      try await Self.focus("select[name=by]", in: browser, server)
      for _ in 1...4 { try await browser.press("ArrowDown") }
      #expect(try await browser.evaluate("sent") as? Int == 0)
      #expect(try await Self.value("by", in: browser) == "month")
      try await browser.load {
        _ = try await browser.evaluate(
          "document.querySelector('select[name=by]').form.querySelector('button').click()")
      }
      #expect(try await Self.address(browser).contains("by=month"))
    }
  }

  @Test("a choice with the pointer sends the form at once, and can be undone with one step back")
  func chosen() async throws {
    try await Self.with { _, browser, server in
      let path = "/dashboard?range=7d"
      try await browser.open(server + path, width: 1280)
      let length = try await browser.evaluate("history.length") as? Int ?? 0
      for (number, granularity) in ["week", "month"].enumerated() {
        try await browser.load { try await Self.choose(granularity, of: "by", in: browser) }
        #expect(try await Self.address(browser).contains("by=\(granularity)"))
        #expect(try await browser.evaluate("history.length") as? Int == length + number + 1)
      }
      // If the browser restored the last choice on the page, it would show that instead of the page's own value.
      try await browser.load { _ = try await browser.evaluate("history.back()") }
      #expect(try await Self.address(browser).contains("by=week"))
      #expect(try await Self.value("by", in: browser) == "week")
      try await browser.load { _ = try await browser.evaluate("history.back()") }
      #expect(try await Self.address(browser) == path)
      #expect(try await Self.value("by", in: browser) == "")
      #expect(try await Self.value("from", in: browser) == "2026-05-22")
    }
  }

  @Test("a page that the browser restores resets its forms to its address")
  func keptPage() async throws {
    try await Self.with { _, browser, server in
      try await browser.open("\(server)/dashboard/explore?event=task_created", width: 1280)
      let values = try await browser.evaluate(
        """
        document.querySelector("select[name=by]").value = "month"
        document.querySelector("[name=property]").value = "command"
        dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))
        const fields = ["by", "property"].map(name => document.querySelector(`[name=${name}]:not([type=hidden])`))
        fields.map(field => field.value).join()
        """)
      #expect(values as? String == ",")
    }
  }

  @Test("the sign-in leads to the requested page, also after a wrong key")
  func signIn() async throws {
    try await Self.with {
      $0.access = .keys
    } _: { fixture, browser, server in
      let key = try await fixture.key(.read)
      let path = "/dashboard/tasks?range=7d&service=%C3%BCber%20all"
      try await browser.open(server + path, width: 1280)
      #expect(try await Self.address(browser).hasPrefix("/sign-in?"))
      for (typed, isRight) in [("wrong", false), (key.text, true)] {
        // The field has the focus already.
        for letter in typed { try await browser.press(String(letter)) }
        try await browser.load { try await browser.press("Enter") }
        let alert = "document.querySelector('.sign-in [role=alert]') !== null"
        #expect(try await browser.evaluate(alert) as? Bool == !isRight)
      }
      #expect(try await Self.address(browser) == path)
    }
  }
}
