package import Foundation

/// Whether telemetry is on, what was sent and what waits.
package struct TelemetryStanding: Sendable, Codable {
  /// `nil` while it is off.
  package var collector: String?
  package var onSince: Date?
  package var delivered: Int
  package var lastDeliveredAt: Date?
  /// Those that no collector took for as long as they are kept.
  package var givenUp: Int
  /// The oldest first, at most 1,000.
  package var waiting: [Waiting]

  package struct Waiting: Sendable, Codable {
    /// `nil` for the notice that telemetry was turned off.
    package var period: Int?
    package var createdAt: Date
    package var attempts: Int
    package var nextAttemptAt: Date
    /// Why the last attempt failed.
    package var problem: String?
  }
}
