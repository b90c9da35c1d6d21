internal import AnalyticsConnections
internal import AnalyticsPostgres
internal import AnalyticsTelemetry
internal import Foundation

/// Stores the telemetry that deployments send to a collector. Apart from it, a server writes only
/// the day on which a key was last used.
struct TelemetryInbox: Sendable {
  private let database: AnalyticsDatabase
  private let use: PoolUse

  /// - Parameter timeout: How long a statement may take; the wait for a connection before it is
  ///   limited to the same time.
  init(_ database: AnalyticsDatabase, timeout: Duration) {
    self.database = database
    use = .server(timeout: timeout)
  }

  /// The outcome of receiving a document.
  enum Receipt: String {
    case stored
    /// The same document was stored before.
    case known
    /// A different document is stored for the period.
    case differs
    /// The deployment has used another key before.
    case foreign
  }

  /// Stores a document whose signature was verified.
  func receive(_ document: TelemetryDocument, bytes: [UInt8]) async throws -> Receipt {
    let period = document.snapshot?.period
    let range = period?.range
    let publicKey = Array(Data(base64Encoded: document.publicKey) ?? Data())
    let text = PostgresParameter.jsonb(String(decoding: bytes, as: UTF8.self))
    let receipt: String
    do {
      // A deployment that is told `known` deletes the document, so the answer has to be as durable
      // as `stored`.
      receipt = try await database.write(use, provesEarlier: true) { connection in
        try await connection.query(
          """
          SELECT analytics_telemetry_receive(
              \(document.deployment)::uuid, \(publicKey), \(period?.id), \(range?.lowerBound),
              \(range?.upperBound), \(text))
          """
        ).value()
      }
    } catch let error as PostgresError {
      throw Problem(lookingUp: error)
    }
    guard let receipt = Receipt(rawValue: receipt) else { throw Problem.notMigrated() }
    return receipt
  }
}
