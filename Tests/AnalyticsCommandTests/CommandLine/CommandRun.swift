import AnalyticsTestSupport
import Foundation
import Synchronization

/// The executable under test, run as a person would.
///
/// Output goes to files, so that no pipe fills up while nobody reads it.
final class CommandRun: Sendable {
  struct Outcome: Sendable {
    let exitCode: Int32
    let output: String
    let error: String

    /// Whole lines on standard error.
    var errorLines: [Substring] { error.split(separator: "\n") }
  }

  private let process: Process
  private let folder: URL
  private let input: FileHandle?
  private let ended: Ended

  /// The process's end, and whoever waits for it.
  private final class Ended: Sendable {
    private let state = Mutex<(isOver: Bool, waiter: CheckedContinuation<Void, Never>?)>(
      (false, nil))

    func isOver() {
      let waiter = state.withLock { state in
        state.isOver = true
        return state.waiter
      }
      waiter?.resume()
    }

    func wait() async {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          state.waiter = continuation
          return state.isOver
        }
        if isOver { continuation.resume() }
      }
    }
  }

  /// Starts `analytics`, or another of our executables.
  ///
  /// - Parameter takesInput: Whether standard input stays open, for ``send(_:)``; otherwise it is
  ///   empty.
  init(
    _ arguments: [String], executable: String = "analytics", environment: [String: String] = [:],
    takesInput: Bool = false
  ) throws {
    // Writing to a command that has ended is an error to throw, not one to die of.
    _ = Foundation.signal(SIGPIPE, SIG_IGN)
    folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("analytics-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    process = Process()
    process.executableURL = product(executable)
    process.arguments = arguments
    // Nothing of the caller's settings: a DATABASE_URL of theirs is not for tests.
    process.environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? ""]
      .merging(environment) { $1 }
    process.standardOutput = try Self.newFile(folder.appendingPathComponent("output"))
    process.standardError = try Self.newFile(folder.appendingPathComponent("error"))
    let pipe = takesInput ? Pipe() : nil
    input = pipe?.fileHandleForWriting
    process.standardInput = pipe ?? FileHandle.nullDevice
    let ended = Ended()
    self.ended = ended
    process.terminationHandler = { _ in ended.isOver() }
    try process.run()
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func send(_ text: String) throws { try input?.write(contentsOf: Data(text.utf8)) }
  func closeInput() throws { try input?.close() }
  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  /// What it has printed by now.
  func outputSoFar() throws -> String { try soFar("output") }
  func errorSoFar() throws -> String { try soFar("error") }

  private func soFar(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: folder.appendingPathComponent(name)), as: UTF8.self)
  }

  /// Waits for the end.
  func outcome() async throws -> Outcome {
    await ended.wait()
    func text(_ name: String) throws -> String {
      try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
    }
    return Outcome(
      exitCode: process.terminationStatus, output: try text("output"), error: try text("error"))
  }

  private static func newFile(_ url: URL) throws -> FileHandle {
    _ = FileManager.default.createFile(atPath: url.path, contents: nil)
    return try FileHandle(forWritingTo: url)
  }
}

/// Runs `analytics` to its end.
func analytics(
  _ arguments: String..., environment: [String: String] = [:], input: String? = nil
) async throws -> CommandRun.Outcome {
  let run = try CommandRun(arguments, environment: environment, takesInput: input != nil)
  if let input {
    try run.send(input)
    try run.closeInput()
  }
  return try await run.outcome()
}

/// A file for the time of a test.
func withFile<Result>(
  _ bytes: some Sequence<UInt8>, named name: String = "events.ndjson",
  _ body: (String) async throws -> Result
) async throws -> Result {
  try await withTemporaryFolder { folder in
    let file = folder + "/" + name
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return try await body(file)
  }
}
