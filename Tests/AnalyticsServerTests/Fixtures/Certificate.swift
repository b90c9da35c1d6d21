import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsServer

enum Certificate {
  static let canBeMade = FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")

  /// Makes a self-signed certificate for `localhost`.
  static func with(
    _ body: (ReportServerConfiguration.TLSFiles) async throws -> Void
  ) async throws {
    try await withTemporaryDirectory { directory in
      let openssl = try ChildProcess(
        "/usr/bin/openssl",
        [
          "req", "-x509", "-days", "2", "-nodes", "-newkey", "ec", "-pkeyopt",
          "ec_paramgen_curve:prime256v1", "-subj", "/CN=localhost", "-addext",
          "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "certificate.pem",
        ],
        in: directory, error: .null)
      #expect(await openssl.ended() == .exited(0))
      try await body(
        .init(certificate: "\(directory)/certificate.pem", key: "\(directory)/key.pem"))
    }
  }
}
