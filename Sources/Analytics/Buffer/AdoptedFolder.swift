#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A folder of the spool whose producer is dead: this process holds its lock and finishes it.
final class AdoptedFolder: SegmentOwner {
  let path: String
  /// Unsettled rows found.
  let recovered: Int
  /// What could not be read, in words for the log.
  let problems: [String]
  private let lock: OpenFile
  private let state: Mutex<State>

  private struct State {
    var queue: [Segment]
    var settled = 0
  }

  /// Adopts the folder if its producer is dead and its rows are for `destination`.
  ///
  /// `nil` if the folder is alive, gone, empty (then it is removed) or for somebody else.
  init?(path: String, destination: String) throws(SystemError) {
    let names = try Folder.names(in: path)
    guard names.contains(SpoolFolder.lockName) else {
      // Somebody died after making the folder or before removing it; whoever is about to put a lock
      // into it will make another.
      if names.isEmpty { Folder.removeEmptyFolder(path) }
      return nil
    }
    let lock: OpenFile
    do { lock = try OpenFile(path + "/" + SpoolFolder.lockName) } catch {
      if error.code == ENOENT { return nil }
      throw error
    }
    guard try lock.tryLock(), lock.isStillAtPath() else { return nil }

    var found: [(segment: Segment, sequence: UInt64)] = []
    var spares: [String] = []
    var rows = 0
    var problems: [String] = []
    var isForeign = false
    for name in names where name.hasSuffix(SpoolFolder.segmentSuffix) {
      let file = path + "/" + name
      do {
        let (segment, header, count) = try Segment.recover(file, bootID: Machine.bootID)
        guard header.destination == destination else {
          isForeign = true
          continue
        }
        rows += count
        found.append((segment, header.sequence))
      } catch SegmentHeader.Problem.neverBegun {
        spares.append(file)
      } catch {
        problems.append("\(file): \(error)")
      }
    }
    self.path = path
    self.problems = problems
    self.lock = lock
    recovered = rows
    state = Mutex(State(queue: found.sorted { $0.sequence < $1.sequence }.map(\.segment)))
    if isForeign && found.isEmpty { return nil }
    for spare in spares { Folder.removeFile(spare) }
    if found.isEmpty {
      SpoolFolder.removeIfEmpty(path)
      return nil
    }
  }

  var pending: Int { recovered - state.withLock { $0.settled } }
  var isFinished: Bool { state.withLock { $0.queue.isEmpty } }

  func segments() -> (queue: [Segment], lastIsActive: Bool) {
    (state.withLock { $0.queue }, false)
  }

  func standing(of segment: Segment) -> SegmentStanding? {
    state.withLock { $0.queue.contains { $0 === segment } } ? .sealed : nil
  }

  func settled(rows: Int) {
    state.withLock { $0.settled += rows }
  }

  func remove(_ segment: Segment) {
    state.withLock { $0.queue.removeAll { $0 === segment } }
    if let path = segment.path { Folder.removeFile(path) }
    if isFinished { SpoolFolder.removeIfEmpty(path) }
  }
}
