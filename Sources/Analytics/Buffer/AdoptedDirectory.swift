import AnalyticsText

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif
import Synchronization

/// A spool directory whose producer is dead. This process holds its lock and delivers its rows.
final class AdoptedDirectory: SegmentOwner {
  let path: String
  /// The number of unsettled rows found, including those that cannot be read.
  let recovered: Int
  private let lock: OpenFile
  private let state: Mutex<State>

  private struct State {
    var queue = SegmentQueue()
    var rowCount = 0
    /// The number of rows that are no longer pending: settled or lost.
    var settled = 0
    var lost = 0

    /// Asserts what holds whenever no thread is inside.
    func check() {
      assert((0...rowCount).contains(settled), "no row is settled twice")
      assert(lost >= 0, "no fewer than no rows are lost")
    }
  }

  private init(_ path: String, _ lock: consuming OpenFile, _ segments: [OrphanedSegment], lost: Int)
  {
    var state = State()
    for segment in segments.sorted(by: { $0.header.sequence < $1.header.sequence }) {
      state.queue.append(Segment(segment), firstRow: state.rowCount)
      state.rowCount += segment.rows
    }
    state.lost = lost
    recovered = state.rowCount + lost
    self.path = path
    self.lock = lock
    self.state = Mutex(state)
  }

  var counts: (pending: Int, lost: Int) {
    state.withLock { ($0.rowCount - $0.settled, $0.lost) }
  }

  var isFinished: Bool { state.withLock { $0.queue.isEmpty } }

  func segments() -> (queue: [Segment], lastIsActive: Bool) {
    (state.withLock { $0.queue.segments }, false)
  }

  func standing(of segment: Segment) -> SegmentStanding? {
    state.withLock { $0.queue.contains(segment) } ? .sealed : nil
  }

  func settled(rows: Int, in segment: Segment) {
    state.withLock { state in
      state.queue.settle(rows, in: segment)
      state.settled += rows
      state.check()
    }
  }

  func remove(_ segment: Segment) -> Int {
    precondition(segment.hasLease, "only the holder of the lease removes a segment")
    if let path = segment.path { Directory.removeFile(path) }
    let (lost, isFinished) = state.withLock { state in
      let lost = state.queue.remove(segment, rowCount: state.rowCount)
      state.settled += lost
      state.lost += lost
      state.check()
      return (lost, state.queue.isEmpty)
    }
    if isFinished { SpoolDirectory.removeIfEmpty(path) }
    return lost
  }
}

/// The result of examining a directory whose producer may be dead.
struct Adoption {
  /// The adopted directory; `nil` if its producer is alive, or if the directory is gone, empty (it
  /// is then removed), for another destination, or without readable rows.
  var directory: AdoptedDirectory?
  /// Rows that can never be stored.
  var losses: [LostRows] = []
  /// Files that are left as they are, with the reason.
  var problems: [String] = []
}

extension AdoptedDirectory {
  /// Adopts the directory if its producer is dead and its rows are for `destination`.
  ///
  /// A damaged file is renamed, so that its rows are counted as lost only once. A file of a newer
  /// version, or one that cannot be read now, is left as it is.
  static func adopt(_ path: String, destination: Destination) throws(SystemError) -> Adoption {
    guard let lock = try lockOfDeadProducer(path) else { return Adoption() }
    var files = try SegmentFiles(of: path, destination: destination)
    if files.isForeign && files.segments.isEmpty { return Adoption() }

    files.rewriteWithoutGaps()
    var adoption = Adoption(problems: files.problems)
    for segment in files.segments {
      segment.resetCounters()
      segment.trim()
    }
    adoption.losses = files.losses
    for (file, problem) in files.damaged {
      do {
        let rows = try OrphanedSegment.rowsWithoutHeader(file)
        let name = file + SpoolDirectory.damagedSuffix
        try Directory.renameFile(file, to: name)
        adoption.losses.append(LostRows(count: rows, reason: "\(name) \(problem.reason)"))
      } catch {
        adoption.problems.append("\(error)")
      }
    }
    let waiting = files.segments.filter { $0.rows > 0 }
    let done = files.segments.filter { $0.rows == 0 }.map(\.path)
    for spare in files.spares + done { Directory.removeFile(spare) }
    let lost = adoption.losses.reduce(0) { $0 + $1.count }
    if waiting.isEmpty {
      SpoolDirectory.removeIfEmpty(path)
      if lost == 0 { return adoption }
    }
    adoption.directory = AdoptedDirectory(path, lock, waiting, lost: lost)
    return adoption
  }

  /// Frees disk space that a dead process reserved and never used, whatever its destination.
  static func freeUnusedSpace(in path: String) {
    guard let lock = try? lockOfDeadProducer(path), let names = try? Directory.names(in: path)
    else {
      return
    }
    for file in names.lazy.filter({ $0.ends(with: SpoolDirectory.segmentSuffix) }) {
      let file = path + "/" + file
      do {
        let segment = try OrphanedSegment(file, bootID: Machine.bootID)
        if segment.rows + segment.lost == 0 {
          Directory.removeFile(file)
        } else {
          segment.trim()
        }
      } catch SegmentHeader.Problem.neverBegun {
        Directory.removeFile(file)
      } catch {
        // A worker for the file's destination will adopt the directory and report the problem.
      }
    }
    // Uses `lock`, so that the lock is held until here.
    if lock.isStillAtPath() { SpoolDirectory.removeIfEmpty(path) }
  }

  /// Takes the directory's lock. Returns `nil` if its producer is alive or the directory is gone.
  private static func lockOfDeadProducer(_ path: String) throws(SystemError) -> OpenFile? {
    let names = try Directory.names(in: path)
    guard names.contains(SpoolDirectory.lockName) else {
      // A process died after creating the directory or before removing it. A process that is about
      // to create the lock here will notice, and create another directory.
      if names.isEmpty { Directory.removeEmptyDirectory(path) }
      return nil
    }
    let lock: OpenFile
    do { lock = try OpenFile(path + "/" + SpoolDirectory.lockName) } catch {
      if error.code == ENOENT { return nil }
      throw error
    }
    guard try lock.tryLock(), lock.isStillAtPath() else { return nil }
    return lock
  }
}

/// The files of a directory whose lock is held, grouped by what can be done with them.
private struct SegmentFiles {
  var segments: [OrphanedSegment] = []
  var spares: [String] = []
  var damaged: [(file: String, problem: SegmentHeader.Problem)] = []
  var isForeign = false
  var problems: [String] = []
  /// Rows that cannot be read.
  var losses: [LostRows] = []

  init(of path: String, destination: Destination) throws(SystemError) {
    for name in try Directory.names(in: path) {
      let file = path + "/" + name
      // An unfinished rewrite: the original segment still exists under its own name.
      if name.ends(with: SpoolDirectory.rewriteSuffix) { spares.append(file) }
      guard name.ends(with: SpoolDirectory.segmentSuffix) else { continue }
      do {
        let segment = try OrphanedSegment(file, bootID: Machine.bootID)
        if destination.isOf(segment.header) { segments.append(segment) } else { isForeign = true }
      } catch SegmentHeader.Problem.neverBegun {
        spares.append(file)
      } catch let problem as SegmentHeader.Problem where problem.isDamage {
        damaged.append((file, problem))
      } catch let problem as SegmentHeader.Problem {
        problems.append("\(file) \(problem.reason)")
      } catch {
        problems.append("\(error)")
      }
    }
  }

  /// Records losses, and rewrites segments that have gaps. If a rewrite fails, the file is left for
  /// a later attempt.
  mutating func rewriteWithoutGaps() {
    segments = segments.compactMap { segment in
      do {
        let rewritten =
          segment.trusted.hasGaps ? try segment.withoutGaps(bootID: Machine.bootID) : segment
        if segment.lost > 0 { losses.append(segment.loss) }
        return rewritten
      } catch {
        problems.append("\(error)")
        return nil
      }
    }
  }
}

extension OrphanedSegment {
  fileprivate var loss: LostRows {
    LostRows(
      count: lost,
      reason: header.bootID == Machine.bootID
        ? "\(path) is damaged or truncated in the middle of its rows"
        : "\(path) was not fully written to the device when the machine stopped")
  }
}
