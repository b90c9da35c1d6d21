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
    parts.append("\(lines.grouped) lines")
    parts.append("\(Int(rate).grouped)/s")
    if let remaining { parts.append("\(remaining.clock) left") }
    return parts.joined(separator: "  ")
  }
}

extension Int {
  /// The number with commas between groups of three digits.
  var grouped: String {
    var text = ""
    for (index, digit) in String(magnitude).reversed().enumerated() {
      if index > 0, index % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (self < 0 ? "-" : "") + String(text.reversed())
  }
}

extension Duration {
  /// `1:02:03`, or `2:03` for less than an hour, rounded up to seconds.
  var clock: String {
    let (whole, attoseconds) = components
    let seconds = Int(whole) + (attoseconds > 0 ? 1 : 0)
    func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let minutes = seconds / 60
    return minutes < 60
      ? "\(minutes):\(padded(seconds % 60))"
      : "\(minutes / 60):\(padded(minutes % 60)):\(padded(seconds % 60))"
  }
}
