internal import AnalyticsText

/// Writes metric families as text, in the format of Prometheus 0.0.4 or OpenMetrics 1.0.
public struct Exposition: Sendable {
  /// A format that scrapers can request.
  public enum Format: Sendable, CaseIterable {
    case prometheus
    case openMetrics

    /// The media type of a body in this format.
    public var mediaType: String {
      switch self {
      case .prometheus: "text/plain; version=0.0.4; charset=utf-8"
      case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
      }
    }

    /// Chooses the format that an `Accept` header prefers; that of Prometheus if it has no
    /// preference.
    public init(accept: String?) {
      var best = (format: Format.prometheus, quality: 0.0)
      for item in HeaderList(accept).items {
        let format: Format? =
          switch item.value {
          case "application/openmetrics-text": .openMetrics
          case "text/plain", "text/*", "*/*": .prometheus
          default: nil
          }
        if let format, item.quality > best.quality { best = (format, item.quality) }
      }
      self = best.format
    }
  }

  private let format: Format
  private(set) var text = ""

  private init(_ format: Format) { self.format = format }

  /// Returns the body of an answer. Each name must have a single family.
  public static func text(_ families: [MetricFamily], as format: Format) -> String {
    var exposition = Exposition(format)
    for family in families { exposition.write(family) }
    if format == .openMetrics { exposition.text += "# EOF\n" }
    return exposition.text
  }

  private mutating func write(_ family: MetricFamily) {
    let total = "_total"
    let isTotal = family.kind == .counter && family.name.ends(with: total)
    // In OpenMetrics, the name of a counter lacks the suffix that its samples must have.
    let stem =
      isTotal
      ? String(decoding: family.name.utf8.dropLast(total.utf8.count), as: UTF8.self) : family.name
    let isOpen = format == .openMetrics
    let named = isOpen ? stem : family.name
    let help =
      isOpen ? PrometheusText.label(family.help) : PrometheusText.help(family.help)
    text += "# HELP \(named) \(help)\n"
    text += "# TYPE \(named) \(family.kind.rawValue)\n"
    let sampled = isOpen && family.kind == .counter ? stem + total : family.name
    for sample in family.samples {
      text += sampled
      text += sample.suffix
      write(sample.labels)
      text += " "
      text += Self.number(sample.value)
      text += "\n"
    }
  }

  private mutating func write(_ labels: [MetricFamily.Label]) {
    guard !labels.isEmpty else { return }
    text += "{"
    for (index, label) in labels.enumerated() {
      if index > 0 { text += "," }
      text += label.name
      text += "=\""
      text += PrometheusText.label(label.value)
      text += "\""
    }
    text += "}"
  }

  /// Returns a number in a form that both formats accept.
  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    if let whole = Int64(exactly: value) { return String(whole) }
    return String(value)
  }
}
