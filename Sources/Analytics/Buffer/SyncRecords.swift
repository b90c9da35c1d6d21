/// What segments of format 1 say of their syncs: length and checksum of the first `length` bytes of
/// data, in two slots that were written in turn, each in a disk sector of its own. Nothing writes them
/// any more.
enum SyncRecords {
  static let slots = [1536, 2048]

  /// The longest recorded length whose checksum fits; 0 if none above `known` does.
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
