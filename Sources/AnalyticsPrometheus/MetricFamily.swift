internal import AnalyticsText

/// All samples of one name, as a scrape shows them.
public struct MetricFamily: Sendable, Hashable {
  /// What Prometheus may do with it.
  public enum Kind: String, Sendable {
    case counter
    case gauge
    case histogram
  }

  /// A value with its labels.
  public struct Sample: Sendable, Hashable {
    /// What follows the family's name: `_bucket`, `_sum`, `_count`, or nothing.
    public var suffix: String
    /// In the order in which they are shown.
    public var labels: [Label]
    /// The number.
    public var value: Double

    /// Makes a sample.
    public init(_ value: Double, labels: [Label] = [], suffix: String = "") {
      self.value = value
      self.labels = labels
      self.suffix = suffix
    }
  }

  /// A name and what it is here.
  public struct Label: Sendable, Hashable {
    /// Letters, digits and `_`; others become `_`.
    public let name: String
    /// Any text.
    public var value: String

    /// Makes a label.
    public init(_ name: String, _ value: String) {
      self.name = MetricFamily.name(name).replacing(":", by: "_")
      self.value = value
    }

    /// Values are the same if their bytes are, as Prometheus compares them.
    public static func == (left: Self, right: Self) -> Bool {
      left.name == right.name && left.value.isSame(as: right.value)
    }

    /// Feeds what ``==(_:_:)`` compares to a hasher.
    public func hash(into hasher: inout Hasher) {
      hasher.combine(name)
      value.hashBytes(into: &hasher)
    }
  }

  /// Letters, digits, `_` and `:`; others become `_`.
  public let name: String
  /// What Prometheus may do with it.
  public var kind: Kind
  /// What it says, in a line.
  public var help: String
  /// The values, each with other labels.
  public var samples: [Sample]

  /// Makes a family.
  public init(_ name: String, _ kind: Kind, help: String, samples: [Sample]) {
    self.name = Self.name(name)
    self.kind = kind
    self.help = help
    self.samples = samples
  }

  /// As Prometheus takes a name.
  static func name(_ text: String) -> String {
    var name = ""
    for scalar in text.unicodeScalars {
      let isLetter =
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
        || scalar == ":"
      let isDigit = ("0"..."9").contains(scalar)
      if isDigit, name.isEmpty { name = "_" }
      name.unicodeScalars.append(isLetter || isDigit ? scalar : "_")
    }
    return name.isEmpty ? "_" : name
  }
}
