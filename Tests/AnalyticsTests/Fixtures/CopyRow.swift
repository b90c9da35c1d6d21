import Foundation

@testable import Analytics

/// A row, read as PostgreSQL's manual describes binary COPY, without the code of our encoder.
struct CopyRow: Equatable {
  var id: UUID
  /// Microseconds since 2000-01-01T00:00:00Z.
  var timestamp: Int64
  var type: String
  var service: String
  var userID: UUID?
  var hostname: String?
  var environment: String?
  /// The JSON text after jsonb's version byte.
  var data: [UInt8]

  struct Malformed: Error { let what: String }

  /// Reads one tuple from the start of `bytes`, and removes it.
  init(takingFrom bytes: inout ArraySlice<UInt8>) throws {
    func take(_ count: Int, _ bytes: inout ArraySlice<UInt8>) throws -> [UInt8] {
      guard bytes.count >= count else { throw Malformed(what: "the bytes end") }
      defer { bytes = bytes.dropFirst(count) }
      return Array(bytes.prefix(count))
    }
    func integer(_ bytes: [UInt8]) -> Int64 {
      let value = bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      let unused = 64 - 8 * bytes.count
      return Int64(bitPattern: value << UInt64(unused)) >> Int64(unused)
    }
    guard integer(try take(2, &bytes)) == 8 else { throw Malformed(what: "not eight columns") }
    var columns: [[UInt8]?] = []
    for _ in 0..<8 {
      let length = integer(try take(4, &bytes))
      columns.append(length == -1 ? nil : try take(Int(length), &bytes))
    }
    func required(_ index: Int) throws -> [UInt8] {
      guard let column = columns[index] else { throw Malformed(what: "column \(index) is NULL") }
      return column
    }
    func uuid(_ column: [UInt8]) throws -> UUID {
      guard column.count == 16 else { throw Malformed(what: "not 16 bytes") }
      return NSUUID(uuidBytes: column) as UUID
    }
    func text(_ column: [UInt8]) throws -> String {
      guard let text = String(validating: column, as: UTF8.self), !column.contains(0) else {
        throw Malformed(what: "not a text that PostgreSQL takes")
      }
      return text
    }
    id = try uuid(try required(0))
    timestamp = integer(try required(1))
    type = try text(try required(2))
    service = try text(try required(3))
    userID = try columns[4].map(uuid)
    hostname = try columns[5].map(text)
    environment = try columns[6].map(text)
    let json = try required(7)
    guard json.first == 1 else { throw Malformed(what: "not version 1 of jsonb") }
    data = Array(json.dropFirst())
  }

  static func all(_ bytes: [UInt8]) throws -> [CopyRow] {
    var rest = bytes[...]
    var rows: [CopyRow] = []
    while !rest.isEmpty { rows.append(try CopyRow(takingFrom: &rest)) }
    return rows
  }

  /// The data, decoded by Foundation.
  var json: NSDictionary {
    get throws {
      let value = try JSONSerialization.jsonObject(with: Data(data))
      guard let object = value as? NSDictionary else { throw Malformed(what: "not an object") }
      return object
    }
  }
}

extension AnalyticsClient {
  /// The waiting rows of the buffer, as the sink would receive them.
  func waitingBytes() throws -> [UInt8] {
    var bytes: [UInt8] = []
    let batch = try core?.buffer.nextBatch(rowsMax: .max, bytesMax: .max)
    batch?.forEachChunk { bytes += $0 }
    if let batch { core?.buffer.release(batch) }
    return bytes
  }

  func waitingRows() throws -> [CopyRow] { try CopyRow.all(try waitingBytes()) }
}

/// The rows that a client in memory makes of the events that `body` tracks.
func rows(
  service: String = "test", hostname: String? = "host", environment: String? = nil,
  privacy: PrivacyPreset = .full, key: PrivacyKey? = nil,
  _ body: (AnalyticsClient) throws -> Void
) throws -> [CopyRow] {
  var configuration = AnalyticsConfiguration(
    service: service, environment: environment, buffer: .memory(limitBytes: 256 << 20))
  configuration.hostname = hostname
  configuration.privacy = privacy
  configuration.privacyKey = key
  let client = try AnalyticsClient(configuration, sink: UnusedSink())
  try body(client)
  return try client.waitingRows()
}

/// A sink that must not be used.
struct UnusedSink: EventSink {
  var destination = "unused"

  func write(_ batch: EventBatch) async throws(EventSinkError) -> EventReceipt {
    throw EventSinkError(.retry, "nothing is stored here")
  }

  func deadLetter(
    _ row: EventBatch, because refusal: EventSinkError
  ) async throws(EventSinkError) {
    throw EventSinkError(.retry, "nothing is stored here")
  }
}
