import AnalyticsReports
import AnalyticsText

/// The output of `analytics report --list`.
struct ReportList {
  private let catalogue: ReportCatalogue

  init(_ catalogue: ReportCatalogue) { self.catalogue = catalogue }

  var text: String {
    let known = Set(ReportParameter.frame)
    let reports = catalogue.reports.map { report in
      var lines = [report.name, "    " + report.summary]
      let common = report.parameters.filter(known.contains).map { "--\($0.name)" }
      if !common.isEmpty { lines.append("    \(common.joined(separator: " "))") }
      for parameter in report.parameters where !known.contains(parameter) {
        lines.append(
          "    --\(parameter.name.replacing("_", by: "-")) <\(parameter.kind.summary)>  "
            + parameter.summary + (parameter.isRequired ? "; required" : "")
            + (parameter.isRepeatable ? "; may be repeated" : ""))
      }
      return lines.joined(separator: "\n")
    }
    let explained = ReportParameter.frame.map {
      "--\($0.name) <\($0.kind.summary)>: \($0.summary)."
    }
    return (reports + [explained.joined(separator: "\n")]).joined(separator: "\n\n")
  }
}
