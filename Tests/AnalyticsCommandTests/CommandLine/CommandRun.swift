import AnalyticsTestSupport
import Foundation
import Synchronization

/// The executable under test, which is run as a person runs it.
///
/// Its output goes to files, because a pipe that is not read would fill up.
final class CommandRun: Sendable {
  struct Outcome: Sendable {
    let exitCode: Int32
    let output: String
    let error: String

    /// The lines on standard error.
    var errorLines: [Substring] { error.split(separator: "\n") }
    /// The lines except warnings about old events, which depend on today's date.
    var complaints: [Substring] {
      errorLines.filter { !$0.hasPrefix("warning: raw events older than ") }
    }
  }

  private let process: ChildProcess
  private let directory: URL
  private let input: FileHandle?

  /// Starts `analytics`, or another executable of the package.
  ///
  /// - Parameter takesInput: Whether standard input stays open for ``send(_:)``. Otherwise it is empty.
  init(
    _ arguments: [String], executable: String = "analytics", environment: [String: String] = [:],
    takesInput: Bool = false
  ) throws {
    // Writing to a command that has ended must throw an error, not end this process.
    _ = Foundation.signal(SIGPIPE, SIG_IGN)
    directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("analytics-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let pipe = takesInput ? Pipe() : nil
    input = pipe?.fileHandleForWriting
    process = try ChildProcess(
      product(executable).path, arguments,
      // The environment has no settings of the caller, such as a DATABASE_URL.
      environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? ""]
        .merging(environment) { $1 },
      input: pipe.map { .pipe($0) } ?? .null,
      output: .file(directory.appendingPathComponent("output").path),
      error: .file(directory.appendingPathComponent("error").path))
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  func send(_ text: String) throws { try input?.write(contentsOf: Data(text.utf8)) }
  func closeInput() throws { try input?.close() }
  func signal(_ number: Int32) { process.signal(number) }

  /// What the command has printed so far.
  func outputSoFar() throws -> String { try soFar("output") }
  func errorSoFar() throws -> String { try soFar("error") }

  private func soFar(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: directory.appendingPathComponent(name)), as: UTF8.self)
  }

  /// Waits until the command has ended.
  func outcome() async throws -> Outcome {
    let ending = await process.ended()
    let code =
      switch ending {
      case .exited(let code): code
      case .killed(let signal): signal
      }
    func text(_ name: String) throws -> String {
      try String(contentsOf: directory.appendingPathComponent(name), encoding: .utf8)
    }
    return Outcome(
      exitCode: code, output: try text("output"), error: try text("error"))
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

/// Makes a file that exists while `body` runs.
func withFile<Result>(
  _ bytes: some Sequence<UInt8>, named name: String = "events.ndjson",
  _ body: (String) async throws -> Result
) async throws -> Result {
  try await withTemporaryDirectory { directory in
    let file = directory + "/" + name
    try Data(bytes).write(to: URL(fileURLWithPath: file))
    return try await body(file)
  }
}
