package import Foundation

/// A program that a test has started.
///
/// Foundation's `Process` is not used. It lists this process's open files to find the descriptors to close, and [reads
/// beyond the list](https://github.com/swiftlang/swift-corelibs-foundation/pull/5472). This crashes if very many files
/// are open, as in tests that run at the same time.
package final class ChildProcess: Sendable {
  /// The source or destination of one of the child's three standard streams.
  package enum Stream {
    /// The same stream of this process.
    case inherited
    case null
    /// A file to read. For output, a file that is created or emptied.
    case file(String)
    case descriptor(Int32)
    /// The same destination as standard output.
    case output
    /// A pipe. Once the child has its end, that end is closed in this process.
    case pipe(Pipe)
  }

  package enum Ending: Equatable, Sendable {
    case exited(Int32)
    /// The number of the signal that ended it.
    case killed(Int32)
  }

  package let id: pid_t
  private let state = State()

  /// Starts a program, which inherits no open files except its standard streams.
  ///
  /// - Parameters:
  ///   - path: An absolute path.
  ///   - environment: The environment of the program; `nil` for that of this process.
  ///   - directory: The working directory of the program; `nil` for that of this process.
  /// - Throws: `POSIXError` if the program cannot be started.
  package init(
    _ path: String, _ arguments: [String] = [], environment: [String: String]? = nil,
    in directory: String? = nil, input: Stream = .null, output: Stream = .inherited,
    error: Stream = .inherited
  ) throws {
    let actions = SpawnActions()
    if let directory { actions.changeDirectory(directory) }
    actions.connect(0, to: input)
    actions.connect(1, to: output)
    actions.connect(2, to: error)
    let variables = environment ?? ProcessInfo.processInfo.environment
    id = try actions.spawn([path] + arguments, variables.map { "\($0)=\($1)" })
    for case .pipe(let pipe) in [output, error] { try pipe.fileHandleForWriting.close() }
    if case .pipe(let pipe) = input { try pipe.fileHandleForReading.close() }
    Thread.detachNewThread { [id, state] in state.follow(id) }
  }

  /// Runs a program to its end, and blocks the thread until then.
  ///
  /// - Returns: How the program ended, and what it wrote to standard output and standard error.
  package static func run(
    _ path: String, _ arguments: [String], in directory: String? = nil
  ) throws -> (ending: Ending, output: Data) {
    let output = Pipe()
    let child = try ChildProcess(
      path, arguments, in: directory, output: .pipe(output), error: .output)
    let data = output.fileHandleForReading.readDataToEndOfFile()
    return (child.wait(), data)
  }

  package var isRunning: Bool { state.ending == nil }

  /// Sends a signal if the process still runs.
  package func signal(_ number: Int32) { state.whileRunning { _ = kill(id, number) } }

  /// Blocks the thread until the process has ended.
  @discardableResult
  package func wait() -> Ending { state.wait() }

  /// Waits for the process's end without blocking a thread that other tests need. If the task is cancelled, as at a
  /// test's time limit, the process is killed.
  @discardableResult
  package func ended() async -> Ending {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        state.whenEnded { continuation.resume(returning: $0) }
      }
    } onCancel: {
      signal(SIGKILL)
    }
  }
}

extension ChildProcess {
  private final class State: @unchecked Sendable {
    private let condition = NSCondition()
    private var end: Ending?
    private var waiters: [@Sendable (Ending) -> Void] = []

    var ending: Ending? { condition.withLock { end } }

    /// Waits for the process's end. Its id is not given to another process before the end is recorded here.
    func follow(_ id: pid_t) {
      var info = siginfo_t()
      while waitid(P_PID, id_t(id), &info, WEXITED | WNOWAIT) < 0, errno == EINTR {}
      let (ending, waiters) = condition.withLock {
        var status: Int32 = 0
        while waitpid(id, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7f
        let ending = signal == 0 ? Ending.exited(status >> 8 & 0xff) : .killed(signal)
        end = ending
        condition.broadcast()
        return (ending, self.waiters)
      }
      for waiter in waiters { waiter(ending) }
    }

    func whileRunning(_ body: () -> Void) {
      condition.withLock { if end == nil { body() } }
    }

    func wait() -> Ending {
      condition.withLock {
        while true {
          if let end { return end }
          condition.wait()
        }
      }
    }

    func whenEnded(_ waiter: @escaping @Sendable (Ending) -> Void) {
      let end = condition.withLock {
        if self.end == nil { waiters.append(waiter) }
        return self.end
      }
      if let end { waiter(end) }
    }
  }
}

/// The actions in a child before it executes the program.
private final class SpawnActions {
  #if canImport(Darwin)
    private var actions: posix_spawn_file_actions_t?
    private var attributes: posix_spawnattr_t?
  #else
    private var actions = posix_spawn_file_actions_t()
    private var attributes = posix_spawnattr_t()
  #endif

  init() {
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
  }

  deinit {
    posix_spawn_file_actions_destroy(&actions)
    posix_spawnattr_destroy(&attributes)
  }

  func changeDirectory(_ path: String) { _ = posix_spawn_file_actions_addchdir_np(&actions, path) }

  func connect(_ number: Int32, to stream: ChildProcess.Stream) {
    switch stream {
    case .inherited: posix_spawn_file_actions_adddup2(&actions, number, number)
    case .null: posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0)
    case .file(let path):
      let flags = number == 0 ? O_RDONLY : O_WRONLY | O_CREAT | O_TRUNC
      posix_spawn_file_actions_addopen(&actions, number, path, flags, 0o600)
    case .descriptor(let descriptor):
      posix_spawn_file_actions_adddup2(&actions, descriptor, number)
    case .output: posix_spawn_file_actions_adddup2(&actions, 1, number)
    case .pipe(let pipe):
      let end = number == 0 ? pipe.fileHandleForReading : pipe.fileHandleForWriting
      posix_spawn_file_actions_adddup2(&actions, end.fileDescriptor, number)
    }
  }

  func spawn(_ arguments: [String], _ environment: [String]) throws -> pid_t {
    #if canImport(Darwin)
      posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_CLOEXEC_DEFAULT))
    #else
      _ = posix_spawn_file_actions_addclosefrom_np(&actions, 3)
    #endif
    var id: pid_t = 0
    let texts = arguments.map { strdup($0) }
    let variables = environment.map { strdup($0) }
    defer { for text in texts + variables { free(text) } }
    let code = posix_spawn(
      &id, arguments[0], &actions, &attributes, texts + [nil], variables + [nil])
    guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
    return id
  }
}

#if !canImport(Darwin)
  // The module of the C library lacks these functions.
  @_silgen_name("posix_spawn_file_actions_addchdir_np")
  private func posix_spawn_file_actions_addchdir_np(
    _ actions: UnsafeMutablePointer<posix_spawn_file_actions_t>, _ path: UnsafePointer<CChar>
  ) -> Int32

  @_silgen_name("posix_spawn_file_actions_addclosefrom_np")
  private func posix_spawn_file_actions_addclosefrom_np(
    _ actions: UnsafeMutablePointer<posix_spawn_file_actions_t>, _ from: Int32
  ) -> Int32
#endif
