import AnalyticsInterchange
import AnalyticsText
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Standard error, shared by messages and a progress line that is redrawn.
///
/// If it is not a terminal, there is no progress line: files and pipes get only whole lines.
final class Terminal: ProgressDisplay {
  static let standardError = Terminal(descriptor: STDERR_FILENO)

  /// Whether it is a terminal.
  let showsProgress: Bool
  private let descriptor: CInt
  /// Whether the cursor is behind a progress line.
  private let isDirty = Mutex(false)

  init(descriptor: CInt) {
    self.descriptor = descriptor
    showsProgress = isatty(descriptor) == 1
  }

  /// Prints a line, and erases the progress line if there is one.
  func print(_ line: String) {
    isDirty.withLock { isDirty in
      write((isDirty ? Self.erase : "") + DisplayText.line(line) + "\n")
      isDirty = false
    }
  }

  /// Redraws the progress line.
  func draw(_ line: String) {
    guard showsProgress else { return }
    isDirty.withLock { isDirty in
      // A line that wraps could not be erased.
      write(Self.erase + DisplayText.line(line).prefix(columns - 1))
      isDirty = true
    }
  }

  /// Erases the progress line.
  func clear() {
    isDirty.withLock { isDirty in
      if isDirty { write(Self.erase) }
      isDirty = false
    }
  }

  private var columns: Int {
    var size = winsize()
    let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 1
    return isKnown ? Int(size.ws_col) : 80
  }

  /// Moves to the beginning of the line and erases it.
  private static let erase = "\r\u{1B}[K"

  private func write(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      #if canImport(Glibc)
        let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      #elseif canImport(Musl)
        let count = rest.withUnsafeBytes { Musl.write(descriptor, $0.baseAddress, $0.count) }
      #else
        let count = rest.withUnsafeBytes { Darwin.write(descriptor, $0.baseAddress, $0.count) }
      #endif
      // Errors of standard error itself cannot be reported.
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
