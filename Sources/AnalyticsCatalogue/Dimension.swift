/// What figures are kept by.
///
/// However many values events bring, the figures of a rollup stay few: those values of a UTC day that come first
/// have rows of their own, up to ``limit``, and all others count together as ``other``. Where a rollup has the
/// service among its dimensions, each service has so many values of a field. Sums over a dimension are
/// right in any case.
public struct Dimension: Hashable, Sendable {
  /// The column's name, in snake_case.
  public var name: String
  /// Where it comes from. Absent values become the empty text; 200 characters are kept.
  public var source: Source
  /// How many values are kept, the empty text not counted; 1 to ``limitMax``.
  public var limit: Int

  /// Makes a dimension.
  public init(_ name: String, _ source: Source, limit: Int = Self.limitByDefault) {
    self.name = name
    self.source = source
    self.limit = limit
  }

  /// How many characters of a value are kept: an index cannot hold more than some 2,700 bytes.
  public static let charactersMax = 200
  /// How many values are kept where a definition does not say.
  public static let limitByDefault = 1_000
  /// The highest limit.
  public static let limitMax = 100_000
  /// What all values beyond the limit count as.
  public static let other = "(other)"
}

extension Dimension: Codable {
  private enum CodingKeys: String, CodingKey { case name, source, limit }

  /// Reads a dimension; without a limit it has the usual one.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      try container.decode(String.self, forKey: .name),
      try container.decode(Source.self, forKey: .source),
      limit: try container.decodeIfPresent(Int.self, forKey: .limit) ?? Self.limitByDefault)
  }

  /// The usual limit is left out: definitions from before there were limits stay the same.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(source, forKey: .source)
    if limit != Self.limitByDefault { try container.encode(limit, forKey: .limit) }
  }
}
