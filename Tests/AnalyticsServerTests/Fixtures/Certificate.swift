import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsServer

enum Certificate {
  static let canBeMade = FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")

  /// A certificate for `localhost` that is its own authority.
  static func with(
    _ body: (ReportServerConfiguration.TLSFiles) async throws -> Void
  ) async throws {
    try await withTemporaryFolder { folder in
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
      process.currentDirectoryURL = URL(fileURLWithPath: folder)
      process.arguments = [
        "req", "-x509", "-days", "2", "-nodes", "-newkey", "ec", "-pkeyopt",
        "ec_paramgen_curve:prime256v1", "-subj", "/CN=localhost", "-addext",
        "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "certificate.pem",
      ]
      process.standardError = FileHandle.nullDevice
      #expect(try await process.ended() == 0)
      try await body(
        .init(certificate: "\(folder)/certificate.pem", key: "\(folder)/key.pem"))
    }
  }
}
