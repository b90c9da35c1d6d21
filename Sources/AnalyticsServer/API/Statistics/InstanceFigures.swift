internal import AnalyticsConnections
package import AnalyticsReports
package import Foundation
internal import NIOCore

extension StatisticsDocument {
  /// The version of the figures' definitions; raised when a figure changes its meaning.
  package static let version = "1"

  /// Reads the current figures in two transactions. The number of queries does not depend on the
  /// amount of data.
  package static func current(
    reports: ReportDatabase, database: ServerDatabase, now: Date
  ) async throws -> StatisticsDocument {
    let instance = try await database.instance()
    let statistics = try await InstanceStatistics(now: now).values(from: reports)
    let document = StatisticsDocument(
      fields: [
        Field(name: "instance_id", value: .text(instance.id.uuidString.lowercased())),
        Field(name: "timestamp", value: .text(LocalTime(now, in: .gmt).text)),
        Field(name: "version", value: .text(version)),
      ]
        + statistics.map { Field(name: $0.figure.name, value: .integer($0.value)) })
    return document.signed(with: instance.signingKey)
  }

  /// The document as `/statistics` sends it.
  package var jsonText: String {
    String(decoding: Body(json, type: "").plain.readableBytesView, as: UTF8.self)
  }
}
