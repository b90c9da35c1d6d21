internal import AnalyticsText

extension Rollup {
  /// The longest name of a rollup or column, in bytes. PostgreSQL would cut longer names that are
  /// derived from it.
  public static let nameLengthMax = 24
  /// The longest name, in bytes, of a field that is read as a number, for the same reason.
  public static let numberLengthMax = 53

  /// The reason why this definition cannot be used, in one line; `nil` if it can.
  public var problem: String? {
    let columns = dimensions.map(\.name) + measures.map(\.name)
    if !Self.isName(name) { return "the name \(name) of a rollup is not snake_case, 1…24 bytes" }
    // The version is stored as PostgreSQL's `integer`.
    if version < 1 || version > Int32.max {
      return "the version of the rollup \(name) is \(version), but must be 1 to \(Int32.max)"
    }
    if measures.isEmpty { return "the rollup \(name) has no measure" }
    if let bad = columns.first(where: { !Self.isName($0) || Self.reserved.contains($0) }) {
      return "the rollup \(name) cannot have a column named \(bad)"
    }
    if Set(columns.map { ExactString($0) }).count < columns.count {
      return "the rollup \(name) has two columns of the same name"
    }
    let relations =
      [relation, dailyRelation]
      + distinctMeasures.flatMap {
        [memberRelation($0), dailyMemberRelation($0), quarterlyMemberRelation($0)]
      }
    if Set(relations).count < relations.count {
      return
        "two relations of the rollup \(name) would have the same name: rename a distinct measure"
    }
    if let bad = dimensions.first(where: { !(1...Dimension.limitMax).contains($0.limit) }) {
      return
        "the dimension \(bad.name) of the rollup \(name) has a limit of \(bad.limit) values: "
        + "the limit must be 1 to \(Dimension.limitMax)"
    }
    let numbers = measures.reduce(into: Set()) { $0.formUnion($1.numbers) }
    if let long = numbers.first(where: { $0.text.utf8.count > Self.numberLengthMax }) {
      return
        "the rollup \(name) cannot read numbers from the field \(long.text): its name is "
        + "longer than \(Self.numberLengthMax) bytes"
    }
    return nil
  }

  /// Column names that the tables and views of rollups use themselves.
  private static let reserved: Set<String> = ["quarter", "day", "member", "quarters", "version"]

  private static func isName(_ name: String) -> Bool {
    guard let first = name.utf8.first, name.utf8.count <= nameLengthMax else { return false }
    return first >= UInt8(ascii: "a") && first <= UInt8(ascii: "z")
      && name.utf8.allSatisfy { byte in
        byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      }
  }

  /// The view with the figures of all versions by quarter of an hour. Its columns are `quarter`,
  /// the dimensions, the additive measures, `version` and `_is_pending`. It exists only if the
  /// rollup has additive measures.
  public var relation: String { "analytics_rollup_\(name)" }
  /// The same view by UTC day: it has `day` in place of `quarter`, and in addition
  /// ``histogramBytes(_:)`` for each histogram.
  public var dailyRelation: String { relation + "_daily" }
  /// Returns the name of a column of ``dailyRelation``: all entries of a histogram in a row, eight
  /// bytes each. The server sends these bytes with less work than the array.
  package static func histogramBytes(_ measure: String) -> String { "_\(measure)_bytes" }
  /// Returns the name of a column of ``relation`` and ``dailyRelation``: the ``FirstValue`` entry
  /// that belongs to a text. The smallest of several entries belongs to the earliest event.
  package static func firstEntry(_ measure: String) -> String { "_\(measure)_first" }
  /// The name of a column of all relations except ``memberRelation(_:)``: whether the row comes
  /// from pending events. Reports read stored and pending rows by separate statements, so that they
  /// evaluate pending events only once.
  package static let isPending = "_is_pending"
  /// Returns the name of the view with the distinct values of a measure. Its columns are `day`, the
  /// dimensions, `member`, `quarters` and `version`. `quarters` has one bit for each quarter of an
  /// hour of that UTC day, set if the member was seen in it; the leftmost bit is the first quarter.
  public func memberRelation(_ measure: Measure) -> String {
    Self.identifier(relation + "_" + measure.name)
  }
  /// Returns the name of the view with the same values as sets of numbers, by UTC day: `day`, the
  /// dimensions, `_chunk` and `_members`. A key may have several rows, whose sets have to be
  /// united. ``Source/joins(toNumber:)`` finds the member that has a number.
  package func dailyMemberRelation(_ measure: Measure) -> String {
    Self.identifier(relation + "_" + measure.name + "_daily")
  }
  /// Returns the name of the view with these sets by quarter of an hour.
  package func quarterlyMemberRelation(_ measure: Measure) -> String {
    Self.identifier(relation + "_" + measure.name + "_quarterly")
  }

  /// Returns a name that fits PostgreSQL's limit of 63 bytes. A longer name is cut and ends in a
  /// hash of the whole, since PostgreSQL would cut two long names to the same one.
  package static func identifier(_ name: String) -> String {
    let bytes = Array(name.utf8)
    guard bytes.count > identifierLengthMax else { return name }
    let mark = bytes.reduce(0) { ($0 * 257 + Int($1)) % 2_147_483_647 }
    let end = "_" + String(mark, radix: 16)
    return String(decoding: bytes.prefix(identifierLengthMax - end.utf8.count), as: UTF8.self) + end
  }

  private static let identifierLengthMax = 63

  /// The measures that are columns of ``relation``.
  public var additiveMeasures: [Measure] { measures.filter { !$0.isDistinct } }
  /// The measures whose distinct values are kept in tables of their own.
  public var distinctMeasures: [Measure] { measures.filter(\.isDistinct) }
}
