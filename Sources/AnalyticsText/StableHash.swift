/// A hash of a text that is the same in every process, unlike Swift's own.
///
/// It spreads names and paths. A person who chooses the texts can make them collide.
package enum StableHash {
  /// Returns the FNV-1a hash of the text's bytes.
  package static func fnv1a(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
