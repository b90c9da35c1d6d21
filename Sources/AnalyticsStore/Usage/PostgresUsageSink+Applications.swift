public import Analytics
internal import AnalyticsPostgres
internal import AnalyticsText
internal import Foundation

extension PostgresUsageSink: ClientApplicationSink {
  /// Registers client applications and their instances. See ``ClientApplicationSink/register(_:)``.
  public func register(_ sightings: [ClientSighting]) async throws(EventSinkError) {
    let now = Date().microsecondsSinceUnixEpoch
    let applications = sightings.map(\.application)
    let ages = sightings.map {
      (Double(now) - Double($0.lastSeen.microsecondsSinceUnixEpoch)) / 1_000_000
    }
    let columns: SQL = """
      \(applications.map(\.name)), \(applications.map(\.instanceID)),
      \(applications.map { $0.version ?? "" }), \(applications.map { $0.environment ?? "" }),
      \(applications.map(\.startedAt.postgres)), \(ages)
      """
    // Instances that are known already, perhaps from an attempt that got no answer, are not written
    // again. So COMMIT has to wait until that earlier attempt is durable.
    try await database.transaction(provesEarlier: true) { connection, schema in
      _ = try await connection.query("SELECT \(schema).analytics_register_clients(\(columns))")
    }
  }
}
