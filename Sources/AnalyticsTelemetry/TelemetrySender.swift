internal import AnalyticsConnections
internal import AnalyticsText
internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// Sends documents over HTTP. A collector has a document if it answers 202, and only then.
struct TelemetrySender: Sendable {
  private let client: HTTPClient
  private let timeout: Duration

  /// - Parameters:
  ///   - trustRoots: A PEM file of trusted certificate authorities; `nil` for those of the
  ///     system.
  ///   - timeout: How long a collector may take to answer.
  init(trustRoots: String?, timeout: Duration) {
    var configuration = HTTPClient.Configuration()
    // A redirect is a failure: documents go to the named collector only.
    configuration.redirectConfiguration = .disallow
    configuration.timeout.connect = .seconds(10)
    // The outbox tries again, and records why an attempt failed.
    configuration.connectionPool.retryConnectionEstablishment = false
    if let trustRoots {
      var tls = TLSConfiguration.makeClientConfiguration()
      tls.trustRoots = .file(trustRoots)
      configuration.tlsConfiguration = tls
    }
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    self.timeout = timeout
  }

  /// The body of a refusal (RFC 9457).
  private struct Problem: Decodable {
    var detail: String
  }

  func shutDown() async { try? await client.shutdown() }

  /// Sends a document.
  ///
  /// - Throws: ``StoreError`` unless the collector confirms that it has the document. The
  ///   collector may have the document in spite of the error; it recognises a document that is sent
  ///   again.
  func send(_ delivery: TelemetryDatabase.Delivery) async throws {
    let bytes = Array(delivery.document.utf8)
    let key = delivery.key
    var request = HTTPClientRequest(url: try CollectorAddress(delivery.collector).text)
    request.method = .POST
    request.headers.add(name: "Content-Type", value: "application/json")
    request.headers.add(name: "User-Agent", value: "swift-usage-analytics")
    request.headers.add(name: TelemetrySignature.header, value: try key.signature(of: bytes).text)
    request.headers.add(
      name: "Idempotency-Key", value: "\"\(key.publicKey)-\(delivery.period ?? 0)\"")
    request.body = .bytes(ByteBuffer(bytes: bytes))
    let problem: String?
    do {
      // The client's own deadline covers only the head of the answer, and the body may never come.
      let late = StoreError(.collector, "it took longer than \(timeout)")
      problem = try await withDeadline(timeout, late: late) { [request] in
        try await refusal(of: request)
      }
    } catch {
      try Task.checkCancellation()
      throw StoreError(
        .collector, "the collector did not answer: \(SendingFailure.text(of: error))", cause: error)
    }
    if let problem { throw StoreError(.collector, problem) }
  }

  /// Sends a request.
  ///
  /// - Returns: Why the collector refused it; `nil` if the collector has the document.
  private func refusal(of request: HTTPClientRequest) async throws -> String? {
    let response = try await client.execute(request, deadline: .distantFuture)
    guard response.status != .accepted else { return nil }
    // The reason of a refusal is useful; a long page is not.
    let body = try await response.body.collect(upTo: 64 << 10)
    let problem = try? JSONDecoder().decode(Problem.self, from: Data(body.readableBytesView))
    return "the collector answered \(response.status.code)"
      + (problem.map { ": \(DisplayText.line($0.detail, max: 500))" } ?? "")
  }
}
