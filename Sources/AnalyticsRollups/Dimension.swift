/// A column by which a rollup groups its figures.
///
/// The first ``limit`` distinct values of each UTC day get figures of their own. All further values
/// of that day are counted together as ``other``. If the rollup also has the service as a
/// dimension, the limit of a field or of the user applies to each service separately. Sums over all
/// values of a dimension are always exact.
public struct Dimension: Hashable, Sendable {
  /// The column's name, in snake_case.
  public var name: String
  /// The part of the event that the value comes from. A missing value becomes the empty text.
  /// Longer values are cut to ``charactersMax`` characters.
  public var source: Source
  /// The number of distinct values that are kept per UTC day, not counting the empty text; 1 to
  /// ``limitMax``.
  public var limit: Int

  /// Makes a dimension.
  public init(_ name: String, _ source: Source, limit: Int = Self.limitByDefault) {
    self.name = name
    self.source = source
    self.limit = limit
  }

  /// Whether this is the service or environment dimension of the built-in rollups. A dimension of
  /// an application's own rollup may have the same name and another source.
  package var isOfOrigin: Bool {
    Rollup.origin.contains { $0.name == name && $0.source == source }
  }

  /// The number of characters of a value that are kept. An index entry cannot hold more than about
  /// 2,700 bytes.
  public static let charactersMax = 200
  /// The limit of a dimension whose definition names none.
  public static let limitByDefault = 1_000
  /// The highest ``limit`` that a dimension may have.
  public static let limitMax = 100_000
  /// The value as which all values beyond the limit are counted.
  public static let other = "(other)"
}

extension Dimension: Codable {
  private enum CodingKeys: String, CodingKey { case name, source, limit }

  /// Reads a dimension. Without a limit it gets ``limitByDefault``.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      try container.decode(String.self, forKey: .name),
      try container.decode(Source.self, forKey: .source),
      limit: try container.decodeIfPresent(Int.self, forKey: .limit) ?? Self.limitByDefault)
  }

  /// Writes a dimension. ``limitByDefault`` is left out, so that definitions from before limits
  /// existed stay the same.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(source, forKey: .source)
    if limit != Self.limitByDefault { try container.encode(limit, forKey: .limit) }
  }
}
