#if canImport(Darwin)
  internal import Darwin
#elseif canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// Wakes a thread that sits in `poll(2)`, from any other thread.
///
/// A byte means "look again", never more: who wakes up asks the task or the clock what happened.
/// A byte left over from an earlier call is therefore harmless.
final class WakePipe: Sendable {
  let readDescriptor: Int32
  private let writeDescriptor: Int32

  /// - Returns: nil when the process has no descriptors left.
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

  /// Never blocks: a full pipe wakes the reader just as well.
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
