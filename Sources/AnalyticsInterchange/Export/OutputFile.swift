import AnalyticsText

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An output that takes bytes in order. Its user ends it, by ``finish()`` or by ``abandon()``.
package protocol ByteSink: AnyObject {
  func write(_ bytes: UnsafeRawBufferPointer) throws
  /// Called once, after the last byte. Without it the output counts as unfinished.
  func finish() throws
  /// Gives up an unfinished output and removes its file, if it has one. Does nothing after
  /// ``finish()``, unless that failed.
  func abandon()
}

extension ByteSink {
  package func write(_ text: String) throws {
    var text = text
    try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
  }
}

/// An output file, or standard output.
///
/// The file is written under its name with the suffix `.partial`, and renamed once it is complete
/// and synced to the device, so that its own name never refers to half a file. Anything but a
/// regular file, such as a pipe, is written directly. Blocks its thread.
package final class OutputFile: ByteSink {
  /// The name in messages.
  let name: String
  private let path: String?
  private let partialPath: String?
  private let descriptor: CInt
  /// Whether the descriptor has to be closed. Standard output stays open.
  private var isOpen = false

  /// - Parameter path: `nil` for standard output.
  package init(path: String?) throws(InterchangeError) {
    name = path ?? "standard output"
    self.path = path
    guard let path else {
      (descriptor, partialPath) = (STDOUT_FILENO, nil)
      return
    }
    var status = stat()
    let isSpecial = stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    partialPath = isSpecial ? nil : path + ".partial"
    descriptor = open(partialPath ?? path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Self.error("cannot write \(path)") }
    isOpen = true
  }

  deinit { assert(!isOpen, "an output is finished or abandoned") }

  package func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes
    while !rest.isEmpty {
      #if canImport(Glibc)
        let count = Glibc.write(descriptor, rest.baseAddress, rest.count)
      #elseif canImport(Musl)
        let count = Musl.write(descriptor, rest.baseAddress, rest.count)
      #else
        let count = Darwin.write(descriptor, rest.baseAddress, rest.count)
      #endif
      if count >= 0 {
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(count))
      } else if errno == EAGAIN {
        // Another process that shares the terminal or pipe has made it non-blocking.
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&entry, 1, -1)
      } else if errno != EINTR {
        throw Self.error("cannot write \(name)")
      }
    }
  }

  package func finish() throws {
    if let path, let partialPath {
      guard fsync(descriptor) == 0, rename(partialPath, path) == 0 else {
        throw Self.error("cannot write \(name)")
      }
    }
    end()
  }

  package func abandon() {
    guard isOpen else { return }
    end()
    if let partialPath { unlink(partialPath) }
  }

  private func end() {
    if isOpen { close(descriptor) }
    isOpen = false
  }

  /// Creates an error with the text of `errno`.
  private static func error(_ what: String) -> InterchangeError {
    InterchangeError(.failed, "\(what): \(SystemReason.text(errno))")
  }
}
