#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// A view of one encoded row, valid only as long as the rows of the batch that it came from.
///
/// `bytes` is always one well-formed row, found by `RowLayout.rowLength(_:)`: the accessors rely on
/// its lengths.
public struct EventRow {
  /// The row's bytes, in the format of ``RowLayout``.
  public let bytes: UnsafeRawBufferPointer

  /// The bytes of each column, in the order of ``RowLayout/columns``; `nil` for NULL.
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

  /// The time when the event happened.
  public var timestamp: EventTimestamp {
    EventTimestamp(
      microsecondsSincePostgresEpoch: bytes.bigEndianInt64(at: RowLayout.timestampOffset))
  }

  /// The user who caused the event; `nil` if there is none.
  package var userID: UUID? {
    // The event type and the service come before it.
    var offset = RowLayout.fixedBytes
    for _ in 2..<4 { offset += 4 + Int(bytes.bigEndianInt32(at: offset)) }
    guard bytes.bigEndianInt32(at: offset) == 16 else { return nil }
    return UUID(uuid: bytes.loadUnaligned(fromByteOffset: offset + 4, as: uuid_t.self))
  }
}

/// A decoded row, for tests and for sinks that need single columns.
public struct StoredEvent: Hashable, Sendable {
  /// The event's id.
  public var id: UUID
  /// The time when the event happened.
  public var timestamp: EventTimestamp
  /// The event's type, in snake_case.
  public var type: String
  /// The service that the event belongs to.
  public var service: String
  /// The user who caused the event; `nil` if there is none.
  public var userID: UUID?
  /// The name of the machine on which the event happened.
  public var hostname: String?
  /// The deployment environment, such as `production` or `staging`.
  public var environment: String?
  /// All other fields, as the text of a JSON object.
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
    userID = row.userID
    hostname = text(5)
    environment = text(6)
    // The first byte is the version of jsonb's binary format.
    data = columns[7].map { String(decoding: $0.dropFirst(), as: UTF8.self) } ?? ""
  }
}
