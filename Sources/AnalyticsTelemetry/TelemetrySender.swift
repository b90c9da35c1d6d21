internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// Sends documents over HTTP. A collector has one when it answers 202, and only then.
struct TelemetrySender: Sendable {
  private let client: HTTPClient
  private let timeout: Duration

  /// - Parameter trustRoots: A PEM file of the authorities to believe; those of the system without.
  init(trustRoots: String?, timeout: Duration) {
    var configuration = HTTPClient.Configuration()
    // What leads elsewhere is a failure, not a way.
    configuration.redirectConfiguration = .disallow
    configuration.timeout.connect = .seconds(10)
    if let trustRoots {
      var tls = TLSConfiguration.makeClientConfiguration()
      tls.trustRoots = .file(trustRoots)
      configuration.tlsConfiguration = tls
    }
    client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    self.timeout = timeout
  }

  /// What a refusal says, as RFC 9457 has it.
  private struct Problem: Decodable {
    var detail: String
  }

  func shutDown() async { try? await client.shutdown() }

  /// - Throws: ``TelemetryError`` if the collector did not say that it has it; it may have it all the
  ///   same, and knows it when it comes again.
  func send(_ delivery: TelemetryDatabase.Delivery, signedWith key: TelemetryKey) async throws {
    let bytes = Array(delivery.document.utf8)
    var request = HTTPClientRequest(url: try CollectorAddress(delivery.collector).text)
    request.method = .POST
    request.headers.add(name: "Content-Type", value: "application/json")
    request.headers.add(name: "User-Agent", value: "swift-usage-analytics")
    request.headers.add(name: TelemetrySignature.header, value: try key.signature(of: bytes).text)
    request.headers.add(
      name: "Idempotency-Key", value: "\"\(key.publicKey)-\(delivery.period ?? 0)\"")
    request.body = .bytes(ByteBuffer(bytes: bytes))
    let response: HTTPClientResponse
    do {
      response = try await client.execute(
        request, timeout: .nanoseconds(Int64(timeout / .nanoseconds(1))))
    } catch {
      try Task.checkCancellation()
      throw TelemetryError("no answer of the collector: \(error)")
    }
    guard response.status == .accepted else {
      // What it says of a document is worth knowing; a long page is not.
      let body = try? await response.body.collect(upTo: 4096)
      let problem = body.flatMap {
        try? JSONDecoder().decode(Problem.self, from: Data($0.readableBytesView))
      }
      throw TelemetryError(
        "the collector answered \(response.status.code)" + (problem.map { ": \($0.detail)" } ?? ""))
    }
  }
}
