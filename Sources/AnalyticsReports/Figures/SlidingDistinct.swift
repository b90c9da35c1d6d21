/// How many users were active in the days that end with each day, for windows of several lengths.
///
/// A user who is active on a day counts for the windows that end from then on until the window has
/// passed. So it takes a step for each active day, whatever the length.
struct SlidingDistinct {
  /// In days.
  let windows: [Int]
  private let days: Int
  /// By window: how much the count differs from that of the day before.
  private var differences: [[Int]]
  /// By user: the last day so far; -1 for none.
  private var lastDays: [Int32] = []

  init(days: Int, windows: [Int]) {
    self.windows = windows
    self.days = days
    differences = windows.map { _ in [Int](repeating: 0, count: days) }
  }

  /// Adds the users of a day, as small numbers; a user may come twice. Days come in their order.
  mutating func add(_ users: [UInt32], on day: Int) {
    // How many were there so many days before; at the last place all others.
    let ages = ageCounts(users, on: day)
    for (index, window) in windows.enumerated() {
      for (age, count) in ages.enumerated() where age > 0 && count > 0 {
        // Who is still counted is counted longer; who is not, from now on.
        change(index, age < window ? day - age + window : day, by: count)
        change(index, day + window, by: -count)
      }
    }
  }

  private mutating func ageCounts(_ users: [UInt32], on day: Int) -> [Int] {
    let agesMax = (windows.max() ?? 1) + 1
    var counts = [Int](repeating: 0, count: agesMax + 1)
    if let largest = users.max(), Int(largest) >= lastDays.count {
      lastDays += repeatElement(-1, count: Int(largest) + 1 - lastDays.count)
    }
    for user in users {
      let last = lastDays[Int(user)]
      counts[last < 0 ? agesMax : min(day - Int(last), agesMax)] += 1
      lastDays[Int(user)] = Int32(day)
    }
    return counts
  }

  private mutating func change(_ window: Int, _ day: Int, by count: Int) {
    if day < days { differences[window][day] += count }
  }

  /// By window, then day.
  var counts: [[Int]] {
    differences.map { differences in
      var sum = 0
      return differences.map { difference in
        sum += difference
        return sum
      }
    }
  }
}
