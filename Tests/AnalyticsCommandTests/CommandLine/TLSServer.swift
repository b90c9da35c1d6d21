import AnalyticsTestSupport
import Foundation
import LocalPostgres

/// A server that accepts TCP connections with a password. It has a certificate for `localhost` from an authority of its
/// own.
struct TLSServer {
  let server: LocalPostgres
  /// The certificate of the authority that signed the server's certificate.
  let authority: String
  /// The certificate of an unrelated authority.
  let otherAuthority: String

  static let isPossible = FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")
  static let absence = "openssl is not installed: run `apt-get install openssl`"

  /// Runs a test with a migrated server.
  static func with(_ body: (TLSServer) async throws -> Void) async throws {
    let server = try await LocalPostgres.startTemporary(listensOnTCP: true)
    let directory = server.directory
    try authority("authority", in: directory)
    try authority("other", in: directory)
    try certificate(in: directory)
    for name in ["server.key", "server.crt"] { try server.takeOver("\(directory)/\(name)") }
    let url = server.url(database: "postgres")
    for (name, value) in [
      ("ssl_cert_file", "\(directory)/server.crt"), ("ssl_key_file", "\(directory)/server.key"),
      ("ssl", "on"),
    ] {
      try await execute("ALTER SYSTEM SET \(name) = '\(value)'", on: url)
    }
    try await server.restart()
    let migrated = try await analytics("migrate", environment: ["DATABASE_URL": url])
    guard migrated.exitCode == 0 else { throw CocoaError(.featureUnsupported) }
    try await body(
      TLSServer(
        server: server, authority: "\(directory)/authority.crt",
        otherAuthority: "\(directory)/other.crt")
    )
    try await server.stop(.immediate)
  }

  /// The URL, with a host name for which the certificate is valid.
  var url: String {
    (server.tcpURL(database: "postgres") ?? "").replacing("@127.0.0.1", with: "@localhost")
  }

  private static func authority(_ name: String, in directory: String) throws {
    try openssl(
      ["req", "-x509", "-days", "2", "-subj", "/CN=\(name)", "-keyout", "\(name).key"]
        + ["-out", "\(name).crt"] + newKey, in: directory)
  }

  private static func certificate(in directory: String) throws {
    try openssl(
      ["req", "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr"] + newKey,
      in: directory)
    try "subjectAltName=DNS:localhost".write(
      toFile: "\(directory)/names", atomically: false, encoding: .utf8)
    try openssl(
      [
        "x509", "-req", "-days", "2", "-in", "server.csr", "-out", "server.crt", "-extfile",
        "names",
      ]
        + ["-CA", "authority.crt", "-CAkey", "authority.key", "-CAcreateserial"], in: directory)
  }

  private static let newKey = [
    "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
  ]

  private static func openssl(_ arguments: [String], in directory: String) throws {
    let ending = try ChildProcess.run("/usr/bin/openssl", arguments, in: directory).ending
    guard ending == .exited(0) else { throw CocoaError(.fileWriteUnknown) }
  }
}
