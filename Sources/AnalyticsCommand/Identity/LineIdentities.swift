import Analytics
import Crypto

#if canImport(FoundationEssentials)
  package import FoundationEssentials
#else
  package import Foundation
#endif

/// Derives the ids of events whose lines have none, for one file.
///
/// The id is a UUIDv8 (RFC 9562) of the first 16 bytes of SHA-256 over the line, without its end,
/// and the 8 big-endian bytes of which occurrence of that line in the file it is, from 1. So the
/// same file gives the same ids whenever it is read, and equal lines are events of their own.
package struct LineIdentities: ~Copyable {
  private var occurrences = OccurrenceCounter()

  package init() {}

  /// The id of the next line of the file.
  package mutating func id(for line: UnsafeRawBufferPointer) -> UUID {
    let first = digest(line, occurrence: 1)
    // A part of the digest that the id does not use.
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
