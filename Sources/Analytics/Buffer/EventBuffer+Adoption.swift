import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

// The directories that dead processes left in the spool.

extension EventBuffer {
  var search: SpoolSearch { settlement.withLock { $0.search } }

  /// Sets the installation that rows are for: it is written into the segments, and directories of
  /// dead processes are compared with it.
  ///
  /// - Parameter installation: `nil` if the sink has none.
  func identify(_ installation: UUID?) {
    if let installation {
      pool.identify(installation)
      for segment in stripes.flatMap({ $0.segments().queue }) { segment.note(installation) }
    }
    settlement.withLock { $0.search.isIdentified = true }
  }

  /// Searches for directories that dead processes left for this destination, and adopts a limited
  /// number of them: each keeps a descriptor open until it is finished.
  ///
  /// A directory that cannot be read, for example another user's, does not end the search.
  func adopt() throws(SystemError) -> SpoolFinding {
    guard let root = mode.directory else { return SpoolFinding() }
    var finding = SpoolFinding()
    let own = pool.home?.directory?.path
    let destination = pool.destination
    for name in try Directory.names(in: root) where UUID(uuidString: name) != nil {
      let path = root + "/" + name
      guard path != own else { continue }
      if settlement.withLock({ $0.adopted.count }) >= Self.adoptedDirectoriesMax {
        finding.hasMore = true
        break
      }
      do throws(SystemError) {
        let adoption = try AdoptedDirectory.adopt(path, destination: destination)
        finding.problems += adoption.problems
        settlement.withLock { settlement in
          settlement.losses += adoption.losses
          guard let directory = adoption.directory else { return }
          settlement.recovered += directory.recovered
          settlement.adopted.append(directory)
        }
        if let rows = adoption.directory?.counts.pending, rows > 0 {
          finding.directories += 1
          finding.rows += rows
        }
      } catch {
        // Descriptors may be available again soon, so the whole search is repeated later.
        if error.isOutOfDescriptors { throw error }
        finding.problems.append("\(error)")
      }
    }
    settlement.withLock { settlement in
      finding.problems.removeAll { !settlement.knownProblems.insert($0).inserted }
      settlement.search.hasMore = finding.hasMore
      settlement.search.isComplete = settlement.search.isIdentified && !finding.hasMore
    }
    progress.notify()
    return finding
  }

  /// The number of events for this destination in directories of dead processes that no process has
  /// adopted.
  var unadoptedEvents: Int {
    guard let root = mode.directory, let report = try? SpoolReport(directory: root) else {
      return 0
    }
    let destination = pool.destination
    return report.producers.filter { !$0.isAlive }.flatMap(\.pending)
      .filter { destination.isOf($0.destination, $0.installation) }.reduce(0) { $0 + $1.events }
  }

  /// At most an eighth of the process's descriptors, and at most 16: the rest is for the service.
  private static let adoptedDirectoriesMax = max(1, min(16, Machine.descriptorsMax / 8))
}
