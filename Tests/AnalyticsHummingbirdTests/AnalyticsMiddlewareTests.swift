import Analytics
import AnalyticsHummingbird
import AnalyticsTestKit
import AnalyticsTestSupport
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@Suite("Requests of a Hummingbird service", .timeLimit(.minutes(60)))
struct AnalyticsMiddlewareTests {
  private static let user = UUID()

  /// An error with the status 418.
  private struct Refusal: HTTPResponseError {
    var status: HTTPResponse.Status { .init(code: 418) }
    func response(from request: Request, context: some RequestContext) throws -> Response {
      Response(status: status)
    }
  }

  private struct Failure: Error {}

  /// Sends requests to a service. Returns the stored events of these requests.
  private func tracked(
    _ requests: [(method: HTTPRequest.Method, path: String)]
  ) async throws -> [StoredEvent] {
    let sink = InMemorySink()
    let client = try AnalyticsClient(
      AnalyticsConfiguration(service: "other", buffer: .memory()), sink: sink)
    let router = Router(options: .autoGenerateHeadEndpoints)
    router.add(
      middleware: AnalyticsMiddleware(client, service: "tasks") { request, _ in
        request.headers[.authorization] == nil ? nil : Self.user
      })
    router.get("/tasks/:id") { _, _ in "a task" }
    router.post("/tasks") { _, _ in HTTPResponse.Status.created }
    router.get("/refused/:id") { _, _ -> String in throw Refusal() }
    router.get("/failed/:id") { _, _ -> String in throw Failure() }
    try await withWorker(client) {
      try await Application(router: router, logger: silentLogger).test(.router) { service in
        for (method, path) in requests {
          let headers: HTTPFields = method == .post ? [.authorization: "Bearer x"] : [:]
          _ = try await service.executeRequest(
            uri: path, method: method, headers: headers, body: nil)
        }
      }
      try await client.flush(timeout: .seconds(300))
    }
    #expect(client.accounting.stored == requests.count && client.accounting.isBalanced)
    return sink.events
  }

  /// The contents of an event as text, without its duration.
  private func line(_ event: StoredEvent) throws -> String {
    let data = try #require(
      try JSONSerialization.jsonObject(with: Data(event.data.utf8)) as? [String: Any])
    #expect(Set(data.keys) == ["endpoint", "method", "status_code", "duration_ms"])
    #expect(event.type == "api_request" && data["duration_ms"] as? Int ?? -1 >= 0)
    let words = ["method", "endpoint", "status_code"].map { "\(data[$0] ?? "none")" }
    let user = event.userID == Self.user ? " user" : ""
    return event.service + " " + words.joined(separator: " ") + user
  }

  @Test("are tracked by pattern, with status and user; no path gets into an event")
  func patterns() async throws {
    let events = try await tracked([
      (.get, "/tasks/17?token=s3cret"), (.head, "/tasks/18"), (.post, "/tasks"),
      (.get, "/refused/s3cret"), (.get, "/failed/s3cret"),
    ])
    // Events may be stored in any order.
    #expect(
      try events.map(line).sorted() == [
        "tasks GET /failed/{id} 500", "tasks GET /refused/{id} 418", "tasks GET /tasks/{id} 200",
        "tasks HEAD /tasks/{id} 200", "tasks POST /tasks 201 user",
      ])
    #expect(!"\(events)".contains("s3cret"))
  }

  @Test("without a route share one pattern and few methods, whatever their paths and methods are")
  func unmatched() async throws {
    let invented = try #require(HTTPRequest.Method(rawValue: "INVENTED"))
    let events = try await tracked(
      (1...20).map { (.get, "/nowhere/\($0)") } + [(invented, "/x"), (.delete, "/tasks")])
    #expect(
      Set(try events.map(line)) == [
        "tasks GET NotFound 404", "tasks other NotFound 404", "tasks DELETE NotFound 404",
      ])
  }
}
