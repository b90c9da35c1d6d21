import AnalyticsText

/// The progress of an import, and its text on the progress line.
struct ImportProgress: Sendable {
  /// Lines read.
  var lines = 0
  /// Bytes read from the files, before decompression.
  var bytesRead = 0
  /// The size of all inputs in bytes; `nil` unless all of them are files.
  var bytesTotal: Int?
  var elapsed: Duration = .zero

  /// From 0 to 1; `nil` if the total size is unknown.
  var fraction: Double? {
    guard let bytesTotal else { return nil }
    guard bytesTotal > 0 else { return 1 }
    return min(1, Double(bytesRead) / Double(bytesTotal))
  }

  /// Lines per second.
  var rate: Double {
    let seconds = elapsed / .seconds(1)
    return seconds > 0 ? Double(lines) / seconds : 0
  }

  /// The estimated time that remains; `nil` while it cannot be estimated.
  var remaining: Duration? {
    guard let fraction, fraction > 0 else { return nil }
    return elapsed * ((1 - fraction) / fraction)
  }

  /// A line such as `[#########           ]  45 %  1,234,567 lines  98,765/s  0:12 left`.
  var text: String {
    var parts: [String] = []
    if let fraction {
      let full = Int(fraction * 20)
      let bar = String(repeating: "#", count: full) + String(repeating: " ", count: 20 - full)
      let percent = String(Int(fraction * 100))
      parts.append("[\(bar)] " + String(repeating: " ", count: 3 - percent.count) + percent + " %")
    }
    parts.append(lines.counted("line"))
    parts.append("\(Int(rate).grouped)/s")
    if let remaining { parts.append("\(remaining.clock) left") }
    return parts.joined(separator: "  ")
  }
}
