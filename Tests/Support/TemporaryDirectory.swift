internal import Foundation

/// Runs `body` with a new directory, and removes the directory afterwards. Its path is short, because the paths of
/// sockets have a length limit.
///
/// - Parameter inMemory: Whether the directory is in memory. A disk is too slow for thousands of files.
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

/// The relative paths of all files and directories below a directory, sorted.
package func contents(of directory: String) -> [String] {
  (FileManager.default.enumerator(atPath: directory)?.allObjects as? [String] ?? []).sorted()
}

/// The contents of a directory after released clients have cleaned up. The tasks of a service group may hold the last
/// reference for a moment after the group has ended.
package func leftovers(of directory: String) async -> [String] {
  let deadline = ContinuousClock.now + .seconds(300)
  while !contents(of: directory).isEmpty, ContinuousClock.now < deadline { await Task.yield() }
  return contents(of: directory)
}
