package import AnalyticsText

extension Series {
  /// The object that ``encode(to:)`` encodes, as JSON on one line. Members have a fixed order, and
  /// those of a row follow the columns. `JSONEncoder` takes longer to write it than most reports
  /// take to run.
  public var json: String {
    var writer = JSONWriter()
    writer.raw("{")
    writer.writeSubject(of: self)
    writer.writeColumns(of: self)
    writer.raw(",")
    writer.name("rows")
    writer.write(rows, of: self, as: columns.map(\.name))
    writer.raw(",")
    if let completeUntil {
      writer.member("complete_until", LocalTime(completeUntil, in: zone).text)
    }
    writer.writeWarnings(of: self)
    writer.raw("}")
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

/// The parts of a series that answers contain. Each answer writes them in its own order.
extension JSONWriter {
  /// Writes a member and a comma after it.
  package mutating func member(_ name: String, _ text: String) {
    self.name(name)
    write(text)
    raw(",")
  }

  /// Writes the name of the report, its range and its time zone.
  package mutating func writeSubject(of series: Series) {
    member("report", series.name)
    if let range = series.range {
      member("from", LocalTime(range.lowerBound, in: series.zone).text)
      member("to", LocalTime(range.upperBound, in: series.zone).text)
    }
    member("time_zone", series.zoneName)
  }

  package mutating func writeColumns(of series: Series) {
    name("columns")
    list("[", "]", series.columns) { writer, column in
      writer.write(.object([("name", .string(column.name)), ("unit", .string(column.unit.name))]))
    }
  }

  /// Writes the warnings, and how to ask for the next page.
  package mutating func writeWarnings(of series: Series) {
    name("notes")
    list("[", "]", series.warnings) { $0.write($1) }
    guard let next = series.nextPage else { return }
    raw(",")
    name("next_page")
    write(.object([(next.parameter, .string(next.value))]))
  }

  /// Writes rows as a list of objects.
  ///
  /// - Parameter names: The name of each column; a column with `nil` is left out.
  package mutating func write(
    _ rows: some Sequence<[Series.Value]>, of series: Series, as names: [String?]
  ) {
    let keys = names.map { $0.map(Self.key) }
    list("[", "]", rows) { $0.write($1, of: series, as: keys) }
  }

  /// Writes a row as an object.
  package mutating func write(
    _ row: [Series.Value], of series: Series, as keys: [[UInt8]?]
  ) {
    raw("{")
    var isFirst = true
    for index in row.indices {
      guard let key = keys[index] else { continue }
      if !isFirst { raw(",") }
      isFirst = false
      append(key)
      switch row[index] {
      case .integer(let number): raw(String(number))
      case .number(let number): write(number)
      case .text(let text): write(text)
      case .null, .absent: raw("null")
      case .others: raw("null,\"is_other\":true")
      case .instant: write(series.text(row[index], in: series.columns[index]) ?? "")
      }
    }
    if let partial = series.partial(row) {
      raw(",\"partial\":\"\(partial.rawValue)\"")
    }
    raw("}")
  }

  /// Returns `"name":` as bytes, to be made once for all rows.
  package static func key(_ name: String) -> [UInt8] {
    var writer = JSONWriter()
    writer.name(name)
    return writer.bytes
  }
}
