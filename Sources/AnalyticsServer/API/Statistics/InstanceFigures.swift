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
    let series = try await InstanceStatistics(now: now).series(from: reports)
    let figures = zip(series.columns, series.rows.first ?? []).map { column, value in
      Field(
        name: column.name,
        value: .text(series.text(value, in: column) ?? ""))
    }
    let document = StatisticsDocument(
      fields: [
        Field(name: "instance_id", value: .text(instance.id.uuidString.lowercased())),
        Field(name: "timestamp", value: .text(LocalTime(now, in: .gmt).text)),
        Field(name: "version", value: .text(version)),
      ]
        + figures.map { figure in
          guard case .text(let text) = figure.value, let number = Int(text) else { return figure }
          return Field(name: figure.name, value: .integer(number))
        })
    return document.signed(with: instance.signingKey)
  }

  /// The document as `/statistics` sends it.
  package var jsonText: String {
    String(decoding: Body(json, type: "").plain.readableBytesView, as: UTF8.self)
  }
}
