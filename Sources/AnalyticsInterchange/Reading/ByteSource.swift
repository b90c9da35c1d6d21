/// A sequence of bytes from a file, a pipe or a decompressor.
protocol ByteSource: AnyObject {
  /// Fills the buffer with the bytes that are available, at least one; returns 0 at the end. Does
  /// not keep the buffer after the call.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(InterchangeError) -> Int
}
