import AnalyticsText
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Makes segments, keeps some ready, takes emptied ones back, and holds the limit.
///
/// Making a segment costs about a millisecond (blocks are reserved and 4 MiB of pages faulted in),
/// so the keeper does it ahead of time. Only where a burst outruns the spares, or no worker runs, does
/// the caller of `track` make one itself, once in some 16,000 events; it still waits for nobody.
final class SegmentPool: Sendable {
  /// Where this process's segments live: a folder, or memory if there is none.
  let home: SpoolHome?
  let segmentBytes: Int
  private let limitBytes: Int
  private let sparesWanted: Int
  /// What names the segments where there is no folder.
  private let ownID = UUID()
  private let state: Mutex<State>
  /// Tells the keeper that ``upkeep()`` has something to do.
  let upkeepNeeded = WakeSignal()
  /// Notified each time that a segment is asked for without ample room left.
  let crowded = Progress()

  private struct State {
    var destination: Destination
    /// Ready to be taken.
    var spares: [Segment] = []
    /// Emptied, waiting for the keeper.
    var retired: [Segment] = []
    /// All segments there are, wherever they are now.
    var count = 0
    var begun: UInt64 = 0
    var nextNumber = 0
    /// The system refuses new segments.
    var isRefused = false
    var refusals = 0

    /// The number of a segment that is about to be made.
    mutating func nextNew() -> Int {
      count += 1
      nextNumber += 1
      return nextNumber
    }

    mutating func nextSequence() -> UInt64 {
      begun += 1
      return begun
    }
  }

  init(
    root: String?, segmentBytes: Int, limitBytes: Int, spares: Int, destination: Destination
  ) {
    home = root.map(SpoolHome.init)
    self.segmentBytes = segmentBytes
    self.limitBytes = limitBytes
    sparesWanted = spares
    state = Mutex(State(destination: destination))
  }

  /// Makes the folder and one segment, so that an unusable folder is an error now. The others are the
  /// keeper's work.
  func open() throws(SystemError) {
    guard let home else { return }
    try home.open()
    do throws(SystemError) {
      lookAtOthers(atOnce: true)
      if segmentsMax == 0 {
        home.tidy()
        lookAtOthers(atOnce: true)
      }
      guard
        let number = state.withLock({ state in
          state.count < segmentsMax ? state.nextNew() : nil
        })
      else { return }
      let segment = try make(number)
      state.withLock { $0.spares.append(segment) }
    } catch {
      removeUnused()
      home.removeIfEmpty()
      throw error
    }
    upkeepNeeded.set()
  }

  var segmentCount: Int { state.withLock { $0.count } }

  /// How many segments the limit leaves room for.
  var segmentsMax: Int {
    max(0, limitBytes - (home?.room.takenByOthers ?? 0)) / segmentBytes
  }

  /// Whether less than half of the room is taken, and the disk has not refused any.
  var hasAmpleRoom: Bool {
    let half = segmentsMax / 2
    return state.withLock { !$0.isRefused && $0.count < half }
  }

  /// Looks how much of the room other processes take, unless that was done within the last second.
  ///
  /// - Returns: Whether it was looked.
  @discardableResult
  func lookAtOthers(atOnce: Bool = false) -> Bool {
    home?.room.look(besides: home?.folder?.path, atOnce: atOnce) ?? false
  }

  var destination: Destination { state.withLock { $0.destination } }

  /// From now on segments tell which installation they are for.
  func identify(_ installation: UUID) {
    state.withLock { $0.destination.installation = installation }
  }
}

// MARK: - Taking and giving back

extension SegmentPool {
  /// A segment to append to, begun; or why there is none.
  func take() -> Result<Segment, DropError> {
    defer { if !hasAmpleRoom { crowded.notify() } }
    var source = source()
    if case .none(.full) = source, lookAtOthers() {
      // Others may have made room since.
      source = self.source()
    }
    if home != nil, source.needsUpkeep { upkeepNeeded.set() }
    do throws(SystemError) {
      switch source {
      case .spare(let spare):
        // Without this, whoever deletes the folder takes what is tracked afterwards along.
        guard spare.isIntact else {
          forget(spare)
          return take()
        }
        return .success(try begun(spare))
      case .new(let number): return .success(try begun(try make(number)))
      case .none(let reason): return .failure(DropError(reason: reason))
      }
    } catch {
      return .failure(DropError(reason: .unavailable))
    }
  }

  private func source() -> Source {
    let segmentsMax = segmentsMax
    return state.withLock { state in
      if let spare = state.spares.popLast() { return .spare(spare) }
      guard state.count < segmentsMax else { return .none(.full) }
      if state.isRefused {
        // On a full disk, not each caller needs to be told so by the disk: the keeper tries again.
        // Where no worker runs, some callers do.
        state.refusals += 1
        guard state.refusals.isMultiple(of: 1024) else { return .none(.unavailable) }
      }
      return .new(number: state.nextNew())
    }
  }

  private enum Source {
    case spare(Segment)
    case new(number: Int)
    case none(DropReason)

    /// At the limit there is nothing to do until room is made.
    var needsUpkeep: Bool { if case .none(.full) = self { false } else { true } }
  }

  struct DropError: Error { let reason: DropReason }

  private func begun(_ segment: Segment) throws(SystemError) -> Segment {
    do throws(SystemError) {
      let (destination, sequence) = state.withLock { ($0.destination, $0.nextSequence()) }
      let producer = home?.folder?.producer ?? ownID
      try segment.begin(
        SegmentHeader(
          producer: producer, bootID: Machine.bootID ?? producer, capacity: segment.capacity,
          sequence: sequence, destination: destination.settings,
          installation: destination.installation))
      return segment
    } catch {
      retire(segment)
      throw error
    }
  }

  /// Makes a segment that is counted already; if it cannot be made, it is not.
  private func make(_ number: Int) throws(SystemError) -> Segment {
    do throws(SystemError) {
      let segment =
        if let home { try home.makeSegment(number: number, bytes: segmentBytes) } else {
          Segment(path: nil, memory: try MappedMemory(anonymousBytes: segmentBytes))
        }
      state.withLock { $0.isRefused = false }
      return segment
    } catch {
      state.withLock { state in
        state.count -= 1
        state.isRefused = true
      }
      throw error
    }
  }

  /// Takes back a segment that was begun in vain.
  func putBack(_ segment: Segment) {
    state.withLock { $0.spares.append(segment) }
  }

  /// Takes back a segment whose rows are all settled.
  func retire(_ segment: Segment) {
    let isKept = state.withLock { state in
      if home != nil {
        state.retired.append(segment)
        return true
      }
      if state.spares.count < sparesWanted {
        state.spares.append(segment)
        return true
      }
      state.count -= 1
      return false
    }
    if !isKept { segment.letGo() }
    // In memory there is nothing to keep up, but whoever waits for room is told.
    upkeepNeeded.set()
  }
}

// MARK: - Upkeep

extension SegmentPool {
  /// Everything slow: prepares spares from what came back or anew, removes what is not needed.
  ///
  /// Only the keeper calls it.
  func upkeep() throws(SystemError) {
    guard home != nil else { return }
    // Spares take room, too.
    defer { if !hasAmpleRoom { crowded.notify() } }
    while let segment = state.withLock({ $0.retired.popLast() }) {
      if state.withLock({ $0.spares.count < sparesWanted }), segment.retire(), isUsable(segment) {
        state.withLock { $0.spares.append(segment) }
      } else {
        forget(segment)
      }
    }
    let segmentsMax = segmentsMax
    while true {
      let number = state.withLock { state -> Int? in
        guard state.spares.count < sparesWanted, state.count < segmentsMax else { return nil }
        return state.nextNew()
      }
      guard let number else { return }
      let segment = try make(number)
      state.withLock { $0.spares.append(segment) }
    }
  }

  /// Whether a segment can be begun anew: its file is whole and in the present folder, there is room
  /// for it, and its pages are in memory. What the system has written back meanwhile would fault at
  /// the next store.
  private func isUsable(_ segment: Segment) -> Bool {
    guard segment.isIntact, home?.owns(segment) == true,
      state.withLock({ $0.count }) <= segmentsMax
    else { return false }
    return (try? segment.mapped().prefault()) != nil
  }

  private func forget(_ segment: Segment) {
    if let path = segment.path { Folder.removeFile(path) }
    segment.letGo()
    state.withLock { $0.count -= 1 }
  }

  /// Removes what holds no rows: spares, and what came back.
  func removeUnused() {
    let unused = state.withLock { state in
      defer { (state.spares, state.retired) = ([], []) }
      return state.spares + state.retired
    }
    for segment in unused { forget(segment) }
  }
}
