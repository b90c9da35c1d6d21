internal import Foundation

/// A small file system in memory that a test can fill. The test needs root to mount it.
package final class SmallDisk: Sendable {
  package let path: String
  private var ballast: String { path + "/ballast" }

  private init(_ path: String) { self.path = path }

  /// Why tests with a small disk are skipped; `nil` if a disk can be mounted.
  package static let obstacle: String? = {
    guard geteuid() == 0 else { return "only root can mount a small file system" }
    do {
      try mounted(bytes: 1 << 20).unmount()
      return nil
    } catch { return "this machine does not allow mounting a file system" }
  }()

  /// Mounts a disk while `body` runs.
  package static func with<Value>(
    bytes: Int, _ body: (SmallDisk) async throws -> Value
  ) async throws -> Value {
    let disk = try mounted(bytes: bytes)
    defer { disk.unmount() }
    return try await body(disk)
  }

  /// Fills all free space.
  package func fill() throws {
    // Without `O_CLOEXEC`, a process that another test starts meanwhile would inherit the open file.
    let file = open(ballast, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw POSIXError(.EACCES) }
    defer { close(file) }
    for size in [1 << 20, 64 << 10, 1 << 10] {
      let zeros = [UInt8](repeating: 0, count: size)
      while write(file, zeros, size) > 0 {}
    }
  }

  /// Frees the space again, even if another process has the file open.
  package func empty() throws {
    guard truncate(ballast, 0) == 0 else { throw POSIXError(.EIO) }
    try FileManager.default.removeItem(atPath: ballast)
  }

  private static func mounted(bytes: Int) throws -> SmallDisk {
    let path = "/tmp/analytics-disk-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    do {
      try run("mount", ["-t", "tmpfs", "-o", "size=\(bytes),mode=755", "none", path])
    } catch {
      rmdir(path)
      throw error
    }
    return SmallDisk(path)
  }

  /// A lazy unmount succeeds although a process still has a file open or mapped there.
  private func unmount() {
    try? Self.run("umount", ["-l", path])
    rmdir(path)
  }

  private static func run(_ command: String, _ arguments: [String]) throws {
    let ending = try ChildProcess.run("/usr/bin/env", [command] + arguments).ending
    guard ending == .exited(0) else { throw POSIXError(.EPERM) }
  }
}
