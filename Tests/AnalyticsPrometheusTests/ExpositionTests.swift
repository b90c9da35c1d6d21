import AnalyticsPrometheus
import Testing

@Suite("Metrics as text")
struct ExpositionTests {
  private let families = [
    MetricFamily(
      "requests_total", .counter, help: "Answered requests.",
      samples: [.init(3, labels: [.init("route", "/a\"b\\c\nd")])]),
    MetricFamily("users_total", .gauge, help: "Users\nand \"more\".", samples: [.init(2.5)]),
  ]

  @Test("are written in the format of Prometheus")
  func prometheus() {
    #expect(
      Exposition.text(families, as: .prometheus) == """
        # HELP requests_total Answered requests.
        # TYPE requests_total counter
        requests_total{route="/a\\"b\\\\c\\nd"} 3
        # HELP users_total Users\\nand "more".
        # TYPE users_total gauge
        users_total 2.5

        """)
  }

  @Test("are written in the format of OpenMetrics: counter names have no suffix, the end is marked")
  func openMetrics() {
    #expect(
      Exposition.text(families, as: .openMetrics) == """
        # HELP requests Answered requests.
        # TYPE requests counter
        requests_total{route="/a\\"b\\\\c\\nd"} 3
        # HELP users_total Users\\nand \\"more\\".
        # TYPE users_total gauge
        users_total 2.5
        # EOF

        """)
  }

  @Test(
    "are written in the format that the scraper prefers",
    arguments: [
      (nil, .prometheus), ("*/*", .prometheus), ("text/html", .prometheus),
      ("application/openmetrics-text; version=1.0.0", .openMetrics),
      ("application/openmetrics-text;q=0.5, text/plain;q=0.9", .prometheus),
      ("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5", .openMetrics),
    ] as [(String?, Exposition.Format)])
  func negotiation(accept: String?, format: Exposition.Format) {
    #expect(Exposition.Format(accept: accept) == format)
  }

  @Test("names that Prometheus would refuse are changed to valid names")
  func names() {
    let family = MetricFamily("2nd.http-requests é", .gauge, help: "", samples: [])
    #expect(family.name == "_2nd_http_requests__")
  }
}
