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
    try upkeep()
  }

  var segmentCount: Int { state.withLock { $0.count } }

  /// A segment to append to, begun; or why there is none.
  func take() -> Result<Segment, DropError> {
    let (spare, number, sequence) = state.withLock { state -> (Segment?, Int?, UInt64) in
      state.begun += 1
      if let spare = state.spares.popLast() { return (spare, nil, state.begun) }
      guard state.count < segmentsMax else { return (nil, nil, 0) }
      state.count += 1
      state.nextNumber += 1
      return (nil, state.nextNumber, state.begun)
    }
    if folder != nil { upkeepNeeded.set() }
    do {
      if let spare { return .success(try begun(spare, sequence)) }
      guard let number else { return .failure(DropError(reason: .full)) }
      do { return .success(try begun(try make(number), sequence)) } catch {
        state.withLock { $0.count -= 1 }
        throw error
      }
    } catch {
      return .failure(DropError(reason: .unavailable))
    }
  }

  struct DropError: Error { let reason: DropReason }

  private func begun(_ segment: Segment, _ sequence: UInt64) throws(SystemError) -> Segment {
    try segment.begin(
      SegmentHeader(
        producer: producer, bootID: Machine.bootID ?? producer, capacity: segment.capacity,
        sequence: sequence, destination: destination))
    return segment
  }

  private func make(_ number: Int) throws(SystemError) -> Segment {
    if let folder { return try folder.makeSegment(number: number, bytes: segmentBytes) }
    return Segment(path: nil, memory: try MappedMemory(anonymousBytes: segmentBytes))
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
      if state.withLock({ $0.spares.count < sparesWanted }), segment.retire() {
        // What the system has written back meanwhile would fault at the next store.
        try segment.mapped().prefault()
        state.withLock { $0.spares.append(segment) }
      } else {
        if let path = segment.path { Folder.removeFile(path) }
        state.withLock { $0.count -= 1 }
      }
    }
    while true {
      let number = state.withLock { state -> Int? in
        guard state.spares.count < sparesWanted, state.count < segmentsMax else { return nil }
        state.count += 1
        state.nextNumber += 1
        return state.nextNumber
      }
      guard let number else { return }
      do {
        let segment = try make(number)
        state.withLock { $0.spares.append(segment) }
      } catch {
        state.withLock { $0.count -= 1 }
        throw error
      }
    }
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
