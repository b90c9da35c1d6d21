/// An axis from 0 to a round number, with round steps.
struct Scale: Hashable {
  /// What the top of the axis stands for; above 0.
  let maximum: Double
  /// The numbers that are written, from 0 to the top.
  let ticks: [Double]

  /// - Parameters:
  ///   - largest: What has to fit. Without anything above 0 the axis ends at 1.
  ///   - isWhole: Whether half of it would mean nothing, as with events.
  ///   - stepsMax: How many steps the axis has at most.
  init(covering largest: Double, isWhole: Bool, stepsMax: Int = 4) {
    let needed = largest.isFinite && largest > 0 ? largest : 1
    var step = Self.roundStep(above: needed / Double(stepsMax))
    if isWhole { step = Swift.max(1, step) }
    // Division is not exact: 0.3 / 0.1 is a little less than 3.
    let steps = (needed / step - 1e-9).rounded(.up)
    maximum = step * steps
    ticks = (0...Int(steps)).map { step * Double($0) }
  }

  /// The least of 1, 2, 2.5, 5 times a power of ten that is no smaller.
  private static func roundStep(above least: Double) -> Double {
    var power = 1.0
    while power > least { power /= 10 }
    while power * 10 <= least { power *= 10 }
    for factor in [1, 2, 2.5, 5] where power * factor >= least * (1 - 1e-9) {
      return power * factor
    }
    return power * 10
  }

  /// From 0 at the bottom to 1 at the top.
  func height(of value: Double) -> Double { Swift.min(1, Swift.max(0, value / maximum)) }
}
