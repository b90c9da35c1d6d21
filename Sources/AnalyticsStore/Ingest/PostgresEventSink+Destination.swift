public import Analytics
internal import AnalyticsConnections
internal import AnalyticsPostgres
internal import Crypto
public import Foundation

extension PostgresEventSink {
  /// The id of the installation whose tables this database and schema have, by
  /// `analytics_installation()`. See ``EventSink/installation()``.
  ///
  /// A standby has that of its primary, and so has a database that was restored from a dump.
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

  /// What is written into every segment has 200 bytes at most.
  private static let destinationBytesMax = 200

  /// All that decides where rows go: the server and database, the schema, and who asks with which
  /// options, since a user and the options can have a `search_path` of their own.
  ///
  /// A longer one (many hosts) ends in a hash of the whole.
  static func destination(of database: AnalyticsDatabase) -> String {
    let configuration = database.configuration
    var whole = configuration.destination + (database.wantedSchema.map { "#\($0)" } ?? "")
    whole += " user=\(configuration.user)"
    if let options = configuration.options { whole += " options=\(options)" }
    guard whole.utf8.count > destinationBytesMax else { return whole }
    let hash = "~" + SHA256.hash(data: Data(whole.utf8)).hexadecimal.prefix(32)
    var start = whole
    while start.utf8.count + hash.utf8.count > destinationBytesMax {
      start.unicodeScalars.removeLast()
    }
    return start + hash
  }
}
