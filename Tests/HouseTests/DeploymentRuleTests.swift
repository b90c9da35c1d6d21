import AnalyticsTestSupport
import Foundation
import Testing

@Suite("House rules for deploy/", .timeLimit(.minutes(60)))
struct DeploymentRuleTests {
  private static let promtool = "/usr/bin/promtool"

  private func text(_ name: String) throws -> String {
    try #require(Repository.file("deploy/\(name)")).text
  }

  @Test("alerts and dashboard use only documented metrics")
  func metrics() throws {
    let metrics = try #require(Repository.file("docs/METRICS.md")).text
    let asked = try text("alerts.yaml") + text("grafana-dashboard.json")
    let names = Set(
      asked.matches(of: #/\b(?:analytics|http|prometheus)_[a-z_]+[a-z](?=[{\[\) ])/#)
        .map { String($0.output) })
    #expect(names.count > 10, "\(names.sorted())")
    for name in names {
      // The parts of histograms and the units of timers have suffixes.
      let known = name.replacing(#/_bucket$/#, with: "")
      let timer = known.replacing(#/_seconds$/#, with: "")
      #expect(
        metrics.contains("`\(known)`") || metrics.contains("`\(timer)`"),
        "\(name) is in no document")
    }
  }

  @Test("the dashboard is JSON, and its panels have distinct ids")
  func dashboard() throws {
    let dashboard = try JSONSerialization.jsonObject(
      with: Data(text("grafana-dashboard.json").utf8))
    let panels = (dashboard as? [String: Any])?["panels"] as? [[String: Any]] ?? []
    #expect(panels.count > 5)
    #expect(Set(panels.compactMap { $0["id"] as? Int }).count == panels.count)
  }

  @Test(
    "Prometheus accepts the alert rules",
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: promtool),
      "promtool is missing: install Debian's prometheus"))
  func alerts() throws {
    let rules = Repository.root.appendingPathComponent("deploy/alerts.yaml").path
    let check = try ChildProcess.run(Self.promtool, ["check", "rules", rules])
    #expect(check.ending == .exited(0), "\(String(decoding: check.output, as: UTF8.self))")
  }
}
