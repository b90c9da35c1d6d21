import Analytics
import Crypto

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Derives the IDs of events whose lines have none, for one file.
///
/// The ID is a UUIDv8 (RFC 9562) of the first 16 bytes of a SHA-256. The hash covers the line
/// without its end, and the line's occurrence number in the file as 8 big-endian bytes, counted
/// from 1. The same file therefore always gives the same IDs, and equal lines are distinct events.
struct LineIdentities: ~Copyable {
  private var occurrences = OccurrenceCounter()

  init() {}

  /// Returns the ID of the file's next line. Reads the bytes only during the call.
  mutating func id(for line: UnsafeRawBufferPointer) -> UUID {
    let first = digest(line, occurrence: 1)
    // A part of the digest that is not in the ID.
    let fingerprint = first.withUnsafeBytes {
      $0.loadUnaligned(fromByteOffset: 16, as: UInt64.self)
    }
    let occurrence = occurrences.count(UInt64(littleEndian: fingerprint))
    return uuid(occurrence == 1 ? first : digest(line, occurrence: occurrence))
  }

  private func digest(_ line: UnsafeRawBufferPointer, occurrence: UInt64) -> SHA256Digest {
    var hash = SHA256()
    hash.update(bufferPointer: line)
    withUnsafeBytes(of: occurrence.bigEndian) { hash.update(bufferPointer: $0) }
    return hash.finalize()
  }

  private func uuid(_ digest: SHA256Digest) -> UUID {
    UUID(first16: digest.withUnsafeBytes { Array($0.prefix(16)) }, version: 8)
  }
}
