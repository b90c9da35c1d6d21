public import Analytics
internal import AnalyticsConnections
internal import AnalyticsPostgres
internal import AnalyticsText
internal import Crypto
public import Foundation

extension PostgresEventSink {
  /// Returns the id of the installation whose tables this database and schema hold, as
  /// `analytics_installation()` reports it. See ``EventSink/installation()``.
  ///
  /// A standby has the id of its primary. A database that was restored from a dump has the id of
  /// the original.
  public func installation() async throws(EventSinkError) -> UUID? {
    try await withConnection { connection in
      let schema = try await schema(on: connection)
      let row = try await connection.query(
        "SELECT \(schema).analytics_installation() AS id, now() AS instant", deadline: .seconds(10)
      ).only()
      try note(clockIn: row)
      return try row.decode(UUID.self, "id")
    }
  }

  /// The destination is written into every segment, which has room for 200 bytes.
  private static let destinationBytesMax = 200

  /// Returns all settings that decide where rows go: the server and database, the schema, the user
  /// and the options. The user and the options matter because each can have its own `search_path`.
  ///
  /// A text that would be too long (because of many hosts) is cut and ends in a hash of the whole.
  static func destination(of database: AnalyticsDatabase) -> String {
    let configuration = database.configuration
    var whole = configuration.destination + (database.wantedSchema.map { "#\($0)" } ?? "")
    whole += " user=\(configuration.user)"
    if let options = configuration.options { whole += " options=\(options)" }
    guard whole.utf8.count > destinationBytesMax else { return whole }
    let hash = "~" + Hexadecimal.text(SHA256.hash(data: Data(whole.utf8))).prefix(32)
    var start = whole
    while start.utf8.count + hash.utf8.count > destinationBytesMax {
      start.unicodeScalars.removeLast()
    }
    return start + hash
  }
}
