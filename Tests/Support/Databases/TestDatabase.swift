internal import AnalyticsText
internal import Foundation

/// An empty database for one test, so that tests can run in parallel.
package struct TestDatabase: Sendable {
  package let name: String
  package let url: String
  private let server: SharedTestServer

  /// Creates the database.
  package static func create(on server: SharedTestServer = .shared) async throws -> TestDatabase {
    let name = "test_" + UUID().uuidString.replacing("-", by: "").lowercased().prefix(16)
    try await server.create(name)
    return TestDatabase(
      name: name, url: replaceDatabase(in: try await server.url(), by: name), server: server)
  }

  /// Drops the database, and disconnects its clients.
  package func drop() async throws {
    try await server.drop(name)
  }

  /// - Parameter url: A URL, or libpq's `key=value` pairs, of which the last one counts.
  package static func replaceDatabase(in url: String, by name: String) -> String {
    guard let scheme = url.firstIndex(ofBytes: "://") else { return "\(url) dbname=\(name)" }
    let rest = url[url.utf8.index(scheme, offsetBy: 3)...].utf8
    let query = rest.firstIndex(of: UInt8(ascii: "?")) ?? rest.endIndex
    let path = rest[..<query].firstIndex(of: UInt8(ascii: "/")) ?? query
    return "\(url[..<path])/\(name)\(url[query...])"
  }
}

/// Runs a test with an empty database, and drops the database afterwards. The test waits until the server
/// has a place for it: see ``SharedTestServer/places``.
///
/// - Parameter body: Gets the database's URL.
package func withTestDatabase<Result>(
  on server: SharedTestServer = .shared, _ body: (_ url: String) async throws -> Result
) async throws -> Result {
  try await server.places.with { try await withDatabase(on: server, body) }
}

private func withDatabase<Result>(
  on server: SharedTestServer, _ body: (_ url: String) async throws -> Result
) async throws -> Result {
  let database = try await TestDatabase.create(on: server)
  let result: Result
  do {
    result = try await body(database.url)
  } catch {
    try? await database.drop()
    throw error
  }
  try await database.drop()
  return result
}
