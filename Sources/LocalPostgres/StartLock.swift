#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Prevents two processes from initializing or starting a cluster at the same time.
///
/// It is a file lock, so it is released when its process ends.
enum StartLock {
  /// Waits for the lock, and holds it while `body` runs.
  ///
  /// - Throws: `locked` if the lock is not free within a minute or the task is cancelled.
  static func hold<Result>(
    _ path: String, _ body: () async throws(LocalPostgresError) -> Result
  ) async throws(LocalPostgresError) -> Result {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw LocalPostgresError(.directoryUnusable, "cannot open \(path)")
    }
    defer { close(descriptor) }
    // Polled: a blocking flock would occupy a thread of the cooperative pool.
    for _ in 0..<1200 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return try await body() }
      guard (try? await Task.sleep(for: .milliseconds(50))) != nil else { break }
    }
    throw LocalPostgresError(.locked, "another process is starting this cluster: \(path)")
  }
}
