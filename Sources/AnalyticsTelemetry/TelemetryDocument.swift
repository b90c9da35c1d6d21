package import AnalyticsConnections
internal import AnalyticsText
package import Foundation

/// What a deployment says to a collector: of one closed usage period, or that it says no more.
///
/// Counts and facts of software, and nothing of a person: no user, no name of an environment, an
/// application or a host, no address.
public struct TelemetryDocument: Sendable, Hashable, Codable {
  /// Which documents these are; raised when there are others. In format 1 figures of usage have no measure.
  public static let currentFormat = 2
  /// The most bytes that a collector takes.
  public static let bytesMax = 64 * 1024

  /// ``currentFormat`` of whoever wrote it.
  public var format = currentFormat
  /// Id of the installation, a UUID in lower case.
  public var deployment: String
  /// The Ed25519 key that the signature is checked with, in base64.
  public var publicKey: String
  /// What it says of a period; `nil` in a notice.
  public var snapshot: TelemetrySnapshot?
  /// `telemetry is turned off`, in the last document; `nil` in others.
  public var notice: String?

  static let turnedOff = "telemetry is turned off"

  private enum CodingKeys: String, CodingKey {
    case format, deployment
    case publicKey = "public_key"
    case snapshot, notice
  }
}

/// What was counted in one closed usage period, and how the deployment stood when it was written
/// down.
public struct TelemetrySnapshot: Sendable, Hashable, Codable {
  /// Which period, and its true start and end.
  public var period: Period
  /// What was counted in it, over all replicas.
  public var usage: [Figure]
  /// Instance statistics, by name: users, environments, client applications, changes in production.
  public var statistics: [String: Int]
  /// What the deployment runs on.
  public var software: Software

  /// A closed usage period.
  public struct Period: Sendable, Hashable, Codable {
    /// Grows from period to period of a deployment.
    public var id: Int
    /// UTC, to the millisecond, as `2026-11-21T10:30:00.000Z`.
    public var startedAt: String
    /// As ``startedAt``.
    public var endedAt: String

    private enum CodingKeys: String, CodingKey {
      case id
      case startedAt = "started_at"
      case endedAt = "ended_at"
    }
  }

  /// A counter's sum, or how many distinct members a set has.
  public struct Figure: Sendable, Hashable, Codable {
    /// The usage kind, as `boundary`.
    public var kind: String
    /// What kind of figure it is; `nil` in format 1.
    public var measure: Measure?
    /// Of the counter or the set, as `allowed_requests`.
    public var name: String
    /// 0 or more.
    public var value: Int
  }

  /// Whether a figure may be added up.
  public enum Measure: String, Sendable, Hashable, Codable {
    /// Of a counter: adds up, over periods and over deployments.
    case sum
    /// Of a set: someone seen in two periods is one member, so figures of several periods do not add up.
    case members
  }

  /// Versions.
  public struct Software: Sendable, Hashable, Codable {
    /// The newest migration that ran.
    public var migration: Int
    /// As `15.18`.
    public var postgresql: String
    /// Of the extension; `nil` without it.
    public var timescaledb: String?
  }
}

extension TelemetryDocument {
  /// The bytes that are sent: members in alphabetical order, no spaces. The same document is the same
  /// bytes.
  var bytes: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // It has no floating point number and no key but texts, so nothing can be refused.
    return (try? encoder.encode(self)).map(Array.init) ?? []
  }

  /// Reads a document strictly: what ``bytes`` gives, and nothing else.
  ///
  /// - Throws: ``StoreError`` that says what is wrong.
  package init(strictly bytes: [UInt8]) throws(StoreError) {
    guard bytes.count <= Self.bytesMax else {
      throw StoreError(.document, "the document is longer than \(Self.bytesMax) bytes")
    }
    let read: TelemetryDocument
    do {
      read = try JSONDecoder().decode(TelemetryDocument.self, from: Data(bytes))
    } catch let error as DecodingError {
      throw StoreError(.document, "this is no telemetry document: \(error.words)")
    } catch {
      throw StoreError(.document, "this is no telemetry document")
    }
    guard (1...Self.currentFormat).contains(read.format) else {
      throw StoreError(
        .document,
        "the document has format \(read.format), and formats up to \(Self.currentFormat) are understood"
      )
    }
    // Members that are not known, or there twice, are not in what is written again.
    guard read.bytes == bytes else {
      throw StoreError(.document, "the document has unknown members, or is not in canonical form")
    }
    try read.requireBounds()
    self = read
  }

  private func requireBounds() throws(StoreError) {
    guard let id = UUID(uuidString: deployment), id.uuidString.lowercased().isSame(as: deployment)
    else {
      throw StoreError(.document, "deployment is no UUID in lower case")
    }
    guard Data(base64Encoded: publicKey)?.count == 32 else {
      throw StoreError(.document, "public_key is no Ed25519 key in base64")
    }
    switch (snapshot, notice) {
    case (nil, let notice?) where notice.isSame(as: Self.turnedOff): return
    case (let snapshot?, nil):
      guard snapshot.usage.allSatisfy({ ($0.measure == nil) == (format == 1) }) else {
        throw StoreError(
          .document, "figures of usage have a measure from format 2 on, and none before")
      }
      try snapshot.requireBounds()
    default: throw StoreError(.document, "a document has either a snapshot or the notice")
    }
  }
}

extension TelemetrySnapshot {
  fileprivate func requireBounds() throws(StoreError) {
    guard let range = period.range, period.id > 0 else {
      throw StoreError(.document, "the period has no id above 0, or does not end after its start")
    }
    guard range.upperBound < Date(timeIntervalSinceNow: 86_400) else {
      throw StoreError(.document, "the period ends more than a day ahead")
    }
    guard usage.allSatisfy({ Self.isName($0.kind) && Self.isName($0.name) }),
      statistics.keys.allSatisfy(Self.isName)
    else {
      throw StoreError(.document, "a name of a figure has other than 1 to 100 bytes in one line")
    }
    let names = usage.map { figure in
      [figure.kind, figure.name, figure.measure?.rawValue ?? ""].map { Array($0.utf8) }
    }
    guard zip(names, names.dropFirst()).allSatisfy({ isAscending($0, $1) }) else {
      throw StoreError(.document, "figures of usage are not in order, each once")
    }
    guard (usage.map(\.value) + statistics.values).allSatisfy(Self.values.contains) else {
      throw StoreError(.document, "a figure is below 0, or above 10^15")
    }
    guard software.migration > 0,
      ([software.postgresql] + [software.timescaledb].compactMap(\.self)).allSatisfy(Self.isName)
    else { throw StoreError(.document, "software has a version that is none") }
  }

  /// By kind, name and measure, as bytes: a counter and a set may share a name.
  private func isAscending(_ one: [[UInt8]], _ other: [[UInt8]]) -> Bool {
    one.lexicographicallyPrecedes(other) { $0.lexicographicallyPrecedes($1) }
  }

  /// Sums of many stay exact.
  private static let values = 0...1_000_000_000_000_000

  private static func isName(_ text: String) -> Bool {
    (1...100).contains(text.utf8.count) && text.utf8.allSatisfy { $0 >= 32 && $0 != 127 }
  }
}

extension TelemetrySnapshot.Period {
  init(id: Int, startedAt: Date, endedAt: Date) {
    self.init(id: id, startedAt: Self.text(startedAt), endedAt: Self.text(endedAt))
  }

  /// From start to end; `nil` if they are not written as they have to be, or in another order.
  package var range: Range<Date>? {
    guard let start = Self.instant(startedAt), let end = Self.instant(endedAt), start <= end else {
      return nil
    }
    return start..<end
  }

  /// Whole milliseconds, rounded: a `Double` may have a hair too little of one.
  private static func text(_ date: Date) -> String {
    let milliseconds = Int64((date.timeIntervalSince1970 * 1000).rounded())
    // The last three of six digits are zeros.
    return RFC3339.text(microseconds: milliseconds * 1000).dropLast(4) + "Z"
  }

  private static func instant(_ text: String) -> Date? {
    guard let microseconds = RFC3339.microseconds(text) else { return nil }
    let date = Date(timeIntervalSince1970: Double(microseconds) / 1_000_000)
    return self.text(date).isSame(as: text) ? date : nil
  }
}

extension DecodingError {
  /// Where it is wrong; not what stands there. Names of members may be of any length.
  fileprivate var words: String {
    func place(_ context: Context) -> String {
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      return path.isEmpty ? "the document" : DisplayText.line(path, max: 200)
    }
    return switch self {
    case .keyNotFound(let key, let context): "\(key.stringValue) is missing in \(place(context))"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "\(place(context)) has another type"
    case .dataCorrupted(let context): "\(place(context)) cannot be read"
    @unknown default: "it cannot be read"
    }
  }
}
