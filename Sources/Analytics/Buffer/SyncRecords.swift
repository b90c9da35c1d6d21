/// The sync records of segments of format 1, which are only read: length and checksum of the first
/// `length` bytes of data. There are two slots, written in turn, each in a disk sector of its own.
enum SyncRecords {
  static let slots = [1536, 2048]

  /// Returns the longest recorded length above `known` whose checksum matches; 0 if there is none.
  static func length(
    _ page: UnsafeMutableRawPointer, _ data: UnsafeRawBufferPointer, sequence: UInt64,
    above known: Int
  ) -> Int {
    slots.map { slot in
      let length = Int(truncatingIfNeeded: page.load(fromByteOffset: slot, as: UInt64.self))
      let checksum = page.load(fromByteOffset: slot + 8, as: UInt64.self)
      guard length > known, length <= data.count else { return 0 }
      var running = RunningChecksum(seed: sequence)
      return running.extend(over: data.slice(0..<length)) == checksum ? length : 0
    }.max() ?? 0
  }
}
