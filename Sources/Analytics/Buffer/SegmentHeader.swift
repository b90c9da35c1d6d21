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
/// | 8 | 4 | format version, 2 |
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
/// | 1536 | 16 | installation: the id of the one that the rows are for, zeros until it is known |
/// | 1552 | 8 | checksum of the installation |
/// | the end | | what proves that rows are all there, see ``RowTable`` |
///
/// Within one boot `committed` is the truth, whatever became of the process: the kernel keeps the
/// pages. After another start of the machine a row is believed if the table says that it is all there:
/// pages may have reached the disk in any order, or all of them.
///
/// Format 1 had no table, and recorded syncs where the installation is now
/// (``SyncRecords``).
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
  /// Which installation of the tables the rows are for; `nil` if the producer never learnt it.
  var installation: UUID?
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

  /// Whether neither the counter nor what is behind it tells of rows: they are the first to be reset
  /// when a segment is begun, and the header's checksum is the last.
  private static func isWithoutRows(_ page: UnsafeMutableRawPointer) -> Bool {
    committed(page).load() == 0
      && [1536, 2048].allSatisfy { page.load(fromByteOffset: $0, as: UInt64.self) == 0 }
  }

  /// What the header's checksum covers; the checksum lies behind.
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

  /// Writes down which installation the segment's rows are for, also while rows are appended.
  static func note(installation: UUID?, in page: UnsafeMutableRawPointer) {
    let place = page + installationOffset
    place.storeBytes(of: 0, toByteOffset: 16, as: UInt64.self)
    place.storeBytes(of: (installation ?? noInstallation).uuid, as: uuid_t.self)
    guard installation != nil else { return }
    place.storeBytes(of: checksum(of: place, bytes: 16), toByteOffset: 16, as: UInt64.self)
  }

  /// `nil` where none was written, or not all of one.
  private static func installation(in page: UnsafeMutableRawPointer) -> UUID? {
    let place = page + installationOffset
    let id = UUID(uuid: place.load(as: uuid_t.self))
    let isWhole = place.load(fromByteOffset: 16, as: UInt64.self) == checksum(of: place, bytes: 16)
    return id == noInstallation || !isWhole ? nil : id
  }

  private static let noInstallation = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
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
}
