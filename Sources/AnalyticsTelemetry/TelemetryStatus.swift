package import Foundation

/// The state of telemetry: whether it is on, what was delivered, and what waits.
package struct TelemetryStatus: Sendable, Codable {
  /// The URL of the collector; `nil` while telemetry is off.
  package var collector: String?
  package var onSince: Date?
  package var delivered: Int
  package var lastDeliveredAt: Date?
  /// The number of documents that no collector accepted in time: see
  /// ``TelemetryService/Options/giveUpAfter``.
  package var givenUp: Int
  /// The documents that wait, oldest first; at most 1,000.
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
