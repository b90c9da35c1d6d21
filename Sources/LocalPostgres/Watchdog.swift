#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif
internal import Subprocess
internal import Synchronization
internal import SystemPackage

/// A child process that stops a server when this process ends, in whatever way.
///
/// A shell reads from a pipe whose other end this process holds. The kernel closes that end when
/// the process ends, even by SIGKILL. The shell then stops the server at once and removes its
/// directory.
package final class Watchdog: Sendable {
  /// The end of the pipe that keeps the server running; -1 once released.
  let lifeline: Mutex<Int32>
  /// Runs as long as the server, which is longer than any caller's scope.
  private let child: Task<Void, Never>

  /// Starts the shell; returns once it runs.
  ///
  /// - Parameter script: Reads standard input to its end, and then cleans up.
  package init(script: String, _ arguments: [String]) async throws(LocalPostgresError) {
    guard let (readEnd, writeEnd) = Self.makePipe() else {
      throw LocalPostgresError(.commandFailed, "no file descriptors left")
    }
    lifeline = Mutex(writeEnd)
    let (started, continuation) = AsyncStream.makeStream(of: Bool.self)
    child = Task {
      await Self.watch(script, arguments, readEnd: readEnd) { continuation.yield(true) }
      continuation.finish()
    }
    guard await started.first(where: { $0 }) != nil else {
      close(writeEnd)
      throw LocalPostgresError(.commandFailed, "/bin/sh could not be run")
    }
  }

  deinit {
    closeLifeline()
  }

  /// Stops the server; returns once its directory is removed.
  package func release() async {
    closeLifeline()
    await child.value
  }

  func closeLifeline() {
    lifeline.withLock { descriptor in
      if descriptor >= 0 { close(descriptor) }
      descriptor = -1
    }
  }

  private static func watch(
    _ script: String, _ arguments: [String], readEnd: Int32,
    started: @escaping @Sendable () -> Void
  ) async {
    var options = PlatformOptions()
    // Control-C in a terminal reaches the whole process group. This process decides how to handle
    // it.
    options.createSession = true
    _ = try? await run(
      .path("/bin/sh"),
      arguments: Arguments(["-c", script, "analytics-postgres-watchdog"] + arguments),
      workingDirectory: "/", platformOptions: options,
      input: .fileDescriptor(
        FileDescriptor(rawValue: readEnd), closeAfterSpawningProcess: true),
      output: .discarded, error: .discarded
    ) { _ in
      started()
    }
  }

  private static func makePipe() -> (readEnd: Int32, writeEnd: Int32)? {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }
}

extension Watchdog {
  /// Creates the watchdog of a temporary cluster.
  convenience init(_ directory: ClusterDirectory) async throws(LocalPostgresError) {
    try await self.init(script: Self.clusterScript, [directory.path, directory.socket])
  }

  /// This process never writes, so `read` returns at the end of the pipe. The process ID in the
  /// lock file is trusted only if that process has the directory in its arguments.
  private static let clusterScript = """
    trap '' HUP INT TERM
    read -r _
    pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
    case $(ps -o args= -p "${pid:-0}" 2>/dev/null || tr '\\0' ' ' <"/proc/$pid/cmdline") in
    *"$1/data"*)
      kill -QUIT "$pid"
      tries=0
      while kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 100 ]; do
        sleep 0.1
        tries=$((tries + 1))
      done
      ;;
    esac
    rm -rf "$1" "$2"
    """
}
