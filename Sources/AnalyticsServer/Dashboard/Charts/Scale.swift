/// An axis from 0 to a round number, with round steps.
struct Scale: Hashable {
  /// The number at the top of the axis; above 0.
  let maximum: Double
  /// The numbers that are written on the axis, from 0 to the top.
  let ticks: [Double]

  /// - Parameters:
  ///   - largest: The largest number that has to fit. Without anything above 0, the axis ends at
  ///     1.
  ///   - quantity: The meaning of the numbers. Counts have whole steps, and long durations have
  ///     steps of whole minutes or hours.
  ///   - stepsMax: The maximum number of steps.
  init(covering largest: Double, _ quantity: Quantity = .number, stepsMax: Int = 4) {
    let needed = largest.isFinite && largest > 0 ? largest : 1
    let least = needed / Double(stepsMax)
    let step =
      switch quantity {
      case .count: Swift.max(1, Self.roundStep(above: least))
      case .milliseconds: 1000 * Self.clockStep(above: least / 1000)
      case .seconds: Self.clockStep(above: least)
      case .ratio, .number: Self.roundStep(above: least)
      }
    // Division is not exact: 0.3 / 0.1 is a little less than 3.
    let steps = (needed / step - 1e-9).rounded(.up)
    maximum = step * steps
    ticks = (0...Int(steps)).map { step * Double($0) }
  }

  /// Returns the smallest of 1, 2, 2.5, 5 times a power of ten that is no less than `least`.
  private static func roundStep(above least: Double) -> Double {
    var power = 1.0
    while power > least { power /= 10 }
    while power * 10 <= least { power *= 10 }
    for factor in [1, 2, 2.5, 5] where power * factor >= least * (1 - 1e-9) {
      return power * factor
    }
    return power * 10
  }

  /// Returns a step in seconds. Long steps are half a minute, or whole minutes, hours or days.
  private static func clockStep(above least: Double) -> Double {
    guard least > 25 else { return roundStep(above: least) }
    let steps = [30.0, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200]
    return steps.first { $0 >= least } ?? 86_400 * roundStep(above: least / 86_400)
  }

  /// Returns the height of a value, from 0 at the bottom to 1 at the top.
  func height(of value: Double) -> Double { Swift.min(1, Swift.max(0, value / maximum)) }
}
