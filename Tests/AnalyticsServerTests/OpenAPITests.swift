import AnalyticsConnections
import AnalyticsReports
import AnalyticsRollups
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite("The OpenAPI document", .timeLimit(.minutes(60)))
struct OpenAPITests {
  /// The document's operations: path, method, description.
  private func operations(
    _ document: [String: Any]
  ) -> [(path: String, method: String, operation: [String: Any])] {
    (document["paths"] as? [String: [String: [String: Any]]] ?? [:]).flatMap { path, methods in
      methods.map { (path, $0.key, $0.value) }
    }
  }

  @Test("every operation is answered as the document describes")
  func answers() async throws {
    try await ServerFixture.with(rollups: [OwnReportTests.work]) { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        let document = try await client.get("/openapi.json").object
        #expect(document["openapi"] as? String == "3.1.0")
        let operations = operations(document)
        #expect(operations.count > 50)
        for (path, method, operation) in operations {
          #expect(method == "get")
          let path = path.replacing("{report}", with: OwnReportTests.work.name)
          let report = path.split(separator: "/").last.map(String.init) ?? ""
          let needed = ReportRouteTests.needed(by: report.replacing(".csv", with: ""))
          let answer = try await client.get(path + needed)
          #expect(answer.status == .ok, "\(path) \(answer.text)")
          let responses = operation["responses"] as? [String: [String: Any]] ?? [:]
          let content = responses["200"]?["content"] as? [String: [String: Any]] ?? [:]
          let type = answer.headers[.contentType]?.prefix { $0 != ";" } ?? ""
          let shape = try #require(content[String(type)]?["schema"] as? [String: Any], "\(path)")
          if type == "application/json" { try check(answer.json, shape, document, path) }
          // An unknown parameter is refused with a status that the document lists.
          let refused = try await client.get(path + (needed.isEmpty ? "?" : needed + "&") + "no=1")
          #expect(responses[String(refused.status.code)] != nil, "\(path) \(refused.status)")
          try check(
            refused.json, ["$ref": "#/components/schemas/Problem"], document, "\(path)?no")
        }
      }
    }
  }

  @Test("the answer to too many requests is described in the document")
  func tooMuch() async throws {
    var configuration = ReportServerConfiguration()
    configuration.limits.requestsPerSecond = 1
    configuration.limits.burst = 1
    try await withServer(configuration) { client in
      let document = try await client.get("/openapi.json").object
      // The clock does not advance, so no request is allowed again.
      #expect(try await client.get("/ready").status == .serviceUnavailable)
      var refused = 0
      for (path, _, operation) in operations(document) {
        let responses = operation["responses"] as? [String: Any] ?? [:]
        let status = try await client.get(path).status
        #expect(responses[String(status.code)] != nil, "\(path) \(status)")
        if status == .tooManyRequests { refused += 1 }
      }
      #expect(refused > 50)
    }
  }

  @Test("every route and every parameter of a report is in the document")
  func complete() async throws {
    let configuration = ReportServerConfiguration()
    try await withServer(configuration) { client in
      let operations = operations(try await client.get("/openapi.json").object)
      for type in ReportCatalogue.standard.reports {
        for ending in ["", ".csv"] {
          let found = operations.first { $0.path == "/api/v1/reports/\(type.name)\(ending)" }
          let parameters = found?.operation["parameters"] as? [[String: Any]] ?? []
          let names = Set(parameters.compactMap { $0["name"] as? String })
          #expect(names.isSuperset(of: type.parameters.map(\.name)), "\(type.name)")
          let required = parameters.filter { $0["required"] as? Bool == true }
          let needsOne = ["breakdown", "funnel", "timeline"].contains(type.name)
          #expect(required.count == (needsOne ? 1 : 0), "\(type.name)")
        }
      }
      let core = ReportServer(try AnalyticsDatabase(url: nowhere), configuration).core
      #expect(Set(operations.map(\.path)) == Set(ServerRoutes.api(core).map(\.path)))
    }
  }

  @Test("the schema of a parameter lists the values that the parameter accepts")
  func kinds() async throws {
    try await withServer(ReportServerConfiguration()) { client in
      let operations = operations(try await client.get("/openapi.json").object)
      for (report, name, schema) in [
        ("integrations", "window", #"{"type":"integer","minimum":1,"maximum":366}"#),
        ("tasks", "percentile", #"{"type":"number","exclusiveMinimum":0,"maximum":100}"#),
        ("active-users", "details", #"{"type":"string","enum":["true","false"]}"#),
        ("tasks", "by", #"{"type":"string","enum":["hour","day","week","month","total"]}"#),
        ("timeline", "user", #"{"type":"string","format":"uuid"}"#),
        (
          "tasks", "from",
          #"{"anyOf":[{"type":"string","format":"date"},{"type":"string","format":"date-time"}]}"#
        ),
        ("tasks", "tz", #"{"type":"string"}"#),
      ] {
        let operation = operations.first { $0.path == "/api/v1/reports/\(report)" }?.operation
        let parameters = operation?["parameters"] as? [[String: Any]] ?? []
        let parameter = parameters.first { $0["name"] as? String == name }
        let found = try #require(parameter?["schema"] as? [String: Any], "\(report) \(name)")
        // A repeatable parameter is a list of its values.
        let value = found["items"] as? [String: Any] ?? found
        let expected = try JSONSerialization.jsonObject(with: Data(schema.utf8)) as? [String: Any]
        #expect(
          NSDictionary(dictionary: value) == NSDictionary(dictionary: expected ?? [:]),
          "\(report) \(name): \(value)")
      }
    }
  }

  /// Checks a value against a schema. It supports only the parts of JSON Schema that the document uses.
  private func check(
    _ value: Any?, _ schema: [String: Any], _ document: [String: Any], _ place: String
  ) throws {
    if let reference = schema["$ref"] as? String {
      let name = reference.split(separator: "/").last.map(String.init) ?? ""
      let components = document["components"] as? [String: [String: [String: Any]]]
      let component = try #require(components?["schemas"]?[name], "\(place): no \(name)")
      return try check(value, component, document, place)
    }
    let types = schema["type"] as? [String] ?? [schema["type"] as? String ?? ""]
    switch value {
    case let object as [String: Any]:
      #expect(types.contains("object"), "\(place)")
      for name in schema["required"] as? [String] ?? [] {
        #expect(object[name] != nil, "\(place) lacks \(name)")
      }
      for (name, part) in schema["properties"] as? [String: [String: Any]] ?? [:] {
        if let member = object[name] { try check(member, part, document, "\(place).\(name)") }
      }
    case let list as [Any]:
      #expect(types.contains("array"), "\(place)")
      for item in list.prefix(50) {
        try check(item, schema["items"] as? [String: Any] ?? [:], document, place)
      }
    case is NSNull: #expect(types.contains("null"), "\(place)")
    case is String: #expect(types.contains("string"), "\(place)")
    case let number as NSNumber:
      let isWhole = number.doubleValue == number.doubleValue.rounded()
      #expect(types.contains("number") || types.contains("integer") && isWhole, "\(place)")
    default: Issue.record("\(place) is no JSON")
    }
  }
}
