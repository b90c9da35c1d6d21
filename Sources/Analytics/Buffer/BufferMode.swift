/// The place where events wait for the database, which decides what failures they survive.
///
/// | mode | survives `kill -9` of the process | survives power loss | `track` costs |
/// |---|---|---|---|
/// | ``durable(directory:limitBytes:syncInterval:)`` | yes | but for the last sync interval | 80 ns |
/// | ``memory(limitBytes:)`` | no | no | the same |
/// | ``synchronous(directory:limitBytes:)`` | yes | yes | a write to the device, milliseconds |
///
/// Any number of processes and services may share a spool directory. The directory must be on a
/// file system that can lock and map files. It must exist for at least as long as the events should
/// survive: in a container, put it on a volume.
public enum BufferMode: Sendable, Hashable {
  /// In memory. Events that are not stored when the process ends are lost.
  case memory(limitBytes: Int = 64 << 20)

  /// In memory-mapped files: once `track` returns, the event survives the end of the process.
  case durable(
    directory: String, limitBytes: Int = 4 << 30, syncInterval: Duration = .seconds(1))

  /// In memory-mapped files that are synced to the device before `track` returns.
  ///
  /// The caller waits for the device; concurrent calls share one sync. If the device fails, `track`
  /// returns ``DropReason/unavailable``. The event still waits in the buffer, as in the durable
  /// mode.
  case synchronous(directory: String, limitBytes: Int = 4 << 30)

  var directory: String? {
    switch self {
    case .memory: nil
    case .durable(let directory, _, _), .synchronous(let directory, _): directory
    }
  }

  var limitBytes: Int {
    switch self {
    case .memory(let limit), .durable(_, let limit, _), .synchronous(_, let limit): limit
    }
  }

  var syncInterval: Duration? {
    if case .durable(_, _, let interval) = self { interval } else { nil }
  }

  var syncsEachEvent: Bool {
    if case .synchronous = self { true } else { false }
  }
}
