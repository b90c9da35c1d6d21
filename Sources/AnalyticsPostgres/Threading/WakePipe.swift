#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// A pipe that wakes a thread in `poll(2)`, from any other thread.
///
/// A byte only means "check again": the woken thread asks the task or the clock what happened. So a
/// byte that is left over from an earlier call is harmless. Both descriptors stay open as long as
/// the object is referenced.
final class WakePipe: Sendable {
  let readDescriptor: Int32
  private let writeDescriptor: Int32

  /// Opens the pipe.
  ///
  /// - Returns: `nil` if the process has no file descriptors left.
  init?() {
    var ends: (Int32, Int32) = (-1, -1)
    let made = withUnsafeMutablePointer(to: &ends) { pointer in
      pointer.withMemoryRebound(to: Int32.self, capacity: 2) { pipe($0) }
    }
    guard made == 0 else { return nil }
    (readDescriptor, writeDescriptor) = ends
    for descriptor in [readDescriptor, writeDescriptor] {
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }
  }

  deinit {
    close(readDescriptor)
    close(writeDescriptor)
  }

  /// Wakes the reader. Never blocks: a full pipe wakes the reader as well.
  func signal() {
    var byte: UInt8 = 1
    _ = write(writeDescriptor, &byte, 1)
  }

  func drain() {
    withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
      while read(readDescriptor, buffer.baseAddress, buffer.count) > 0 {}
    }
  }
}
