#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Keeps two processes from initializing and starting one cluster at the same time.
///
/// A lock on a file, so that it goes with the process that holds it.
enum StartLock {
  /// Waits for the lock, and holds it during `body`.
  static func hold<Result>(
    _ path: String, _ body: () async throws(LocalPostgresError) -> Result
  ) async throws(LocalPostgresError) -> Result {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw LocalPostgresError(.folderUnusable, "cannot open \(path)")
    }
    defer { close(descriptor) }
    // Polled: a blocking flock would hold a thread of the cooperative pool.
    for _ in 0..<1200 {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return try await body() }
      guard (try? await Task.sleep(for: .milliseconds(50))) != nil else { break }
    }
    throw LocalPostgresError(.locked, "another process is starting this cluster: \(path)")
  }
}
