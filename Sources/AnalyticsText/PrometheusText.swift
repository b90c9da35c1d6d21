/// Escapes texts for the exposition formats of Prometheus and OpenMetrics.
package enum PrometheusText {
  /// Returns the value of a label, without the double quotes around it.
  package static func label(_ text: String) -> String {
    help(text).replacing("\"", by: "\\\"")
  }

  /// Returns a help text of Prometheus 0.0.4, where quotes are not escaped.
  package static func help(_ text: String) -> String {
    text.replacing("\\", by: "\\\\").replacing("\n", by: "\\n")
  }
}
