import Foundation

@testable import Analytics

/// The bytes of a spool's files.
enum SpoolFile {
  static func read(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  }

  static func write(_ bytes: some Collection<UInt8>, to path: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  static func change(_ path: String, _ body: (inout [UInt8]) -> Void) throws {
    var bytes = try read(path)
    body(&bytes)
    try write(bytes, to: path)
  }

  static func header(_ path: String) throws -> SegmentHeader {
    var bytes = [UInt8](try read(path).prefix(SegmentHeader.bytes))
    return try bytes.withUnsafeMutableBytes { try SegmentHeader(readFrom: $0.baseAddress!) }
  }

  /// Computes the header's checksum again.
  static func checksum(_ bytes: inout [UInt8]) {
    var checksum = RunningChecksum(seed: 0)
    let value = bytes.withUnsafeBytes {
      checksum.extend(over: UnsafeRawBufferPointer(rebasing: $0[0..<320]))
    }
    withUnsafeBytes(of: value) { bytes.replaceSubrange(320..<328, with: $0) }
  }

  /// Makes a segment look as if it was written before the machine's last start.
  static func setAnotherBoot(_ bytes: inout [UInt8]) {
    withUnsafeBytes(of: UUID().uuid) { bytes.replaceSubrange(32..<48, with: $0) }
    checksum(&bytes)
  }

  static func number(_ bytes: [UInt8], at offset: Int) -> Int {
    bytes[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  static func set(_ bytes: inout [UInt8], at offset: Int, to value: UInt64) {
    withUnsafeBytes(of: value) { bytes.replaceSubrange(offset..<offset + 8, with: $0) }
  }

  /// The ids of the rows that wait in a segment, read as the documentation of the format describes.
  static func waiting(_ bytes: [UInt8]) throws -> [UUID] {
    let rows = bytes[
      SegmentHeader.bytes + number(bytes, at: 1024)..<SegmentHeader.bytes + number(bytes, at: 512)]
    return try CopyRow.all(Array(rows)).map(\.id)
  }
}

extension EventBuffer {
  /// Takes all batches, like a worker whose sink stores everything.
  ///
  /// - Returns: The ids of the rows, in order.
  func drainAll(rowsMax: Int = 100) throws -> [UUID] {
    var ids: [UUID] = []
    while let batch = try nextBatch(rowsMax: rowsMax, bytesMax: .max) {
      batch.forEachRow { ids.append($0.id) }
      settle(batch, EventReceipt(stored: batch.rowCount))
      release(batch)
    }
    return ids
  }
}
