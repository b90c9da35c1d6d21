internal import AnalyticsText
internal import Foundation
internal import Synchronization

/// What was read of rollups, kept in the process for whoever asks next: most of what a report reads are
/// days that do not change any more.
///
/// Each read is kept with the versions of the UTC days it is of. A day's version is how many events it
/// has, of all types: every event that is stored raises it, however late. Only an event that somebody
/// deletes before it is rolled up lowers it. What else changes figures (an erasure, a migration, another
/// server) changes the ``Source``, with which all that was kept goes. While a rollup is still to be
/// computed nothing is kept.
final class KeptReads: Sendable {
  /// What the figures are from, in a text that differs where anything but events may have changed.
  typealias Source = String

  /// What was read of a range of time: [lower, upper).
  struct Key: Hashable, Sendable {
    /// Everything that was said but the range.
    var query: ExactString
    var lower: Int64
    var upper: Int64
  }

  enum Content: Sendable {
    case figures([Figures.Row])
    /// By group.
    case counts([Group: Int])
    case activity(DayActivity)

    fileprivate var bytes: Int {
      switch self {
      case .figures(let rows): rows.reduce(0) { $0 + $1.bytes }
      case .counts(let counts): counts.count * 150
      case .activity(let day): day.entries.count * 16
      }
    }
  }

  private struct Entry {
    var versions: [Int64]
    var content: Content
  }

  private struct State {
    var entries: [Key: Entry] = [:]
    var bytes = 0
  }

  let source: Source
  /// The users that entries speak of.
  let users = UserNumbers()
  private let bytesMax: Int
  private let state = Mutex(State())

  init(source: Source, bytesMax: Int) {
    self.source = source
    self.bytesMax = bytesMax
  }

  /// `nil` if it was not read, or something happened since.
  func content(_ key: Key, _ versions: [Int64]) -> Content? {
    state.withLock { $0.entries[key].flatMap { $0.versions == versions ? $0.content : nil } }
  }

  /// Keeps something unless there is no room for it.
  func keep(_ content: Content, as key: Key, _ versions: [Int64]) {
    let bytes = content.bytes + Self.entryBytes + 8 * versions.count
    state.withLock { state in
      if let old = state.entries.removeValue(forKey: key) {
        state.bytes -= old.content.bytes + Self.entryBytes + 8 * old.versions.count
      }
      guard state.bytes + bytes + users.bytes <= bytesMax else { return }
      state.entries[key] = Entry(versions: versions, content: content)
      state.bytes += bytes
    }
  }

  /// Whether so little room is left that it is better to begin anew.
  var isFull: Bool { state.withLock { $0.bytes } + users.bytes > bytesMax / 10 * 9 }

  private static let entryBytes = 300
}

/// Small numbers in place of users' ids: four bytes instead of sixteen, and places in arrays.
final class UserNumbers: Sendable {
  private struct ID: Hashable {
    var high: UInt64
    var low: UInt64
  }

  private let numbers = Mutex<[ID: UInt32]>([:])

  /// - Parameter size: From where one id begins to where the next does, in bytes.
  func numbers(of ids: UnsafeRawBufferPointer, every size: Int) -> [UInt32] {
    numbers.withLock { numbers in
      stride(from: 0, to: ids.count - 15, by: size).map { offset in
        let id = ID(
          high: ids.loadUnaligned(fromByteOffset: offset, as: UInt64.self),
          low: ids.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
        if let number = numbers[id] { return number }
        let number = UInt32(numbers.count)
        numbers[id] = number
        return number
      }
    }
  }

  var bytes: Int { numbers.withLock { $0.capacity } * 26 }
}

/// What the readers of one ``ReportDatabase`` share.
final class ReadKeeper: Sendable {
  private let bytesMax: Int
  private let current = Mutex<KeptReads?>(nil)

  init(bytesMax: Int) { self.bytesMax = bytesMax }

  /// What was kept of a source. A reader holds on to it while others may have begun anew.
  func reads(of source: KeptReads.Source) -> KeptReads {
    current.withLock { current in
      if let current, current.source == source, !current.isFull { return current }
      let new = KeptReads(source: source, bytesMax: bytesMax)
      current = new
      return new
    }
  }
}
