public import Analytics
internal import AnalyticsPostgres
internal import Foundation

extension PostgresUsageSink: ClientApplicationSink {
  /// Registers applications and their instances. See ``ClientApplicationSink/register(_:)``.
  public func register(_ sightings: [ClientSighting]) async throws(EventSinkError) {
    let now = Int64(Date().timeIntervalSince1970 * 1_000_000)
    let applications = sightings.map(\.application)
    let parameters: [PostgresParameter] = [
      .textArray(applications.map(\.name)), .textArray(applications.map(\.instanceID)),
      .textArray(applications.map { $0.version ?? "" }),
      .textArray(applications.map { $0.environment ?? "" }),
      .timestamptzArray(
        applications.map {
          Date(timeIntervalSince1970: Double($0.startedAt.microsecondsSinceUnixEpoch) / 1_000_000)
        }),
      .float8Array(
        sightings.map { Double(now - $0.lastSeen.microsecondsSinceUnixEpoch) / 1_000_000 }),
    ]
    // Who is known already, perhaps from an attempt that was not confirmed, is not written again.
    try await database.transaction(provesEarlier: true) { connection, schema in
      _ = try await connection.query(UsageStatement.register.text(in: schema), parameters)
    }
  }
}
