import AnalyticsTestSupport
import Foundation
import Testing

@Suite("The process exits", .timeLimit(.minutes(60)))
struct ExitTests {
  @Test("a connection's thread that is about to end ends before the libraries are taken down")
  func threads() async throws {
    try await withServer { _, url in
      for _ in 0..<3 {
        let subject = try ChildProcess(product("AnalyticsServiceSubject").path, ["exit", url])
        #expect(await subject.ended() == .exited(0))
      }
    }
  }
}
