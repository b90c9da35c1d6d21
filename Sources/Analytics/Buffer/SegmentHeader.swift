#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
import Synchronization

/// The first page of a segment. Numbers are in the machine's byte order: a spool does not travel.
///
/// | offset | size | what |
/// |---|---|---|
/// | 0 | 8 | magic, `USAGESEG` |
/// | 8 | 4 | format version, 1 |
/// | 12 | 4 | row layout version, see ``RowLayout`` |
/// | 16 | 16 | producer: the client that wrote it |
/// | 32 | 16 | boot id of the machine while it was written |
/// | 48 | 8 | bytes of data behind this page |
/// | 56 | 8 | sequence: how many segments this producer had begun before |
/// | 64 | 2 | length of the destination |
/// | 66 | 254 | destination, UTF-8 |
/// | 320 | 8 | checksum of the bytes before |
/// | 512 | 8 | committed: bytes of whole rows, stored with release order after each row |
/// | 1024 | 8 | drained: bytes of rows that the sink has settled |
/// | 1536 | 16 | synced, slot 0: length and checksum of the first `length` bytes of data |
/// | 2048 | 16 | synced, slot 1: the sync before or after |
///
/// Within one boot `committed` is the truth, whatever became of the process: the kernel keeps the
/// pages. After a power loss pages may have reached the disk in any order; then the longer slot
/// whose checksum fits says how many bytes can be believed. The slots are written in turn, each in
/// a disk sector of its own, so that one is always whole.
struct SegmentHeader {
  static let bytes = 4096
  static let magic: UInt64 = 0x4745_5345_4741_5355  // "USAGESEG", read little-endian
  static let formatVersion: UInt32 = 1
  static let destinationBytesMax = 254

  var producer: UUID
  var bootID: UUID
  var capacity: Int
  var sequence: UInt64
  var destination: String
}

extension SegmentHeader {
  enum Problem: Error, Equatable {
    case notASegment
    /// A spare of a dead process, or one that it was about to begin: no row was ever in it.
    case neverBegun
    case unknownFormat(UInt32)
    case unknownLayout(UInt32)
    case damaged

    /// Whether no version could read it, not even a newer one.
    var isDamage: Bool { self == .notASegment || self == .damaged }

    /// In words.
    var reason: String {
      switch self {
      case .notASegment: "is not a segment"
      case .neverBegun: "was never begun"
      case .unknownFormat(let version):
        "has format \(version), which this version does not know; use the version that wrote it"
      case .unknownLayout(let version):
        "has row layout \(version), which this version does not know; use the version that wrote it"
      case .damaged: "is damaged: its header does not check"
      }
    }
  }

  /// Writes the header and empties the segment.
  func write(to page: UnsafeMutableRawPointer) {
    // Emptied first: what is read between these stores has no rows.
    Self.committed(page).store(0)
    Self.drained(page).store(0)
    for slot in Self.syncedSlots {
      page.storeBytes(of: 0, toByteOffset: slot, as: UInt64.self)
      page.storeBytes(of: 0, toByteOffset: slot + 8, as: UInt64.self)
    }
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
    page.storeBytes(of: Self.checksum(of: page), toByteOffset: 320, as: UInt64.self)
  }

  init(readFrom page: UnsafeMutableRawPointer) throws(Problem) {
    let magic = page.load(fromByteOffset: 0, as: UInt64.self)
    guard magic == Self.magic else {
      throw magic == 0 && Self.isWithoutRows(page) ? .neverBegun : .notASegment
    }
    let format = page.load(fromByteOffset: 8, as: UInt32.self)
    guard format == Self.formatVersion else { throw .unknownFormat(format) }
    guard page.load(fromByteOffset: 320, as: UInt64.self) == Self.checksum(of: page) else {
      throw Self.isWithoutRows(page) ? .neverBegun : .damaged
    }
    let layout = page.load(fromByteOffset: 12, as: UInt32.self)
    guard RowLayout.readable.contains(layout) else { throw .unknownLayout(layout) }
    producer = UUID(uuid: page.loadUnaligned(fromByteOffset: 16, as: uuid_t.self))
    bootID = UUID(uuid: page.loadUnaligned(fromByteOffset: 32, as: uuid_t.self))
    capacity = Int(clamping: page.load(fromByteOffset: 48, as: UInt64.self))
    sequence = page.load(fromByteOffset: 56, as: UInt64.self)
    let length = Int(page.load(fromByteOffset: 64, as: UInt16.self))
    guard length <= Self.destinationBytesMax else { throw .damaged }
    destination = String(
      decoding: UnsafeRawBufferPointer(start: page + 66, count: length), as: UTF8.self)
  }

  /// Whether neither the counter nor a sync tells of rows: they are the first to be reset when a
  /// segment is begun, and the header's checksum is the last.
  private static func isWithoutRows(_ page: UnsafeMutableRawPointer) -> Bool {
    committed(page).load() == 0
      && syncedSlots.allSatisfy { page.load(fromByteOffset: $0, as: UInt64.self) == 0 }
  }

  private static func checksum(of page: UnsafeMutableRawPointer) -> UInt64 {
    var checksum = RunningChecksum(seed: 0)
    return checksum.extend(over: UnsafeRawBufferPointer(start: page, count: 320))
  }
}

/// An atomic number inside mapped memory.
///
/// `Atomic` is frozen and laid out as its value is (`@_rawLayout`), so mapped memory can hold one.
struct MappedCounter {
  private let pointer: UnsafeMutablePointer<Atomic<UInt64>>

  @inline(__always)
  init(_ page: UnsafeMutableRawPointer, at offset: Int) {
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

  /// Where the two records of what was synced lie.
  static let syncedSlots = [1536, 2048]
}
