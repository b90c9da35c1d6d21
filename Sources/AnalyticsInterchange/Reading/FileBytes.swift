import AnalyticsText

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The bytes of a file or of standard input, without decompression.
///
/// Blocks its thread, in steps short enough to notice that the task was cancelled.
package final class FileBytes: ByteSource {
  /// The name in messages.
  let name: String
  /// The size of a regular file; `nil` for any other.
  let byteCount: Int?
  /// The number of bytes read so far.
  private(set) var bytesRead = 0

  private let descriptor: CInt
  private let closes: Bool

  /// How long to wait for data of a pipe before checking whether the task was cancelled.
  private static let stepMilliseconds: CInt = 100

  /// Opens a file; `-` is standard input.
  package init(path: String) throws(InterchangeError) {
    let isStandardInput = path == "-"
    name = isStandardInput ? "standard input" : path
    closes = !isStandardInput
    descriptor = isStandardInput ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw InterchangeError(.failed, "cannot open \(name): \(SystemReason.text(errno))")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw InterchangeError(.failed, "cannot open \(name): \(SystemReason.text(errno))")
    }
    let format = status.st_mode & S_IFMT
    if format == S_IFDIR {
      throw InterchangeError(.failed, "\(name) is a directory; name the files in it")
    }
    byteCount = format == S_IFREG ? Int(status.st_size) : nil
  }

  deinit {
    if closes, descriptor >= 0 { close(descriptor) }
  }

  package func read(into buffer: UnsafeMutableRawBufferPointer) throws(InterchangeError) -> Int {
    while true {
      if Task.isCancelled { throw InterchangeError(.stopped, "\(name): stopped") }
      var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let ready = poll(&entry, 1, Self.stepMilliseconds)
      if ready == 0 || ready < 0 && errno == EINTR { continue }
      #if canImport(Glibc)
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      #elseif canImport(Musl)
        let count = Musl.read(descriptor, buffer.baseAddress, buffer.count)
      #else
        let count = Darwin.read(descriptor, buffer.baseAddress, buffer.count)
      #endif
      if count >= 0 {
        bytesRead += count
        return count
      }
      guard errno == EINTR || errno == EAGAIN else {
        throw InterchangeError(.failed, "cannot read \(name): \(SystemReason.text(errno))")
      }
    }
  }
}
