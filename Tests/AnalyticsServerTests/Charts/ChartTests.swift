import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsServer

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("Charts")
struct ChartTests {
  @Test("put a line's points in the middle of their slots, and leave gaps where no value is known")
  func line() throws {
    let chart = TimeChart(
      "Users", .count, slots: ["a", "b", "c", "d"].map { .init($0) },
      lines: [.init("users", [0, 4, nil, 2])])
    let path = try #require(Drawing(chart.html).paths(of: "line s1").first)
    #expect(path == "M125 1000L375 0M875 500h0")
  }

  @Test("stack bars on one another, so that the top is the sum")
  func stack() throws {
    let chart = TimeChart(
      "Tasks", .count, .stackedBars, slots: [.init("a"), .init("b")],
      lines: [.init("done", [3, 0]), .init("failed", [1, 2])])
    let drawing = try Drawing(chart.html)
    #expect(drawing.paths(of: "bar s1") == ["M50 1000V250h400V1000z"])
    #expect(drawing.paths(of: "bar s2") == ["M50 250V0h400V250zM550 1000V500h400V1000z"])
  }

  @Test("draw buckets that cover part of the time differently: pale bars, and dashed lines")
  func partial() throws {
    let slots = ["a", "b", "c", "d"].map {
      TimeChart.Slot($0, isPartial: $0 == "a" || $0 == "d")
    }
    let lines = try Drawing(
      TimeChart("", .count, slots: slots, lines: [.init("users", [4, 4, 0, 4])]).html)
    #expect(lines.paths(of: "line s1") == ["M375 0L625 1000"])
    #expect(lines.paths(of: "line s1 partial") == ["M125 0L375 0M625 1000L875 0"])
    let bars = try Drawing(
      TimeChart("", .count, .stackedBars, slots: slots, lines: [.init("n", [4, 4, 0, 2])]).html)
    #expect(bars.paths(of: "bar s1") == ["M275 1000V0h200V1000z"])
    #expect(bars.paths(of: "bar s1 partial") == ["M25 1000V0h200V1000zM775 1000V500h200V1000z"])
  }

  @Test("mark a bucket that covers part of the time also if it stands alone or next to a gap")
  func partialAlone() throws {
    let slots = (0..<5).map { TimeChart.Slot("\($0)", isPartial: $0 == 0 || $0 == 4) }
    let drawing = try Drawing(
      TimeChart("", .count, slots: slots, lines: [.init("users", [1, nil, 2, nil, 2])]).html)
    #expect(drawing.paths(of: "line s1") == ["M500 0h0"])
    #expect(drawing.paths(of: "line s1 partial") == ["M100 500h0M900 0h0"])
  }

  @Test("list all figures of every slot, for the pointer")
  func titles() throws {
    let chart = TimeChart(
      "Latency", .milliseconds, slots: [.init("Mon"), .init("Tue")],
      lines: [.init("p50", [12, 1400]), .init("p99", [nil, 2000])])
    #expect(
      try Drawing(chart.html).titles == ["Mon\np50: 12 ms\np99: –", "Tue\np50: 1.4 s\np99: 2 s"])
  }

  @Test("describe their contents in words")
  func summary() throws {
    let chart = TimeChart(
      "Users by day", .count, slots: [.init("1 May"), .init("2 May")],
      lines: [.init("users", [3, 1200])])
    #expect(
      try Drawing(chart.html).labels
        == ["Users by day, 1 May to 2 May, users at most 1,200"])
  }

  @Test("are well-formed and inside their frame with any names and numbers")
  func anything() throws {
    let seed = SeededGenerator.seed()
    var generator = SeededGenerator(seed: seed)
    let texts = ["<b>", "a & b", "\"'>", "]]>", "\u{0}\u{1B}", "日本 🙂", "", "--"]
    for _ in 0..<300 {
      func text() -> String { texts.randomElement(using: &generator)! }
      func value() -> Double? {
        [nil, 0, .nan, .infinity, -4, 1e18, Double.random(in: 0...100, using: &generator)]
          .randomElement(using: &generator)!
      }
      let count = Int.random(in: 0...40, using: &generator)
      let slots = (0..<count).map { _ in
        TimeChart.Slot(text(), tick: Bool.random(using: &generator) ? text() : nil)
      }
      let lines = (0..<Int.random(in: 0...10, using: &generator)).map { _ in
        TimeChart.Line(text(), (0..<Int.random(in: 0...50, using: &generator)).map { _ in value() })
      }
      for style in [TimeChart.Style.lines, .stackedBars] {
        let html = TimeChart(text(), .count, style, slots: slots, lines: lines).html
        for path in try Drawing(html).paths {
          let numbers = path.split { !($0.isNumber || $0 == "." || $0 == "-") }.compactMap {
            Double($0)
          }
          #expect(numbers.allSatisfy { (0...1000).contains($0) }, "seed \(seed): \(path)")
        }
      }
      let map = HeatMap(
        text(), .count, rows: [text(), text()], columns: [text()],
        values: [[value() ?? 0], []])
      _ = try Drawing(map.html)
      _ = try Drawing(Bar.html(value() ?? 0))
    }
  }

  @Test("are empty if nothing happened")
  func empty() {
    let nothing = TimeChart("", .count, slots: [.init("a")], lines: [.init("users", [0])])
    #expect(nothing.isEmpty)
    #expect(TimeChart("", .count, slots: [], lines: []).isEmpty)
    let fast = TimeChart("", .milliseconds, slots: [.init("a")], lines: [.init("p50", [0])])
    #expect(!fast.isEmpty, "a duration of 0 is a figure, too")
    #expect(
      !TimeChart("", .count, slots: [.init("a")], lines: [.init("users", [1])]).isEmpty)
  }
}

@Suite("Heat maps")
struct HeatMapTests {
  @Test("give zero no colour, the largest value the strongest one, and other values one in between")
  func levels() throws {
    let map = HeatMap(
      "Hours", .count, rows: ["Mon"], columns: ["0", "1", "2", "3"], values: [[0, 1, 25, 100]])
    let cells = try Drawing(map.html).classes(of: "td")
    #expect(cells == ["", "h0", "h1", "h4", "h8"])
  }
}

/// The elements of a chart's markup, read as XML.
private final class Drawing: NSObject, XMLParserDelegate {
  private var elements: [(name: String, attributes: [String: String])] = []
  private(set) var titles: [String] = []
  private var isInTitle = false

  init(_ html: HTML) throws {
    super.init()
    let parser = XMLParser(data: Data("<x>\(html.text)</x>".utf8))
    parser.delegate = self
    guard parser.parse() else {
      throw try #require(parser.parserError, "\(html.text)")
    }
  }

  var paths: [String] { elements.compactMap { $0.attributes["d"] } }
  var labels: [String] { elements.compactMap { $0.attributes["aria-label"] } }
  func paths(of style: String) -> [String] {
    elements.filter { $0.attributes["class"] == style }.compactMap { $0.attributes["d"] }
  }
  func classes(of name: String) -> [String] {
    elements.filter { $0.name == name }.map { $0.attributes["class"] ?? "" }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String] = [:]
  ) {
    elements.append((name, attributes))
    isInTitle = name == "title"
    if isInTitle { titles.append("") }
  }
  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) { isInTitle = false }
  func parser(_ parser: XMLParser, foundCharacters text: String) {
    if isInTitle { titles[titles.count - 1] += text }
  }
}
