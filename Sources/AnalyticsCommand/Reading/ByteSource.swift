/// Bytes one after the other, from a file, a pipe or a decompressor.
protocol ByteSource: AnyObject {
  /// Fills as much of the buffer as comes at once; 0 at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(CommandError) -> Int
}
