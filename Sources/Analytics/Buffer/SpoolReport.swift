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

/// What waits in a spool, read from outside.
///
/// It changes nothing that anybody could notice: counters of the living are only read, and the dead
/// are read as the worker that finishes them would, under their lock.
package struct SpoolReport: Sendable {
  /// In the order of their names.
  package var producers: [Producer] = []

  /// One producer's folder. Those without pending events and problems are left out if dead.
  package struct Producer: Sendable {
    package var id: String
    package var isAlive: Bool
    /// By destination and installation; a process has one, or two while it did not know the latter.
    package var pending: [Pending] = []
    package var unreadable: [Unreadable] = []

    package init(id: String, isAlive: Bool, pending: [Pending] = []) {
      (self.id, self.isAlive, self.pending) = (id, isAlive, pending)
    }
  }

  /// Events that wait for one destination.
  package struct Pending: Sendable {
    package var destination: String
    /// The installation, where the process had reached it.
    package var installation: UUID?
    /// The service of the first of them.
    package var service: String
    package var events: Int
    package var bytes: Int
    /// When the first of them happened.
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
  /// Blocks on the file system.
  ///
  /// - Throws: If the folder cannot be listed. One that is not there has nothing waiting.
  package init(folder: String) throws {
    for name in try Folder.names(in: folder) where UUID(uuidString: name) != nil {
      let producer = Self.producer(name, in: folder + "/" + name)
      if producer.isAlive || !producer.pending.isEmpty || !producer.unreadable.isEmpty {
        producers.append(producer)
      }
    }
  }

  private static let setAside =
    "was damaged; its events were counted as lost and it was set aside, to be looked at or deleted"

  private static func producer(_ id: String, in path: String) -> Producer {
    var producer = Producer(id: id, isAlive: false)
    do {
      let lock = try OpenFile(path + "/" + SpoolFolder.lockName)
      // Held until all is read: a worker that comes meanwhile tries again.
      producer.isAlive = try !lock.tryLock()
      for name in try Folder.names(in: path) {
        let file = path + "/" + name
        if name.ends(with: SpoolFolder.segmentSuffix) {
          producer.read(file)
        } else if name.ends(with: SpoolFolder.damagedSuffix) {
          producer.unreadable.append(Unreadable(path: file, reason: Self.setAside))
        }
      }
      // One that was finished while we looked is gone as a whole.
      return lock.isStillAtPath() ? producer : Producer(id: id, isAlive: false)
    } catch {
      let isEmpty = (try? Folder.names(in: path).isEmpty) ?? false
      if error.code != ENOENT || !isEmpty {
        producer.unreadable.append(Unreadable(path: path, reason: "cannot be owned: \(error)"))
      }
      return producer
    }
  }
}

extension SpoolReport.Producer {
  fileprivate mutating func read(_ path: String) {
    do {
      if let found = isAlive ? try Self.active(path) : try Self.left(path) { add(found) }
    } catch SegmentHeader.Problem.neverBegun {
      // A spare.
    } catch let error as SystemError where error.code == ENOENT {
      // Finished while we looked.
    } catch let problem as SegmentHeader.Problem {
      // The living begin segments anew while we look; what is odd then is nothing to report.
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

  /// What a living process has not settled yet.
  private static func active(_ path: String) throws -> SpoolReport.Pending? {
    let file = try OpenFile(path)
    let size = try file.size()
    guard size > SegmentHeader.bytes else { return nil }
    let memory = try MappedMemory(sharing: file, bytes: size)
    let header = try SegmentHeader(readFrom: memory.base)
    let committed = SegmentHeader.committed(memory.base).load()
    return pending(header, memory, SegmentHeader.drained(memory.base).load(), committed)
  }

  /// What a dead one left, as far as it can be believed.
  private static func left(_ path: String) throws -> SpoolReport.Pending? {
    let left = try LeftSegment(path, bootID: Machine.bootID)
    return pending(left.header, left.memory, left.drained, left.committed)
  }

  private static func pending(
    _ header: SegmentHeader, _ memory: MappedMemory, _ drained: Int, _ committed: Int
  ) -> SpoolReport.Pending? {
    let capacity = memory.count - SegmentHeader.bytes
    guard drained >= 0, drained < committed, committed <= capacity else { return nil }
    let bytes = UnsafeRawBufferPointer(
      start: memory.base + SegmentHeader.bytes + drained, count: committed - drained)
    let (length, rows) = Segment.wholeRows(bytes)
    guard rows > 0 else { return nil }
    let first = StoredEvent(EventRow(bytes: bytes.slice(0..<length)))
    return SpoolReport.Pending(
      destination: header.destination, installation: header.installation, service: first.service,
      events: rows, bytes: length,
      since: first.timestamp)
  }
}
