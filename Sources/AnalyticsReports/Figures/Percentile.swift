internal import AnalyticsText

/// A percentile such as 99 or 99.9: above 0, at most 100, in steps of 0.001.
public struct Percentile: Hashable, Sendable {
  private let thousandths: Int

  /// Parses `99` or `99.9`. Other text gives `nil`.
  public init?(_ text: String) {
    let isDecimal = text.utf8.allSatisfy {
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ".")
    }
    guard isDecimal, let number = Double(text), number > 0, number <= 100 else { return nil }
    let rounded = (number * 1000).rounded()
    guard rounded > 0, abs(number * 1000 - rounded) < 0.0001 else { return nil }
    thousandths = Int(rounded)
  }

  private init(thousandths: Int) { self.thousandths = thousandths }

  /// The median.
  public static let p50 = Percentile(thousandths: 50_000)
  /// The number that 95 of 100 do not exceed.
  public static let p95 = Percentile(thousandths: 95_000)
  /// The number that 99 of 100 do not exceed.
  public static let p99 = Percentile(thousandths: 99_000)

  /// The number as people write it: `99` or `99.9`.
  package var text: String {
    let fraction = thousandths % 1000
    guard fraction > 0 else { return "\(thousandths / 1000)" }
    var digits = String(1000 + fraction).dropFirst()
    while digits.last == "0" { digits = digits.dropLast() }
    return "\(thousandths / 1000).\(digits)"
  }

  /// The name in columns: `p99`, or `p99_9` for 99.9.
  public var name: String { "p" + text.replacing(".", by: "_") }

  /// Returns the position of the percentile among `total` numbers in ascending order, counted from
  /// 1.
  func rank(of total: Int) -> Int {
    let product = total.multipliedFullWidth(by: thousandths)
    let (whole, rest) = 100_000.dividingFullWidth(product)
    return max(1, whole + (rest > 0 ? 1 : 0))
  }
}
