#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
import Synchronization

/// The first page of a segment. Numbers are in the machine's byte order, because a spool is not
/// moved between architectures.
///
/// | offset | size | content |
/// |---|---|---|
/// | 0 | 8 | magic, `USAGESEG` |
/// | 8 | 4 | format version, 2 |
/// | 12 | 4 | row layout version, see ``RowLayout`` |
/// | 16 | 16 | producer: the id of the client that wrote the segment |
/// | 32 | 16 | boot id of the machine when the segment was begun |
/// | 48 | 8 | capacity: size of the data behind this page, in bytes |
/// | 56 | 8 | sequence: the number of this segment among those that the producer has begun, from 1 |
/// | 64 | 2 | length of the destination, in bytes |
/// | 66 | 254 | destination, UTF-8 |
/// | 320 | 8 | checksum of the bytes before it |
/// | 512 | 8 | committed: bytes of whole rows, stored with release order after each row |
/// | 1024 | 8 | drained: bytes of rows that the sink has settled |
/// | 1536 | 16 | installation: the id of the installation that the rows are for; zeros until it is known |
/// | 1552 | 8 | checksum of the installation |
/// | the end | | the row table, see ``RowTable`` |
///
/// Within one boot of the machine `committed` is correct even if the process died, because the
/// kernel keeps the pages. After a reboot, a row is trusted only if the row table confirms it: the
/// pages may have reached the disk in any order, or all of them.
///
/// Format 1 had no table. It recorded syncs where format 2 has the installation (``SyncRecords``).
struct SegmentHeader {
  static let bytes = 4096
  static let magic: UInt64 = 0x4745_5345_4741_5355  // "USAGESEG", read little-endian
  static let formatVersion: UInt32 = 2
  static let readableFormats: ClosedRange<UInt32> = 1...formatVersion
  static let destinationBytesMax = 254

  var format = formatVersion
  var producer: UUID
  var bootID: UUID
  var capacity: Int
  var sequence: UInt64
  var destination: String
  /// The installation that the rows are for; `nil` if the producer never learned it.
  var installation: UUID?
}

extension SegmentHeader {
  enum Problem: Error, Equatable {
    case notASegment
    /// A spare of a dead process, or a segment that it was about to begin. It never held a row.
    case neverBegun
    case unknownFormat(UInt32)
    case unknownLayout(UInt32)
    case damaged

    /// Whether no version can read the file, not even a newer one.
    var isDamage: Bool { self == .notASegment || self == .damaged }

    /// The problem in words, to follow the file's name.
    var reason: String {
      switch self {
      case .notASegment: "is not a segment"
      case .neverBegun: "was never used"
      case .unknownFormat(let version):
        "has format \(version), which this version does not know; use the version that wrote it"
      case .unknownLayout(let version):
        "has row layout \(version), which this version does not know; use the version that wrote it"
      case .damaged: "is damaged: its header is invalid"
      }
    }
  }

  /// Writes the header and empties the segment, none of whose rows may be in use.
  func write(to page: UnsafeMutableRawPointer) {
    assert(capacity > 0 && sequence > 0, "a segment has room, and sequences count from 1")
    // The counters are reset first, so that a reader between these stores finds no rows.
    Self.committed(page).store(0)
    Self.drained(page).store(0)
    Self.note(installation: nil, in: page)
    page.storeBytes(of: Self.magic, toByteOffset: 0, as: UInt64.self)
    page.storeBytes(of: Self.formatVersion, toByteOffset: 8, as: UInt32.self)
    page.storeBytes(of: RowLayout.version, toByteOffset: 12, as: UInt32.self)
    page.storeBytes(of: producer.uuid, toByteOffset: 16, as: uuid_t.self)
    page.storeBytes(of: bootID.uuid, toByteOffset: 32, as: uuid_t.self)
    page.storeBytes(of: UInt64(capacity), toByteOffset: 48, as: UInt64.self)
    page.storeBytes(of: sequence, toByteOffset: 56, as: UInt64.self)
    let name = Array(destination.utf8.prefix(Self.destinationBytesMax))
    page.storeBytes(of: UInt16(name.count), toByteOffset: 64, as: UInt16.self)
    for index in 0..<Self.destinationBytesMax {
      let byte = index < name.count ? name[index] : 0
      page.storeBytes(of: byte, toByteOffset: 66 + index, as: UInt8.self)
    }
    page.storeBytes(
      of: Self.checksum(of: page, bytes: Self.checkedBytes), toByteOffset: Self.checkedBytes,
      as: UInt64.self)
    if let installation { Self.note(installation: installation, in: page) }
  }

  init(readFrom page: UnsafeMutableRawPointer) throws(Problem) {
    let magic = page.load(fromByteOffset: 0, as: UInt64.self)
    guard magic == Self.magic else {
      throw magic == 0 && Self.isWithoutRows(page) ? .neverBegun : .notASegment
    }
    let format = page.load(fromByteOffset: 8, as: UInt32.self)
    guard Self.readableFormats.contains(format) else { throw .unknownFormat(format) }
    guard
      page.load(fromByteOffset: Self.checkedBytes, as: UInt64.self)
        == Self.checksum(of: page, bytes: Self.checkedBytes)
    else {
      throw Self.isWithoutRows(page) ? .neverBegun : .damaged
    }
    self.format = format
    let layout = page.load(fromByteOffset: 12, as: UInt32.self)
    guard RowLayout.readable.contains(layout) else { throw .unknownLayout(layout) }
    producer = UUID(uuid: page.loadUnaligned(fromByteOffset: 16, as: uuid_t.self))
    bootID = UUID(uuid: page.loadUnaligned(fromByteOffset: 32, as: uuid_t.self))
    capacity = Int(clamping: page.load(fromByteOffset: 48, as: UInt64.self))
    sequence = Self.sequence(page)
    let length = Int(page.load(fromByteOffset: 64, as: UInt16.self))
    guard length <= Self.destinationBytesMax else { throw .damaged }
    destination = String(
      decoding: UnsafeRawBufferPointer(start: page + 66, count: length), as: UTF8.self)
    installation = format == 1 ? nil : Self.installation(in: page)
  }

  /// Whether `committed`, the installation and the second sync record of format 1 are zero.
  /// `write(to:)` resets these first and writes the checksum last; so a header without a valid
  /// checksum never described rows if they are zero.
  private static func isWithoutRows(_ page: UnsafeMutableRawPointer) -> Bool {
    committed(page).load() == 0
      && [1536, 2048].allSatisfy { page.load(fromByteOffset: $0, as: UInt64.self) == 0 }
  }

  /// The number of bytes that the header's checksum covers. The checksum follows them.
  private static let checkedBytes = 320

  private static func checksum(of start: UnsafeRawPointer, bytes: Int) -> UInt64 {
    var checksum = RunningChecksum(seed: 0)
    return checksum.extend(over: UnsafeRawBufferPointer(start: start, count: bytes))
  }

  static func sequence(_ page: UnsafeMutableRawPointer) -> UInt64 {
    page.load(fromByteOffset: 56, as: UInt64.self)
  }
}

// MARK: - The installation

extension SegmentHeader {
  private static let installationOffset = 1536

  /// Records the installation that the segment's rows are for. May run while rows are appended: it
  /// stores only bytes that only this function writes, and a reader ignores an id whose checksum
  /// does not match.
  static func note(installation: UUID?, in page: UnsafeMutableRawPointer) {
    let place = page + installationOffset
    place.storeBytes(of: 0, toByteOffset: 16, as: UInt64.self)
    place.storeBytes(of: (installation ?? noInstallation).uuid, as: uuid_t.self)
    guard installation != nil else { return }
    place.storeBytes(of: checksum(of: place, bytes: 16), toByteOffset: 16, as: UInt64.self)
  }

  /// Returns `nil` if no installation was recorded, or only a part of one.
  private static func installation(in page: UnsafeMutableRawPointer) -> UUID? {
    let place = page + installationOffset
    let id = UUID(uuid: place.load(as: uuid_t.self))
    let isWhole = place.load(fromByteOffset: 16, as: UInt64.self) == checksum(of: place, bytes: 16)
    return id == noInstallation || !isWhole ? nil : id
  }

  private static let noInstallation = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
}

/// An atomic counter in mapped memory.
///
/// `Atomic` is frozen and laid out like its value (`@_rawLayout`), so it can lie in mapped memory.
/// The page must be aligned to 8 bytes at the offset, and must stay mapped for as long as the
/// counter is used.
struct MappedCounter {
  private let pointer: UnsafeMutablePointer<Atomic<UInt64>>

  @inline(__always)
  init(_ page: UnsafeMutableRawPointer, at offset: Int) {
    assert(UInt(bitPattern: page + offset).isMultiple(of: 8), "an atomic number is aligned")
    pointer = (page + offset).assumingMemoryBound(to: Atomic<UInt64>.self)
  }

  @inline(__always)
  func load() -> Int { Int(truncatingIfNeeded: pointer.pointee.load(ordering: .acquiring)) }

  @inline(__always)
  func store(_ value: Int) {
    pointer.pointee.store(UInt64(truncatingIfNeeded: value), ordering: .releasing)
  }
}

extension SegmentHeader {
  @inline(__always)
  static func committed(_ page: UnsafeMutableRawPointer) -> MappedCounter { .init(page, at: 512) }
  static func drained(_ page: UnsafeMutableRawPointer) -> MappedCounter { .init(page, at: 1024) }
}
