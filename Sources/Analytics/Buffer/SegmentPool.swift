import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Makes segments, keeps some ready, takes emptied ones back, and holds the limit.
///
/// Making a segment costs about a millisecond (blocks are reserved and 4 MiB of pages faulted in),
/// so the keeper does it ahead of time. Only where a burst outruns the spares does the caller of
/// `track` make one itself, once in some 16,000 events; it still waits for nobody.
final class SegmentPool: Sendable {
  /// Where segments live: a folder, or memory if there is none.
  let folder: SpoolFolder?
  let segmentBytes: Int
  let segmentsMax: Int
  private let sparesWanted: Int
  private let destination: String
  private let producer: UUID
  private let state: Mutex<State>
  /// Tells the keeper that ``upkeep()`` has something to do.
  let upkeepNeeded = WakeSignal()

  private struct State {
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

  /// Prepares the first spares at once, so that an unusable folder is an error now.
  init(
    folder: SpoolFolder?, segmentBytes: Int, limitBytes: Int, spares: Int, destination: String
  ) throws(SystemError) {
    self.folder = folder
    self.segmentBytes = segmentBytes
    segmentsMax = max(2, limitBytes / segmentBytes)
    sparesWanted = spares
    self.destination = destination
    producer = folder?.producer ?? UUID()
    state = Mutex(State())
    do { try upkeep() } catch {
      removeUnused()
      if let folder { SpoolFolder.removeIfEmpty(folder.path) }
      throw error
    }
  }

  var segmentCount: Int { state.withLock { $0.count } }

  /// A segment to append to, begun; or why there is none.
  func take() -> Result<Segment, DropError> {
    let (source, sequence) = state.withLock { state -> (Source, UInt64) in
      if let spare = state.spares.popLast() { return (.spare(spare), state.nextSequence()) }
      guard state.count < segmentsMax else { return (.none(.full), 0) }
      if state.isRefused {
        // On a full disk, not each caller needs to be told so by the disk: the keeper tries again.
        // Where no worker runs, some callers do.
        state.refusals += 1
        guard state.refusals.isMultiple(of: 1024) else { return (.none(.unavailable), 0) }
      }
      return (.new(number: state.nextNew()), state.nextSequence())
    }
    if folder != nil, source.needsUpkeep { upkeepNeeded.set() }
    do throws(SystemError) {
      switch source {
      case .spare(let spare): return .success(try begun(spare, sequence))
      case .new(let number): return .success(try begun(try make(number), sequence))
      case .none(let reason): return .failure(DropError(reason: reason))
      }
    } catch {
      return .failure(DropError(reason: .unavailable))
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

  private func begun(_ segment: Segment, _ sequence: UInt64) throws(SystemError) -> Segment {
    do throws(SystemError) {
      try segment.begin(
        SegmentHeader(
          producer: producer, bootID: Machine.bootID ?? producer, capacity: segment.capacity,
          sequence: sequence, destination: destination))
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
        if let folder { try folder.makeSegment(number: number, bytes: segmentBytes) } else {
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
    state.withLock { state in
      if folder != nil {
        state.retired.append(segment)
      } else if state.spares.count < sparesWanted {
        state.spares.append(segment)
      } else {
        state.count -= 1
      }
    }
    // In memory there is nothing to keep up, but whoever waits for room is told.
    upkeepNeeded.set()
  }

  /// Everything slow: prepares spares from what came back or anew, removes what is not needed.
  ///
  /// Only the keeper calls it.
  func upkeep() throws(SystemError) {
    guard folder != nil else { return }
    while let segment = state.withLock({ $0.retired.popLast() }) {
      if state.withLock({ $0.spares.count < sparesWanted }), segment.retire(), isUsable(segment) {
        state.withLock { $0.spares.append(segment) }
      } else {
        if let path = segment.path { Folder.removeFile(path) }
        state.withLock { $0.count -= 1 }
      }
    }
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

  /// Whether a segment can be begun anew: its file is whole, and its pages are in memory. What the
  /// system has written back meanwhile would fault at the next store.
  private func isUsable(_ segment: Segment) -> Bool {
    guard segment.isIntact else { return false }
    return (try? segment.mapped().prefault()) != nil
  }

  /// Removes what holds no rows: spares, and what came back.
  func removeUnused() {
    let unused = state.withLock { state in
      defer { (state.spares, state.retired) = ([], []) }
      state.count -= state.spares.count + state.retired.count
      return state.spares + state.retired
    }
    for case let path? in unused.map(\.path) { Folder.removeFile(path) }
  }
}
