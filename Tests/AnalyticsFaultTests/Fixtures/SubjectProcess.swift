import AnalyticsTestSupport
import Foundation
import Synchronization

/// A running `AnalyticsServiceSubject`, spawned here and killed by its id.
///
/// Its standard input is a pipe whose other end this process holds: should the tests themselves be
/// killed, the subject ends with them. Its standard output is a pipe that it never writes to, so
/// that the end of the pipe tells of an end that nobody asked for.
final class SubjectProcess: Sendable {
  /// What the subject was promised, and by which life of it.
  struct Life: Sendable {
    let incarnation: Int
    let acknowledgements: String
  }

  /// What it does, as its documentation says.
  enum Kind: String {
    case worker
    case noWorker = "no-worker"
    case paced
  }

  static let threads = 3

  let life: Life
  private let identifier: pid_t
  private let lifeline: Int32
  private let output: Int32
  /// Whether it was killed; `nil` while it lives.
  private let wasKilled = Mutex<Bool?>(nil)

  /// Two subjects spawned at once must not inherit the ends of each other's pipes.
  private static let spawning = Mutex(())

  /// - Parameter isFirstProcess: Whether it runs in a PID namespace of its own, as number 1.
  init(
    url: String, spool: String, incarnation: Int, burst: Int = 10, kind: Kind = .worker,
    isFirstProcess: Bool = false, acknowledgementsIn folder: String
  ) throws {
    let file = "\(folder)/acknowledged-\(incarnation)"
    life = Life(incarnation: incarnation, acknowledgements: file)
    let namespace =
      isFirstProcess ? ["/usr/bin/unshare", "--pid", "--fork", "--kill-child", "--"] : []
    let arguments =
      namespace + [
        product("AnalyticsServiceSubject").path, url, spool, "\(Self.threads)", "\(incarnation)",
        "\(burst)", file,
        kind.rawValue,
      ]
    (identifier, lifeline, output) = try Self.spawning.withLock { _ in
      try Self.spawn(arguments)
    }
  }

  /// Waits until the subject has ended, but no longer than this.
  ///
  /// - Returns: whether it has.
  func hasEnded(within milliseconds: Int) -> Bool {
    var ends = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
    return poll(&ends, 1, Int32(milliseconds)) != 0
  }

  /// Kills with SIGKILL and takes note of the death.
  ///
  /// - Returns: whether it was this that ended it.
  @discardableResult
  func kill() -> Bool {
    wasKilled.withLock { wasKilled in
      if let wasKilled { return wasKilled }
      Foundation.kill(identifier, SIGKILL)
      var status: Int32 = 0
      while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
      // In a namespace of its own it ends a moment after whoever has started it.
      _ = hasEnded(within: 10_000)
      close(lifeline)
      close(output)
      wasKilled = status & 0x7f == SIGKILL
      return status & 0x7f == SIGKILL
    }
  }

  /// Whether this user may make PID namespaces.
  static let canBeFirstProcess: Bool = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    process.arguments = ["--pid", "--fork", "--kill-child", "--", "true"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }()

  /// Its number in the namespace that it runs in; `nil` as long as it does not run there yet.
  var numberInNamespace: Int? {
    let children = "/proc/\(identifier)/task/\(identifier)/children"
    guard
      let child = try? String(contentsOfFile: children, encoding: .utf8).split(separator: " ")
        .first,
      let status = try? String(contentsOfFile: "/proc/\(child)/status", encoding: .utf8)
    else { return nil }
    let line = status.split(separator: "\n").first { $0.hasPrefix("NSpid:") }
    return line?.split(whereSeparator: \.isWhitespace).last.flatMap { Int($0) }
  }

  /// A line of `/proc/<id>/status` that is given in kB, such as `RssAnon`, in bytes.
  func memory(_ name: String) throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(identifier)/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
    let number = line?.dropFirst(name.count + 1).split(whereSeparator: \.isWhitespace).first
    guard let kilobytes = number.flatMap({ Int($0) }) else { throw POSIXError(.ENODATA) }
    return kilobytes << 10
  }

  deinit { kill() }

  private static func spawn(_ arguments: [String]) throws -> (pid_t, Int32, Int32) {
    let input = try makePipe()
    let output = try makePipe()
    defer {
      close(input.read)
      close(output.write)
    }
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
    #else
      var actions = posix_spawn_file_actions_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input.read, 0)
    posix_spawn_file_actions_adddup2(&actions, output.write, 1)
    var identifier: pid_t = 0
    let texts = arguments.map { strdup($0) }
    defer { for text in texts { free(text) } }
    let code = posix_spawn(&identifier, arguments[0], &actions, nil, texts + [nil], environ)
    guard code == 0 else {
      close(input.write)
      close(output.read)
      throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO)
    }
    return (identifier, input.write, output.read)
  }

  private static func makePipe() throws -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw POSIXError(.EMFILE) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }
}

extension SubjectProcess.Life {
  /// The last sequence that each thread was promised.
  var promised: [Int] {
    guard let data = FileManager.default.contents(atPath: acknowledgements),
      data.count == 64 * SubjectProcess.threads
    else { return Array(repeating: 0, count: SubjectProcess.threads) }
    return (0..<SubjectProcess.threads).map { thread in
      data.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 64 * thread, as: Int.self) }
    }
  }
}

/// Runs `body`, which blocks, on a thread of its own.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value
{
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
  }
}
