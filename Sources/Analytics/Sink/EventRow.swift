#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// A look into one encoded row, valid while the batch it came from is.
public struct EventRow {
  /// The row as ``RowLayout`` describes it.
  public let bytes: UnsafeRawBufferPointer

  /// The columns' bytes in the order of ``RowLayout/columns``; `nil` is NULL.
  public var columns: [UnsafeRawBufferPointer?] {
    var offset = 2
    return RowLayout.columns.map { _ in
      let length = Int(bytes.bigEndianInt32(at: offset))
      offset += 4
      guard length >= 0 else { return nil }
      defer { offset += length }
      return bytes.slice(offset..<offset + length)
    }
  }

  /// The event's id.
  public var id: UUID {
    UUID(uuid: bytes.loadUnaligned(fromByteOffset: RowLayout.idOffset, as: uuid_t.self))
  }

  /// When it happened.
  public var timestamp: EventTimestamp {
    EventTimestamp(
      microsecondsSincePostgresEpoch: bytes.bigEndianInt64(at: RowLayout.timestampOffset))
  }
}

/// A row decoded, as a test or a sink of its own kind wants it.
public struct StoredEvent: Hashable, Sendable {
  /// The event's id.
  public var id: UUID
  /// When it happened.
  public var timestamp: EventTimestamp
  /// Its type, in snake_case.
  public var type: String
  /// The service it belongs to.
  public var service: String
  /// Who did it.
  public var userID: UUID?
  /// The machine it happened on.
  public var hostname: String?
  /// `production`, `staging`, …
  public var environment: String?
  /// All other fields, as a JSON object.
  public var data: String

  /// Decodes a row.
  public init(_ row: EventRow) {
    let columns = row.columns
    func text(_ index: Int) -> String? {
      columns[index].map { String(decoding: $0, as: UTF8.self) }
    }
    id = row.id
    timestamp = row.timestamp
    type = text(2) ?? ""
    service = text(3) ?? ""
    userID = columns[4].map { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    hostname = text(5)
    environment = text(6)
    // The first byte is jsonb's version.
    data = columns[7].map { String(decoding: $0.dropFirst(), as: UTF8.self) } ?? ""
  }
}
