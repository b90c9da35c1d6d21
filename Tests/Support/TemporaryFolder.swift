internal import Foundation

/// A folder of its own for one test, removed afterwards. Its name is short: sockets have their places
/// in it.
///
/// - Parameter inMemory: Whether thousands of files come and go, for which a disk is too slow.
package func withTemporaryFolder<Value>(
  inMemory: Bool = false, _ body: (String) async throws -> Value
) async throws -> Value {
  let memory = "/dev/shm"
  let parent =
    inMemory && FileManager.default.isWritableFile(atPath: memory)
    ? URL(fileURLWithPath: memory) : FileManager.default.temporaryDirectory
  let folder = parent.appendingPathComponent("analytics-" + UUID().uuidString.prefix(8))
  try FileManager.default.createDirectory(
    at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  defer { try? FileManager.default.removeItem(at: folder) }
  return try await body(folder.path)
}

/// All files and folders below a folder, relative, sorted.
package func contents(of folder: String) -> [String] {
  (FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []).sorted()
}

/// What is in a folder once clients that are gone have cleaned up: tasks of a service group that has
/// ended may hold the last reference for a moment longer.
package func leftovers(of folder: String) async -> [String] {
  let deadline = ContinuousClock.now + .seconds(300)
  while !contents(of: folder).isEmpty, ContinuousClock.now < deadline { await Task.yield() }
  return contents(of: folder)
}
