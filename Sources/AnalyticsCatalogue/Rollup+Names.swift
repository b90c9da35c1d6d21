internal import AnalyticsText

extension Rollup {
  /// The longest name, in bytes, so that PostgreSQL cuts none of the names derived from it.
  public static let nameLengthMax = 24
  /// The longest name of a field that numbers are taken from, in bytes, for the same reason.
  public static let numberLengthMax = 53

  /// What keeps this definition from being used, in one line; `nil` if nothing does.
  public var problem: String? {
    let columns = dimensions.map(\.name) + measures.map(\.name)
    if !Self.isName(name) { return "the name \(name) of a rollup is not snake_case, 1…24 bytes" }
    if version < 1 { return "the version of the rollup \(name) is \(version); it begins with 1" }
    if measures.isEmpty { return "the rollup \(name) has no measure" }
    if let bad = columns.first(where: { !Self.isName($0) || Self.reserved.contains($0) }) {
      return "the rollup \(name) cannot have a column named \(bad)"
    }
    if Set(columns.map { ExactString($0) }).count < columns.count {
      return "the rollup \(name) has two columns of one name"
    }
    let relations =
      [relation, dailyRelation]
      + distinctMeasures.flatMap {
        [memberRelation($0), dailyMemberRelation($0), quarterlyMemberRelation($0)]
      }
    if Set(relations).count < relations.count {
      return "two relations of the rollup \(name) would have one name: rename a distinct measure"
    }
    if let bad = dimensions.first(where: { !(1...Dimension.limitMax).contains($0.limit) }) {
      return
        "the dimension \(bad.name) of the rollup \(name) cannot keep \(bad.limit) values: "
        + "it keeps 1 to \(Dimension.limitMax)"
    }
    let numbers = measures.reduce(into: Set()) { $0.formUnion($1.numbers) }
    if let long = numbers.first(where: { $0.text.utf8.count > Self.numberLengthMax }) {
      return
        "the rollup \(name) cannot take numbers from the field \(long.text): its name is longer than "
        + "\(Self.numberLengthMax) bytes"
    }
    return nil
  }

  /// Columns that tables of rollups have anyway.
  private static let reserved: Set<String> = ["quarter", "day", "member", "quarters", "version"]

  private static func isName(_ name: String) -> Bool {
    guard let first = name.utf8.first, name.utf8.count <= nameLengthMax else { return false }
    return first >= UInt8(ascii: "a") && first <= UInt8(ascii: "z")
      && name.utf8.allSatisfy { byte in
        byte == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      }
  }

  /// The figures by quarter of an hour, of all versions: `quarter`, the dimensions, the additive
  /// measures, `version`, `_is_pending`. Only where there are additive measures.
  public var relation: String { "analytics_rollup_\(name)" }
  /// The same by UTC day: `day` in place of `quarter`, and ``histogramBytes(_:)`` of each histogram.
  public var dailyRelation: String { relation + "_daily" }
  /// Of the relation by day: the column with a histogram's entries one behind the other, eight bytes each. It takes the
  /// server less to send than the array does.
  package static func histogramBytes(_ measure: String) -> String { "_\(measure)_bytes" }
  /// Of the relations by quarter of an hour and by day: beside a text its entry of ``FirstValue``, by which the earliest
  /// of several is found.
  package static func firstEntry(_ measure: String) -> String { "_\(measure)_first" }
  /// Of each relation but ``memberRelation(_:)``: whether a row is of pending events. Reports ask for the two kinds
  /// apart, so that they read pending events once.
  package static let isPending = "_is_pending"
  /// The members of a distinct measure: `day`, the dimensions, `member`, and in `quarters` the
  /// quarters of an hour of that UTC day in which it was seen, the first one leftmost.
  public func memberRelation(_ measure: Measure) -> String {
    Self.identifier(relation + "_" + measure.name)
  }
  /// The same as sets of numbers, by UTC day: `day`, the dimensions, `_chunk` and `_members`. A key may have
  /// several rows; all of them count. ``Source/joins(toNumber:)`` finds who has a number.
  package func dailyMemberRelation(_ measure: Measure) -> String {
    Self.identifier(relation + "_" + measure.name + "_daily")
  }
  /// The same by quarter of an hour.
  package func quarterlyMemberRelation(_ measure: Measure) -> String {
    Self.identifier(relation + "_" + measure.name + "_quarterly")
  }

  /// A name that PostgreSQL takes whole. It cuts longer ones, and two of them might become the same.
  package static func identifier(_ name: String) -> String {
    let bytes = Array(name.utf8)
    guard bytes.count > identifierLengthMax else { return name }
    let mark = bytes.reduce(0) { ($0 * 257 + Int($1)) % 2_147_483_647 }
    let end = "_" + String(mark, radix: 16)
    return String(decoding: bytes.prefix(identifierLengthMax - end.utf8.count), as: UTF8.self) + end
  }

  private static let identifierLengthMax = 63

  /// The measures that are kept in ``relation``.
  public var additiveMeasures: [Measure] { measures.filter { !$0.isDistinct } }
  /// The measures with members.
  public var distinctMeasures: [Measure] { measures.filter(\.isDistinct) }
}
