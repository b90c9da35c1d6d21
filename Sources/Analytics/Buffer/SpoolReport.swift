import AnalyticsText

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

#if canImport(FoundationEssentials)
  package import FoundationEssentials
#else
  package import Foundation
#endif

/// A report on the events that wait in a spool, read without taking part in it.
///
/// Reading changes nothing. Segments of dead processes are read under the directory's lock, in the
/// same way as by the worker that would adopt them. Segments of living processes are read while
/// their owners may change them, so their figures are approximate.
package struct SpoolReport: Sendable {
  /// The producers, sorted by name.
  package var producers: [Producer] = []

  /// A producer's directory. Dead producers without pending events and problems are left out.
  package struct Producer: Sendable {
    package var id: String
    package var isAlive: Bool
    /// Pending events by destination and installation. A process has one entry, or two if it
    /// learned the installation later.
    package var pending: [Pending] = []
    package var unreadable: [Unreadable] = []

    package init(id: String, isAlive: Bool, pending: [Pending] = []) {
      (self.id, self.isAlive, self.pending) = (id, isAlive, pending)
    }
  }

  /// Events that wait for one destination.
  package struct Pending: Sendable {
    package var destination: String
    /// The installation, if the process had reached it.
    package var installation: UUID?
    /// The service of the first event.
    package var service: String
    package var events: Int
    package var bytes: Int
    /// The time of the first event.
    package var since: EventTimestamp

    package init(
      destination: String, installation: UUID? = nil, service: String, events: Int, bytes: Int,
      since: EventTimestamp
    ) {
      (self.destination, self.installation) = (destination, installation)
      (self.service, self.since) = (service, since)
      (self.events, self.bytes) = (events, bytes)
    }
  }

  /// A file that cannot be read.
  package struct Unreadable: Sendable {
    package var path: String
    package var reason: String

    package init(path: String, reason: String) { (self.path, self.reason) = (path, reason) }
  }

  package init() {}
}

extension SpoolReport {
  /// Reads the spool. Blocks on the file system.
  ///
  /// - Throws: An error if the directory cannot be listed. A directory that does not exist is
  ///   reported as empty.
  package init(directory: String) throws {
    for name in try Directory.names(in: directory) where UUID(uuidString: name) != nil {
      let producer = Self.producer(name, in: directory + "/" + name)
      if producer.isAlive || !producer.pending.isEmpty || !producer.unreadable.isEmpty {
        producers.append(producer)
      }
    }
  }

  private static let damagedFileReason =
    "was damaged; its events were counted as lost and the file was renamed; inspect or delete it"

  private static func producer(_ id: String, in path: String) -> Producer {
    var producer = Producer(id: id, isAlive: false)
    do {
      let lock = try OpenFile(path + "/" + SpoolDirectory.lockName)
      // The lock is held until everything is read; a worker that comes meanwhile tries again later.
      producer.isAlive = try !lock.tryLock()
      for name in try Directory.names(in: path) {
        let file = path + "/" + name
        if name.ends(with: SpoolDirectory.segmentSuffix) {
          producer.read(file)
        } else if name.ends(with: SpoolDirectory.damagedSuffix) {
          producer.unreadable.append(Unreadable(path: file, reason: Self.damagedFileReason))
        }
      }
      // A directory that was finished meanwhile no longer exists.
      return lock.isStillAtPath() ? producer : Producer(id: id, isAlive: false)
    } catch {
      let isEmpty = (try? Directory.names(in: path).isEmpty) ?? false
      if error.code != ENOENT || !isEmpty {
        producer.unreadable.append(
          Unreadable(path: path, reason: "cannot be locked or listed: \(error)"))
      }
      return producer
    }
  }
}

extension SpoolReport.Producer {
  fileprivate mutating func read(_ path: String) {
    do {
      if let found = isAlive ? try Self.ofLivingProcess(path) : try Self.ofDeadProcess(path) {
        add(found)
      }
    } catch SegmentHeader.Problem.neverBegun {
      // A spare segment.
    } catch let error as SystemError where error.code == ENOENT {
      // The segment was finished meanwhile.
    } catch let problem as SegmentHeader.Problem {
      // A living process may be beginning the segment anew, so an odd header is no problem.
      if !isAlive { unreadable.append(.init(path: path, reason: problem.reason)) }
    } catch {
      unreadable.append(.init(path: path, reason: "cannot be read: \(error)"))
    }
  }

  private mutating func add(_ found: SpoolReport.Pending) {
    let index = pending.firstIndex {
      $0.destination.isSame(as: found.destination) && $0.installation == found.installation
    }
    guard let index else { return pending.append(found) }
    if found.since < pending[index].since {
      pending[index].since = found.since
      pending[index].service = found.service
    }
    pending[index].events += found.events
    pending[index].bytes += found.bytes
  }

  /// Returns the events of a living process that are not settled yet.
  private static func ofLivingProcess(_ path: String) throws -> SpoolReport.Pending? {
    let file = try OpenFile(path)
    let size = try file.size()
    guard size > SegmentHeader.bytes else { return nil }
    let memory = try MappedMemory(sharing: file, bytes: size)
    let header = try SegmentHeader(readFrom: memory.base)
    let (drained, committed) = (
      SegmentHeader.drained(memory.base).load(), SegmentHeader.committed(memory.base).load()
    )
    guard let rows = rows(memory, drained, committed) else { return nil }
    // The process may begin the segment anew at any moment: rows are checked and read in a copy.
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: rows.count, alignment: 1)
    defer { copy.deallocate() }
    copy.copyMemory(from: rows)
    return pending(header, UnsafeRawBufferPointer(copy))
  }

  /// Returns the events of a dead process that can be trusted.
  private static func ofDeadProcess(_ path: String) throws -> SpoolReport.Pending? {
    let segment = try OrphanedSegment(path, bootID: Machine.bootID)
    return rows(segment.memory, segment.drained, segment.committed).flatMap {
      pending(segment.header, $0)
    }
  }

  /// Returns the rows between two counters; `nil` if there are none, and for impossible counters.
  private static func rows(
    _ memory: MappedMemory, _ drained: Int, _ committed: Int
  ) -> UnsafeRawBufferPointer? {
    let capacity = memory.count - SegmentHeader.bytes
    guard drained >= 0, drained < committed, committed <= capacity else { return nil }
    return UnsafeRawBufferPointer(
      start: memory.base + SegmentHeader.bytes + drained, count: committed - drained)
  }

  private static func pending(
    _ header: SegmentHeader, _ bytes: UnsafeRawBufferPointer
  ) -> SpoolReport.Pending? {
    let (length, rows) = Segment.wholeRows(bytes)
    guard rows > 0 else { return nil }
    let first = StoredEvent(EventRow(bytes: bytes.slice(0..<length)))
    return SpoolReport.Pending(
      destination: header.destination, installation: header.installation, service: first.service,
      events: rows, bytes: length,
      since: first.timestamp)
  }
}
