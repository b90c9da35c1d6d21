/// What figures are kept by.
///
/// The values that come first on a UTC day have figures of their own, up to ``limit``. All others count together as
/// ``other``. If a rollup has the service as a dimension too, the limit of a field holds for each service. Sums over a
/// dimension are exact in any case.
public struct Dimension: Hashable, Sendable {
  /// The column's name, in snake_case.
  public var name: String
  /// Where it comes from. Absent values become the empty text; 200 characters are kept.
  public var source: Source
  /// How many values are kept of a day, besides the empty text; 1 to ``limitMax``.
  public var limit: Int

  /// Makes a dimension.
  public init(_ name: String, _ source: Source, limit: Int = Self.limitByDefault) {
    self.name = name
    self.source = source
    self.limit = limit
  }

  /// Whether it is the service or the environment of an event, as the built-in rollups have them; others may only be
  /// called so.
  package var isOfOrigin: Bool {
    Rollup.origin.contains { $0.name == name && $0.source == source }
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
