/// Texts within the exposition formats of Prometheus and OpenMetrics.
package enum PrometheusText {
  /// A label's value, between double quotes that are not part of it.
  package static func label(_ text: String) -> String {
    help(text).replacing("\"", by: "\\\"")
  }

  /// A help text of Prometheus 0.0.4, which keeps its quotes as they are.
  package static func help(_ text: String) -> String {
    text.replacing("\\", by: "\\\\").replacing("\n", by: "\\n")
  }
}
