import AnalyticsConnections
import AnalyticsPostgres
import AnalyticsTestSupport
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite("Usage statistics", .timeLimit(.minutes(60)))
struct StatisticsTests {
  @Test("have the same signed figures in JSON and CSV")
  func figures() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await register(fixture, daysAgo: ["a": [2, 40], "b": [29], "c": [31]])
      try await fixture.serve { client in
        let json = try await client.get("/statistics")
        let object = json.object
        #expect(object["users"] as? Int == 2)
        #expect(object["environments"] as? Int == 2)
        #expect(object["active_users_7"] as? Int == 2)
        #expect(object["active_users_90"] as? Int == 2)
        #expect(object["production_changes_30"] as? Int == 1)
        #expect(object["timestamp"] as? String == "2026-05-28T20:26:40Z")
        #expect(object["client_apps_allTime"] as? Int == 3)
        #expect(object["client_apps_30d"] as? Int == 2)
        #expect(object["client_apps_7d"] as? Int == 1)
        #expect(object["projects"] == nil, "unknown, and so not 0")
        #expect(UUID(uuidString: object["instance_id"] as? String ?? "") != nil)
        let csv = try await client.get("/statistics/csv")
        let instance = try await instance(fixture)
        for answer in [json, csv] {
          let document = try #require(StatisticsDocument(answer.data))
          #expect(document.isSigned(by: instance))
          #expect(document.canonical.hasPrefix("active_users_30=2\nactive_users_60=2\n"))
        }
        // JSON and CSV of the same moment have the same figures, and so the same signature.
        #expect(csv.text.contains(object["signature"] as? String ?? "none"))
      }
    }
  }

  @Test("reveal any change of a file")
  func changed() async throws {
    try await ServerFixture.with { fixture in
      let (json, csv) = try await fixture.serve { client in
        (try await client.get("/statistics").text, try await client.get("/statistics/csv").text)
      }
      let instance = try await instance(fixture)
      func isSigned(_ text: String) -> Bool? {
        StatisticsDocument(Data(text.utf8))?.isSigned(by: instance)
      }
      #expect(isSigned(json) == true && isSigned(csv) == true)
      for (old, new) in [
        (#""users":0"#, #""users":1"#), (#""users":0,"#, ""),
        (#""version":"1""#, #""version":"2""#),
        (#"{""#, #"{"more":1,""#), ("hmac-sha256:", "hmac-sha256:0"), ("hmac-sha256:", "none:"),
        (#""users""#, #""user""#),
      ] {
        let forged = json.replacing(old, with: new, maxReplacements: 1)
        #expect(forged != json && isSigned(forged) == false, "\(old)")
      }
      #expect(isSigned(csv.replacing(",0,", with: ",1,", maxReplacements: 1)) == false)
      for nothing in ["", "{}x", "[]", "a", "a,b\r\n1\r\n"] { #expect(isSigned(nothing) == nil) }
      // These texts would have the signature of other fields, so they are not read as documents.
      for ambiguous in [
        #"{"a=1\nb":"2"}"#, #"{"a":"1\nb=2"}"#, #"{"a=b":"2"}"#, #"{"a":1,"a":2}"#,
        "{\"caf\u{E9}\":1,\"cafe\u{301}\":2}", "a,a\r\n1,2\r\n", "a,\"b\r\n1,2\r\n",
        "a,b\"c\"\r\n1,2\r\n", "a,b\u{85}1,2",
      ] { #expect(isSigned(ambiguous) == nil, "\(ambiguous)") }
      // A carriage return within a line belongs to the line, so it changes the signature.
      #expect(isSigned(csv.replacing("users", with: "us\rers", maxReplacements: 1)) == false)
      let hash = try #require(csv.firstRange(of: "hmac-sha256:"))
      let wide = csv[hash.upperBound...].unicodeScalars.map { scalar in
        ("0"..."9").contains(scalar) ? Unicode.Scalar(scalar.value + 0xFEE0)! : scalar
      }
      #expect(
        isSigned(csv[..<hash.upperBound] + String(String.UnicodeScalarView(wide))) == false)
      // Another installation has another key.
      try await ServerFixture.with { other in
        let instance = try await self.instance(other)
        #expect(StatisticsDocument(Data(json.utf8))?.isSigned(by: instance) == false)
      }
    }
  }

  /// Registers applications with instances that were last seen this many days before the test's now.
  private func register(_ fixture: ServerFixture, daysAgo: [String: [Double]]) async throws {
    for (name, days) in daysAgo {
      _ = try await fixture.connection.query(
        "INSERT INTO analytics_client_applications (name) VALUES ($1)", [.text(name)])
      for (number, days) in days.enumerated() {
        _ = try await fixture.connection.query(
          """
          INSERT INTO analytics_client_instances (name, instance_id, started_at, last_seen)
          VALUES ($1, $2, '2020-01-01Z', $3)
          """,
          [
            .text(name), .text("\(number)"),
            .timestamptz(TestClock.now.addingTimeInterval(-days * 86_400)),
          ])
      }
    }
  }

  private func instance(_ fixture: ServerFixture) async throws -> InstanceRecord {
    let database = try ServerDatabase(AnalyticsDatabase(url: fixture.url))
    let instance = try await database.instance()
    return instance
  }
}
