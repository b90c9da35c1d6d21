internal import AnalyticsReports
internal import AnalyticsText
internal import Crypto
internal import Foundation
internal import NIOCore

/// A range of the rows of a list.
struct Page: Sendable {
  var offset = 0
  var limit = rowsMax

  /// The largest number of rows in an answer.
  static let rowsMax = 20_000

  static func parameters(limit: Int = rowsMax) -> [RouteParameter] {
    [
      RouteParameter(
        "limit", "the largest number of rows; by default \(limit)", .integer(1...limit)),
      RouteParameter(
        "offset", "how many rows to skip; by default 0", .integer(0...Int(Int32.max))),
    ]
  }

  /// Reads `limit` and `offset` of a request.
  init(_ query: QueryItems, limit: Int = rowsMax) throws(Problem) {
    self.limit = try query.integer("limit", in: 1...limit) ?? limit
    offset = try query.integer("offset", in: 0...Int(Int32.max)) ?? 0
  }

  init() {}

  func of<Rows: Collection>(_ rows: Rows) -> Rows.SubSequence {
    rows.dropFirst(offset).prefix(limit)
  }

  /// The offset of the next page; `nil` if this is the last one.
  func next(of count: Int) -> Int? { offset + limit < count ? offset + limit : nil }
}

extension QueryItems {
  func integer(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
    guard let text = self[name] else { return nil }
    guard values[name]?.count == 1, let number = Int(text), range.contains(number) else {
      throw .invalid(name, "\(name) \(ReportParameter.Kind.integer(range).rule)")
    }
    return number
  }
}

extension Body {
  /// Writes a series with its metadata, in the format of `analytics report --format json`.
  static func json(_ series: Series, _ page: Page = Page()) -> Body {
    var writer = JSONWriter()
    writer.raw("{")
    writer.writeSubject(of: series)
    if let until = series.completeUntil {
      writer.member("complete_until", LocalTime(until, in: series.zone).text)
    }
    writer.writeColumns(of: series)
    writer.raw(",")
    writer.name("rows")
    writer.write(page.of(series.rows), of: series, as: series.columns.map(\.name))
    writer.raw(",")
    writer.name("total_rows")
    writer.raw(String(series.rows.count))
    writer.raw(",")
    writer.writeWarnings(of: series)
    writer.raw("}")
    return Body(writer.bytes, type: MediaType.json)
  }

  /// Writes the rows alone, as a list of objects, or as a single object if `isSingle`.
  ///
  /// - Parameter names: The columns' names in the output; a column whose name is `nil` is left out.
  static func rows(_ series: Series, as names: [String?], isSingle: Bool, _ page: Page) -> Body {
    var writer = JSONWriter()
    if isSingle, let row = series.rows.first {
      writer.write(row, of: series, as: names.map { $0.map(JSONWriter.key) })
    } else {
      writer.write(page.of(series.rows), of: series, as: names)
    }
    return Body(writer.bytes, type: MediaType.json)
  }

  static func csv(_ series: Series, _ page: Page) -> Body {
    var series = series
    series.rows = Array(page.of(series.rows))
    return Body(series.csv, type: MediaType.csv)
  }

  /// A weak ETag of the content: it is the same whether the body is compressed or not.
  var tag: String {
    let hash = plain.withUnsafeReadableBytes { SHA256.hash(data: $0) }
    return "W/\"\(Data(hash.prefix(16)).base64URL)\""
  }
}

/// The media types of the server's responses.
enum MediaType {
  static let json = "application/json"
  static let csv = "text/csv; charset=utf-8"
  static let problem = "application/problem+json"
  static let html = "text/html; charset=utf-8"
}
