internal import Foundation

/// A directory of its own for one test, removed afterwards. Its name is short: sockets have their places
/// in it.
///
/// - Parameter inMemory: Whether thousands of files come and go, for which a disk is too slow.
package func withTemporaryDirectory<Value>(
  inMemory: Bool = false, _ body: (String) async throws -> Value
) async throws -> Value {
  let memory = "/dev/shm"
  let parent =
    inMemory && FileManager.default.isWritableFile(atPath: memory)
    ? URL(fileURLWithPath: memory) : FileManager.default.temporaryDirectory
  let directory = parent.appendingPathComponent("analytics-" + UUID().uuidString.prefix(8))
  try FileManager.default.createDirectory(
    at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  defer { try? FileManager.default.removeItem(at: directory) }
  return try await body(directory.path)
}

/// All files and directories below a directory, relative, sorted.
package func contents(of directory: String) -> [String] {
  (FileManager.default.enumerator(atPath: directory)?.allObjects as? [String] ?? []).sorted()
}

/// What is in a directory once clients that are gone have cleaned up: tasks of a service group that has
/// ended may hold the last reference for a moment longer.
package func leftovers(of directory: String) async -> [String] {
  let deadline = ContinuousClock.now + .seconds(300)
  while !contents(of: directory).isEmpty, ContinuousClock.now < deadline { await Task.yield() }
  return contents(of: directory)
}
