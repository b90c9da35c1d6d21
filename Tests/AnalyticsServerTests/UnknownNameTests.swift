import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import AnalyticsServer

@Suite("Names that no event has, over HTTP", .timeLimit(.minutes(60)))
struct UnknownNameTests {
  @Test("a name that no event has is refused with status 400, the parameter and a suggestion")
  func refused() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        for (query, parameter, meant) in [
          ("breakdown?event=task_create", "event", "task_created"),
          ("breakdown?event=task_created&property=comand", "property", "command"),
          ("breakdown?event=task_created&where=comand%3Dls", "where", "command"),
          ("breakdown?event=task_created&where=command%3D%3Dls", "where", "="),
          ("funnel?step=task_created&step=task_complete", "step", "task_completed"),
          ("cohorts?first_event=task_create", "first_event", "task_created"),
          ("events-by-type?event_type=task_create", "event_type", "task_created"),
          ("api-latency?endpoint=%2Fslo", "endpoint", "/slow"),
        ] {
          for ending in ["", ".csv"] {
            let path = "/api/v1/reports/" + query.replacing("?", with: "\(ending)?")
            let answer = try await client.get(path)
            #expect(answer.status == .badRequest, "\(path) \(answer.text)")
            #expect(answer.parameter == parameter)
            let detail = answer.object["detail"] as? String ?? ""
            #expect(detail.contains("did you mean \(meant)?"), "\(detail)")
          }
        }
      }
    }
  }

  @Test("a saved link to a type that does not exist shows the page with a line that explains this")
  func savedLinks() async throws {
    try await ServerFixture.with { fixture in
      try await fixture.store(SomeEvents.all())
      try await fixture.serve { client in
        for query in [
          "event=task_create", "ask=funnel&step=task_created&step=task_create",
          "ask=retention&first_event=task_create",
        ] {
          let answer = try await client.get("/dashboard/explore?\(query)")
          #expect(answer.status == .badRequest)
          let words = try Markup(answer.text).words
          #expect(
            words.contains(
              "there is no event type &quot;task_create&quot;: did you mean task_created?"),
            "\(words)")
        }
      }
    }
  }
}
