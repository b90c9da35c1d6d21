internal import AnalyticsText

/// All samples of one name, as a scrape shows them.
public struct MetricFamily: Sendable, Hashable {
  /// The type of a metric in Prometheus.
  public enum Kind: String, Sendable {
    case counter
    case gauge
    case histogram
  }

  /// A value with its labels.
  public struct Sample: Sendable, Hashable {
    /// The suffix after the family's name: `_bucket`, `_sum`, `_count`, or nothing.
    public var suffix: String
    /// The labels, in the order in which they are shown.
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

  /// A label: a name and a value.
  public struct Label: Sendable, Hashable {
    /// The name: letters, digits and `_`. Other characters become `_`.
    public let name: String
    /// The value, which can be any text.
    public var value: String

    /// Makes a label.
    public init(_ name: String, _ value: String) {
      self.name = MetricFamily.name(name).replacing(":", by: "_")
      self.value = value
    }

    /// Compares values by their bytes, as Prometheus does.
    public static func == (left: Self, right: Self) -> Bool {
      left.name == right.name && left.value.isSame(as: right.value)
    }

    /// Hashes what ``==(_:_:)`` compares.
    public func hash(into hasher: inout Hasher) {
      hasher.combine(name)
      value.hashBytes(into: &hasher)
    }
  }

  /// The name: letters, digits, `_` and `:`. Other characters become `_`.
  public let name: String
  /// The type of the metric.
  public var kind: Kind
  /// One line that says what the metric means.
  public var help: String
  /// The samples. No two have the same suffix and the same labels.
  public var samples: [Sample]

  /// Makes a family.
  public init(_ name: String, _ kind: Kind, help: String, samples: [Sample]) {
    self.name = Self.name(name)
    self.kind = kind
    self.help = help
    self.samples = samples
  }

  /// Returns a text as a valid name in Prometheus.
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
