/// How many users were active in the days that end with each day, for windows of several lengths.
///
/// A user who is active on a day counts for the windows that end from then on until it is active
/// again or the window has passed. So it takes a step for each active day, whatever the length.
struct SlidingDistinct {
  /// In days.
  let windows: [Int]
  /// By window: how much the count differs from that of the day before.
  private var differences: [[Int]]

  init(days: Int, windows: [Int]) {
    self.windows = windows
    differences = windows.map { _ in [Int](repeating: 0, count: days + 1) }
  }

  /// Adds a user.
  ///
  /// - Parameter bits: A bit a day, the first leftmost.
  mutating func add(bits: UnsafeRawBufferPointer) {
    var previous: Int?
    for (index, byte) in bits.enumerated() where byte != 0 {
      var rest = byte
      while rest != 0 {
        let zeros = rest.leadingZeroBitCount
        rest &= ~(0x80 >> zeros)
        let day = index * 8 + zeros
        if let previous { count(previous, until: day) }
        previous = day
      }
    }
    if let previous { count(previous, until: .max) }
  }

  private mutating func count(_ day: Int, until next: Int) {
    for (index, window) in windows.enumerated() {
      let end = min(day + window, next, differences[index].count - 1)
      differences[index][day] += 1
      differences[index][end] -= 1
    }
  }

  /// By window, then day.
  var counts: [[Int]] {
    differences.map { differences in
      var sum = 0
      return differences.dropLast().map { difference in
        sum += difference
        return sum
      }
    }
  }
}
