import AnalyticsTestSupport
import Foundation

/// A running `AnalyticsServiceSubject`, which the test starts, and kills by its process id.
///
/// Its standard input is a pipe whose other end this process holds: if the tests are killed, the subject ends, too. Its
/// standard output is a pipe that it never writes to. The end of that pipe shows that the subject has ended, also where
/// no test killed it.
final class SubjectProcess: Sendable {
  /// One run of a subject, with the file that records which events were accepted.
  struct Life: Sendable {
    let incarnation: Int
    let acknowledgements: String
  }

  /// What the subject does. Its documentation describes the kinds.
  enum Kind: String {
    case worker
    case noWorker = "no-worker"
    case paced
  }

  static let threads = 3

  let life: Life
  private let process: ChildProcess
  private let lifeline = Pipe()
  private let output = Pipe()

  /// - Parameter isFirstProcess: Whether it runs as process 1 in a PID namespace of its own.
  init(
    url: String, spool: String, incarnation: Int, burst: Int = 10, kind: Kind = .worker,
    isFirstProcess: Bool = false, acknowledgementsIn directory: String
  ) throws {
    let file = "\(directory)/acknowledged-\(incarnation)"
    life = Life(incarnation: incarnation, acknowledgements: file)
    let subject = product("AnalyticsServiceSubject").path
    let arguments = [
      url, spool, "\(Self.threads)", "\(incarnation)", "\(burst)", file, kind.rawValue,
    ]
    process = try ChildProcess(
      isFirstProcess ? Self.unshare : subject,
      isFirstProcess ? Self.ownNamespace + [subject] + arguments : arguments,
      input: .pipe(lifeline), output: .pipe(output))
  }

  /// Waits until the subject has ended, at most this long.
  ///
  /// - Returns: Whether the subject has ended.
  func hasEnded(within milliseconds: Int) -> Bool {
    let output = output.fileHandleForReading.fileDescriptor
    var ends = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
    return poll(&ends, 1, Int32(milliseconds)) != 0
  }

  /// Kills the subject with SIGKILL, and waits for its end.
  ///
  /// - Returns: Whether this kill ended it.
  @discardableResult
  func kill() -> Bool {
    process.signal(SIGKILL)
    let ending = process.wait()
    // In a PID namespace of its own the subject ends a moment after `unshare`, which receives the signal.
    _ = hasEnded(within: 10_000)
    return ending == .killed(SIGKILL)
  }

  private static let unshare = "/usr/bin/unshare"
  private static let ownNamespace = ["--pid", "--fork", "--kill-child", "--"]

  /// Whether this user may make PID namespaces.
  static let canBeFirstProcess =
    (try? ChildProcess.run(unshare, ownNamespace + ["true"]))?.ending == .exited(0)

  /// The subject's process id in its own namespace; `nil` until it runs there.
  var numberInNamespace: Int? {
    let children = "/proc/\(process.id)/task/\(process.id)/children"
    guard
      let child = try? String(contentsOfFile: children, encoding: .utf8).split(separator: " ")
        .first,
      let status = try? String(contentsOfFile: "/proc/\(child)/status", encoding: .utf8)
    else { return nil }
    let line = status.split(separator: "\n").first { $0.hasPrefix("NSpid:") }
    return line?.split(whereSeparator: \.isWhitespace).last.flatMap { Int($0) }
  }

  /// A value in `/proc/<id>/status` that is given in kB, such as `RssAnon`, converted to bytes.
  func memory(_ name: String) throws -> Int {
    let status = try String(contentsOfFile: "/proc/\(process.id)/status", encoding: .utf8)
    let line = status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
    let number = line?.dropFirst(name.count + 1).split(whereSeparator: \.isWhitespace).first
    guard let kilobytes = number.flatMap({ Int($0) }) else { throw POSIXError(.ENODATA) }
    return kilobytes << 10
  }

  deinit { kill() }
}

extension SubjectProcess.Life {
  /// The last accepted sequence number of each thread.
  var accepted: [Int] {
    guard let data = FileManager.default.contents(atPath: acknowledgements),
      data.count == 64 * SubjectProcess.threads
    else { return Array(repeating: 0, count: SubjectProcess.threads) }
    return (0..<SubjectProcess.threads).map { thread in
      data.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 64 * thread, as: Int.self) }
    }
  }
}

/// Runs a blocking `body` on a thread of its own.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value
{
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
  }
}
