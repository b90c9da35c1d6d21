package import AnalyticsConnections
internal import AnalyticsText
package import Foundation

/// A document that a deployment sends to a collector: about one closed usage period, or the notice
/// that telemetry is off.
///
/// It contains counts and facts about software, and nothing about a person: no user, no name of an
/// environment, an application or a host, and no address.
public struct TelemetryDocument: Sendable, Hashable, Codable {
  /// The format of documents, which is raised when it changes. In format 1, usage figures have no
  /// measure.
  public static let currentFormat = 2
  /// The maximum size in bytes that a collector accepts.
  public static let bytesMax = 64 * 1024

  /// The format of this document.
  public var format = currentFormat
  /// The id of the installation, a UUID in lower case.
  public var deployment: String
  /// The Ed25519 key that verifies the signature, in base64.
  public var publicKey: String
  /// The figures of a period; `nil` in a notice.
  public var snapshot: TelemetrySnapshot?
  /// `telemetry is turned off` in a notice; `nil` in other documents.
  public var notice: String?

  static let turnedOff = "telemetry is turned off"

  private enum CodingKeys: String, CodingKey {
    case format, deployment
    case publicKey = "public_key"
    case snapshot, notice
  }
}

/// The counts of one closed usage period, and the state of the deployment when the document
/// was written.
public struct TelemetrySnapshot: Sendable, Hashable, Codable {
  /// The period, with its real start and end.
  public var period: Period
  /// The counts of the period, over all replicas.
  public var usage: [Figure]
  /// Instance statistics, by name: users, environments, client applications, changes in production.
  public var statistics: [String: Int]
  /// The versions of the software that the deployment runs on.
  public var software: Software

  /// A closed usage period.
  public struct Period: Sendable, Hashable, Codable {
    /// The id of the period. It rises from period to period of a deployment.
    public var id: Int
    /// The start in UTC, to the millisecond, as `2026-11-21T10:30:00.000Z`.
    public var startedAt: String
    /// The end, in the form of ``startedAt``.
    public var endedAt: String

    private enum CodingKeys: String, CodingKey {
      case id
      case startedAt = "started_at"
      case endedAt = "ended_at"
    }
  }

  /// A usage figure: the sum of a counter, or the number of distinct members of a set.
  public struct Figure: Sendable, Hashable, Codable {
    /// The kind of usage, such as `boundary`.
    public var kind: String
    /// Whether the figure can be added up; `nil` in format 1.
    public var measure: Measure?
    /// The name of the counter or the set, such as `allowed_requests`.
    public var name: String
    /// The value; 0 or more.
    public var value: Int
  }

  /// Whether a figure can be added up.
  public enum Measure: String, Sendable, Hashable, Codable {
    /// The sum of a counter. It can be added up over periods and over deployments.
    case sum
    /// The number of members of a set. A member that occurs in two periods is the same member, so
    /// figures of several periods cannot be added up.
    case members
  }

  /// Versions of software.
  public struct Software: Sendable, Hashable, Codable {
    /// The number of the newest migration that ran.
    public var migration: Int
    /// The version of PostgreSQL, such as `15.18`.
    public var postgresql: String
    /// The version of the extension TimescaleDB; `nil` without it.
    public var timescaledb: String?
  }
}

extension TelemetryDocument {
  /// The bytes that are sent: members in alphabetical order, without spaces. Equal documents have
  /// equal bytes.
  var bytes: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Encoding cannot fail: there are no floating-point numbers, and all keys are texts.
    return (try? encoder.encode(self)).map(Array.init) ?? []
  }

  /// Parses a document strictly: it accepts what ``bytes`` returns, and nothing else.
  ///
  /// - Throws: ``StoreError/Code/document``, with what is wrong with the document.
  package init(strictly bytes: [UInt8]) throws(StoreError) {
    guard bytes.count <= Self.bytesMax else {
      throw StoreError(.document, "the document is longer than \(Self.bytesMax) bytes")
    }
    let read: TelemetryDocument
    do {
      read = try JSONDecoder().decode(TelemetryDocument.self, from: Data(bytes))
    } catch let error as DecodingError {
      throw StoreError(.document, "this is not a telemetry document: \(error.words)")
    } catch {
      throw StoreError(.document, "this is not a telemetry document")
    }
    guard (1...Self.currentFormat).contains(read.format) else {
      throw StoreError(
        .document,
        "the document has format \(read.format), but only formats up to "
          + "\(Self.currentFormat) are supported"
      )
    }
    // Unknown members, and members that occur twice, are lost when the document is encoded again.
    guard read.bytes == bytes else {
      throw StoreError(.document, "the document has unknown members, or is not in canonical form")
    }
    try read.requireBounds()
    self = read
  }

  private func requireBounds() throws(StoreError) {
    guard let id = UUID(uuidString: deployment), id.uuidString.lowercased().isSame(as: deployment)
    else {
      throw StoreError(.document, "deployment must be a UUID in lower case")
    }
    guard Data(base64Encoded: publicKey)?.count == 32 else {
      throw StoreError(.document, "public_key must be an Ed25519 key in base64")
    }
    switch (snapshot, notice) {
    case (nil, let notice?) where notice.isSame(as: Self.turnedOff): return
    case (let snapshot?, nil):
      guard snapshot.usage.allSatisfy({ ($0.measure == nil) == (format == 1) }) else {
        throw StoreError(
          .document, "usage figures must have a measure from format 2 on, and none in format 1")
      }
      try snapshot.requireBounds()
    default: throw StoreError(.document, "a document must have either a snapshot or the notice")
    }
  }
}

extension TelemetrySnapshot {
  fileprivate func requireBounds() throws(StoreError) {
    guard let range = period.range, period.id > 0 else {
      throw StoreError(
        .document, "the period must have an id above 0, and must not end before it starts")
    }
    guard range.upperBound < Date().addingDays(1) else {
      throw StoreError(.document, "the period ends more than a day ahead of the collector's clock")
    }
    guard usage.allSatisfy({ Self.isName($0.kind) && Self.isName($0.name) }),
      statistics.keys.allSatisfy(Self.isName)
    else {
      throw StoreError(
        .document, "the name of a figure must have 1 to 100 bytes and no control characters")
    }
    let names = usage.map { figure in
      [figure.kind, figure.name, figure.measure?.rawValue ?? ""].map { Array($0.utf8) }
    }
    guard zip(names, names.dropFirst()).allSatisfy({ isAscending($0, $1) }) else {
      throw StoreError(.document, "usage figures must be in order, each once")
    }
    guard (usage.map(\.value) + statistics.values).allSatisfy(Self.values.contains) else {
      throw StoreError(.document, "a figure is below 0, or above 10^15")
    }
    guard software.migration > 0,
      ([software.postgresql] + [software.timescaledb].compactMap(\.self)).allSatisfy(Self.isName)
    else { throw StoreError(.document, "a software version is invalid") }
  }

  /// Compares the kind, name and measure of figures by their bytes. A counter and a set may have
  /// the same name.
  private func isAscending(_ one: [[UInt8]], _ other: [[UInt8]]) -> Bool {
    one.lexicographicallyPrecedes(other) { $0.lexicographicallyPrecedes($1) }
  }

  /// The limit keeps sums of many figures exact.
  private static let values = 0...1_000_000_000_000_000

  private static func isName(_ text: String) -> Bool {
    (1...100).contains(text.utf8.count) && text.utf8.allSatisfy { $0 >= 32 && $0 != 127 }
  }
}

extension TelemetrySnapshot.Period {
  init(id: Int, startedAt: Date, endedAt: Date) {
    self.init(id: id, startedAt: Self.text(startedAt), endedAt: Self.text(endedAt))
  }

  /// The range of the period; `nil` if start or end are not in the required form, or the end is
  /// before the start.
  package var range: Range<Date>? {
    guard let start = Self.instant(startedAt), let end = Self.instant(endedAt), start <= end else {
      return nil
    }
    return start..<end
  }

  /// Returns an instant in whole milliseconds. They are rounded, because a `Double` may be slightly
  /// below one.
  private static func text(_ date: Date) -> String {
    let milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded())
    // The last three of six digits are zeros.
    return RFC3339.text(microseconds: milliseconds * 1000).dropLast(4) + "Z"
  }

  private static func instant(_ text: String) -> Date? {
    guard let microseconds = RFC3339.microseconds(text) else { return nil }
    let date = Date(microsecondsSinceUnixEpoch: microseconds)
    return self.text(date).isSame(as: text) ? date : nil
  }
}

extension DecodingError {
  /// The place at which the document is wrong, without its content there. Names of members may have
  /// any length.
  fileprivate var words: String {
    func place(_ context: Context) -> String {
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      return path.isEmpty ? "the document" : DisplayText.line(path, max: 200)
    }
    return switch self {
    case .keyNotFound(let key, let context): "\(key.stringValue) is missing in \(place(context))"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "\(place(context)) has the wrong type"
    case .dataCorrupted(let context): "\(place(context)) cannot be read"
    @unknown default: "the document cannot be read"
    }
  }
}
