import AnalyticsText
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Creates segments, keeps spare ones ready, takes back emptied ones, and enforces the buffer's
/// limit.
///
/// Creating a segment takes about a millisecond (blocks are reserved and 4 MiB of pages faulted
/// in), so spool maintenance does it in advance. If a burst uses up the spares, or no worker runs,
/// the caller of `track` creates the segment, once in about 16,000 events. Even then it does not
/// wait for another thread.
final class SegmentPool: Sendable {
  /// The directory of this process's segments; `nil` in memory mode.
  let home: SpoolHome?
  let segmentBytes: Int
  private let limitBytes: Int
  private let sparesWanted: Int
  /// The producer id in headers of segments in memory.
  private let ownID = UUID()
  private let state: Mutex<State>
  /// Wakes spool maintenance when ``prepareSegments()`` has something to do.
  let preparationNeeded = WakeSignal()
  /// Notified each time a segment is taken or created without ample room left.
  let roomIsShort = Progress()

  private struct State {
    var destination: Destination
    /// Segments that are ready to be taken.
    var spares: [Segment] = []
    /// Emptied segments that wait for spool maintenance.
    var retired: [Segment] = []
    /// The number of all existing segments, including active ones.
    var count = 0
    var begun: UInt64 = 0
    var nextNumber = 0
    /// Whether the system refused the last new segment.
    var isRefused = false
    var refusals = 0

    /// Counts a segment that is about to be created, and returns its number.
    mutating func nextNew() -> Int {
      count += 1
      nextNumber += 1
      return nextNumber
    }

    /// Forgets a segment that no longer exists, or could not be created.
    mutating func forgetOne() {
      count -= 1
      check()
    }

    /// Every segment is ready, emptied or in use.
    func check() {
      precondition(
        count >= spares.count + retired.count, "the pool holds no more segments than exist")
    }

    mutating func nextSequence() -> UInt64 {
      begun += 1
      return begun
    }
  }

  init(
    root: String?, segmentBytes: Int, limitBytes: Int, spares: Int, destination: Destination
  ) {
    // The header would cut it, and no process would recognise the rows as its own.
    precondition(
      destination.settings.utf8.count <= SegmentHeader.destinationBytesMax,
      "a destination fits its field in the header")
    home = root.map(SpoolHome.init)
    self.segmentBytes = segmentBytes
    self.limitBytes = limitBytes
    sparesWanted = spares
    state = Mutex(State(destination: destination))
  }

  /// Creates the directory and one segment, so that an unusable directory is reported now. The
  /// spool maintenance creates the others.
  func open() throws(SystemError) {
    guard let home else { return }
    try home.open()
    do throws(SystemError) {
      measureOtherProcesses(atOnce: true)
      if segmentsMax == 0 {
        home.freeUnusedSpace()
        measureOtherProcesses(atOnce: true)
      }
      guard
        let number = state.withLock({ state in
          state.count < segmentsMax ? state.nextNew() : nil
        })
      else { return }
      addSpare(try make(number))
    } catch {
      removeUnused()
      home.removeIfEmpty()
      throw error
    }
    preparationNeeded.set()
  }

  var segmentCount: Int { state.withLock { $0.count } }

  /// The number of segments for which the limit leaves room.
  var segmentsMax: Int {
    max(0, limitBytes - (home?.room.takenByOthers ?? 0)) / segmentBytes
  }

  /// Whether less than half of the room is used, and the system has not refused a segment.
  var hasAmpleRoom: Bool {
    let half = segmentsMax / 2
    return state.withLock { !$0.isRefused && $0.count < half }
  }

  /// Measures how much of the room other processes use, unless that was done within the last
  /// second.
  ///
  /// - Returns: Whether it was measured.
  @discardableResult
  func measureOtherProcesses(atOnce: Bool = false) -> Bool {
    home?.room.measure(besides: home?.directory?.path, atOnce: atOnce) ?? false
  }

  var destination: Destination { state.withLock { $0.destination } }

  /// Sets the installation that is recorded in segments from now on.
  func identify(_ installation: UUID) {
    state.withLock { $0.destination.installation = installation }
  }
}

// MARK: - Taking and giving back

extension SegmentPool {
  /// Returns a segment that is ready for appending, or the reason why there is none.
  func take() -> Result<Segment, DropError> {
    defer { if !hasAmpleRoom { roomIsShort.notify() } }
    var source = source()
    if case .none(.full) = source, measureOtherProcesses() {
      // Other processes may have freed room since.
      source = self.source()
    }
    if home != nil, source.needsPreparation { preparationNeeded.set() }
    do throws(SystemError) {
      switch source {
      case .spare(let spare):
        // If the file was deleted, rows in it would not survive the process.
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
      defer { state.check() }
      if let spare = state.spares.popLast() { return .spare(spare) }
      guard state.count < segmentsMax else { return .none(.full) }
      if state.isRefused {
        // On a full disk, not every caller has to try: spool maintenance tries again. If no worker
        // runs, one caller in 1,024 tries.
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

    /// At the limit, no segment can be prepared until there is room.
    var needsPreparation: Bool { if case .none(.full) = self { false } else { true } }
  }

  struct DropError: Error { let reason: DropReason }

  private func begun(_ segment: Segment) throws(SystemError) -> Segment {
    do throws(SystemError) {
      let (destination, sequence) = state.withLock { ($0.destination, $0.nextSequence()) }
      let producer = home?.directory?.producer ?? ownID
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

  /// Creates a segment that is already counted. If that fails, it is no longer counted.
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
        state.forgetOne()
        state.isRefused = true
      }
      throw error
    }
  }

  /// Makes a segment without rows a spare: a new one, an emptied one, or one that was begun but not
  /// used.
  func addSpare(_ segment: Segment) {
    state.withLock { state in
      state.spares.append(segment)
      state.check()
    }
  }

  /// Takes back a segment whose rows are all settled or lost, and which is in no queue.
  func retire(_ segment: Segment) {
    let isKept = state.withLock { state in
      defer { state.check() }
      if home != nil {
        state.retired.append(segment)
        return true
      }
      if state.spares.count < sparesWanted {
        state.spares.append(segment)
        return true
      }
      state.forgetOne()
      return false
    }
    if !isKept { segment.releasePages() }
    // In memory mode there is nothing to prepare, but callers that wait for room are woken.
    preparationNeeded.set()
  }
}

// MARK: - Preparing and removing

extension SegmentPool {
  /// Does the slow work: prepares spares from emptied segments or new ones, and removes segments
  /// that are not needed.
  ///
  /// Only spool maintenance calls this method.
  func prepareSegments() throws(SystemError) {
    guard home != nil else { return }
    // Spares take room as well.
    defer { if !hasAmpleRoom { roomIsShort.notify() } }
    while let segment = state.withLock({ $0.retired.popLast() }) {
      if state.withLock({ $0.spares.count < sparesWanted }), segment.retire(), isUsable(segment) {
        addSpare(segment)
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
      addSpare(try make(number))
    }
  }

  /// Whether a segment can be reused: its file is intact and in the present directory, there is
  /// room for it, and its pages could be faulted in. Without that, the next store could fault on a
  /// page that the system has written back or that was given back.
  private func isUsable(_ segment: Segment) -> Bool {
    guard segment.isIntact, home?.owns(segment) == true,
      state.withLock({ $0.count }) <= segmentsMax
    else { return false }
    return (try? segment.mapped().prefault()) != nil
  }

  private func forget(_ segment: Segment) {
    if let path = segment.path { Directory.removeFile(path) }
    segment.releasePages()
    state.withLock { $0.forgetOne() }
  }

  /// Removes segments without rows: spares and emptied ones.
  func removeUnused() {
    let unused = state.withLock { state in
      defer { (state.spares, state.retired) = ([], []) }
      return state.spares + state.retired
    }
    for segment in unused { forget(segment) }
  }
}
