/// Where events wait for the database, and what they survive there.
///
/// | mode | survives `kill -9` of the process | survives power loss | `track` costs |
/// |---|---|---|---|
/// | ``durable(folder:limitBytes:syncInterval:)`` | yes | but for the last sync interval | 70 ns |
/// | ``memory(limitBytes:)`` | no | no | the same |
/// | ``synchronous(folder:limitBytes:)`` | yes | yes | a write to the device, milliseconds |
///
/// A folder may be shared by any number of processes and services. It must be on a file system that
/// can lock and map files, and must outlive what the events shall outlive: in a container, a volume.
public enum BufferMode: Sendable, Hashable {
  /// In memory. What is not stored when the process ends is lost.
  case memory(limitBytes: Int = 64 << 20)

  /// In mapped files: once `track` returns, the event survives the process.
  case durable(
    folder: String, limitBytes: Int = 4 << 30, syncInterval: Duration = .seconds(1))

  /// In mapped files that are brought to the device before `track` returns.
  ///
  /// The caller waits for the device; calls at the same time share one wait. Where the device
  /// fails, `track` says ``DropReason/unavailable``: the event waits all the same, as if durable.
  case synchronous(folder: String, limitBytes: Int = 4 << 30)

  var folder: String? {
    switch self {
    case .memory: nil
    case .durable(let folder, _, _), .synchronous(let folder, _): folder
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
