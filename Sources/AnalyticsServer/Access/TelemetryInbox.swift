internal import AnalyticsConnections
internal import AnalyticsPostgres
internal import AnalyticsTelemetry
internal import Foundation

/// Where a collector keeps what deployments send. Besides it a server writes only on which day a key was used.
struct TelemetryInbox: Sendable {
  private let database: AnalyticsDatabase
  private let use: PoolUse

  /// - Parameter timeout: How long a statement may take, and before it the wait for a connection.
  init(_ database: AnalyticsDatabase, timeout: Duration) {
    self.database = database
    use = .server(timeout: timeout)
  }

  /// What becomes of a document.
  enum Receipt: String {
    case stored
    /// It was stored before.
    case known
    /// Something else is stored of that period.
    case differs
    /// The deployment has another key.
    case foreign
  }

  /// Stores a document whose signature is valid.
  func receive(_ document: TelemetryDocument, bytes: [UInt8]) async throws -> Receipt {
    let period = document.snapshot?.period
    let range = period?.range
    let publicKey = Array(Data(base64Encoded: document.publicKey) ?? Data())
    let text = PostgresParameter.jsonb(String(decoding: bytes, as: UTF8.self))
    let receipt: String
    do {
      // A deployment that is told `known` forgets the document, so that has to be as safe as `stored`.
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
