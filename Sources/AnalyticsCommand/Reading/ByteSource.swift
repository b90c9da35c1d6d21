/// Bytes one after the other, from a file, a pipe or a decompressor.
protocol ByteSource: AnyObject {
  /// Fills as much of the buffer as comes at once; 0 at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InputError) -> Int
}

/// Why an input could not be read to its end.
package struct InputError: Error, Sendable, CustomStringConvertible {
  package enum Code: String, Sendable {
    case cannotOpen
    case cannotRead
    /// The compressed data ends too early, or does not match its checksum.
    case damaged
    /// The task was cancelled.
    case stopped
  }

  package let code: Code
  /// One line: what, where, what to do.
  package let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
