import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("The catalogue, compared with the upstream table")
struct CatalogueTests {
  private func decode(_ object: [String: Any]) throws -> AnalyticsEvent {
    try JSONDecoder().decode(
      AnalyticsEvent.self, from: try JSONSerialization.data(withJSONObject: object))
  }

  private func wire(
    _ entry: CatalogueTable.Entry, optionals: Bool = true, _ random: inout SeededGenerator
  ) -> [String: Any] {
    var object: [String: Any] = ["type": entry.type]
    for field in entry.fields where optionals || !field.isOptional {
      object[field.name] = field.value(&random)
    }
    return object
  }

  @Test("has 29 types, and the samples have one event of each")
  func count() {
    #expect(CatalogueTable.entries.count == 29)
    let samples = Set(
      SampleEvents.oneOfEach().compactMap { event -> String? in
        guard let data = try? JSONEncoder().encode(event),
          let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
        else { return nil }
        return object["type"] as? String
      })
    #expect(samples == Set(CatalogueTable.entries.map(\.type)))
  }

  @Test(
    "reads each type from the wire and writes the same fields again",
    arguments: CatalogueTable.entries, [true, false])
  func roundTrip(entry: CatalogueTable.Entry, optionals: Bool) throws {
    var random = SeededGenerator.printingSeed()
    for _ in 0..<20 {
      let object = wire(entry, optionals: optionals, &random)
      let event = try decode(object)
      if case .custom = event { Issue.record("\(entry.type) is read as custom") }
      let written = try JSONEncoder().encode(event)
      #expect(
        try JSONSerialization.jsonObject(with: written) as? NSDictionary == object as NSDictionary)
      #expect(try JSONDecoder().decode(AnalyticsEvent.self, from: written) == event)
    }
  }

  @Test(
    "stores each type's fields except type, user and service, which are columns",
    arguments: CatalogueTable.entries, [true, false])
  func stored(entry: CatalogueTable.Entry, optionals: Bool) throws {
    var random = SeededGenerator.printingSeed()
    let object = wire(entry, optionals: optionals, &random)
    let row = try #require(try rows(service: "client") { $0.track(try decode(object)) }.first)
    var expected = object
    for column in ["type", "user_id", "service"] { expected[column] = nil }
    // No preset stores an OAuth state.
    if entry.type == "oauth_flow_started" { expected["state"] = nil }
    #expect(try row.json == expected as NSDictionary)
    #expect(row.type == entry.type)
    #expect(row.userID?.uuidString.lowercased() == object["user_id"] as? String)
    #expect(row.service == object["service"] as? String ?? "client")
  }

  @Test("refuses an event without a required field", arguments: CatalogueTable.entries)
  func missing(entry: CatalogueTable.Entry) throws {
    var random = SeededGenerator.printingSeed()
    let object = wire(entry, &random)
    for field in entry.fields {
      for absent in [nil, NSNull()] as [Any?] {
        var cut = object
        cut[field.name] = absent
        if field.isOptional || field.mayBeWithheld {
          #expect(throws: Never.self, "\(field.name)") { try decode(cut) }
        } else {
          #expect(throws: DecodingError.self, "\(field.name)") { try decode(cut) }
        }
      }
    }
  }

  @Test("treats null as absent", arguments: CatalogueTable.entries)
  func null(entry: CatalogueTable.Entry) throws {
    var random = SeededGenerator.printingSeed()
    let absent = wire(entry, optionals: false, &random)
    var null = absent
    for field in entry.fields where field.isOptional { null[field.name] = NSNull() }
    #expect(try decode(null) == decode(absent))
  }

  @Test("refuses other types and numbers out of range", arguments: CatalogueTable.entries)
  func wrongTypes(entry: CatalogueTable.Entry) throws {
    var random = SeededGenerator.printingSeed()
    let object = wire(entry, &random)
    for field in entry.fields {
      for wrong in field.wrongValues {
        var changed = object
        changed[field.name] = wrong
        #expect(throws: DecodingError.self, "\(field.name) = \(wrong)") { try decode(changed) }
      }
    }
  }

  @Test("keeps fields that it does not declare", arguments: CatalogueTable.entries, [true, false])
  func unknownFields(entry: CatalogueTable.Entry, optionals: Bool) throws {
    var random = SeededGenerator.printingSeed()
    let object = wire(entry, optionals: optionals, &random)
    var more = object
    more["a_field_of_tomorrow"] = ["x": 1]
    more["nothing"] = NSNull()
    let event = try decode(more)
    #expect(try event == .extended(decode(object), with: ["a_field_of_tomorrow": ["x": 1]]))
    more["nothing"] = nil
    #expect(
      try JSONSerialization.jsonObject(with: JSONEncoder().encode(event)) as? NSDictionary
        == more as NSDictionary)
    for column in ["type", "user_id", "service"] { more[column] = nil }
    if entry.type == "oauth_flow_started" { more["state"] = nil }
    #expect(try rows { $0.track(event) }.first?.json == more as NSDictionary)
  }
}
