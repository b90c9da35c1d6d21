internal import AnalyticsText

extension String {
  /// In quotes, as an error line shows what somebody typed: one line, and not without end.
  var quoted: String { "\"\(DisplayText.line(self, max: 60))\"" }

  /// `: did you mean …?` with the word that is most like this one, be it from events; empty if none is.
  func suggestion(among words: some Sequence<String>) -> String {
    let typed = Array(lowercased().unicodeScalars.prefix(60))
    let closest = words.lazy.map { word in
      (word: word, distance: Self.distance(typed, Array(word.lowercased().unicodeScalars)))
    }.min { ($0.distance, $0.word) < ($1.distance, $1.word) }
    guard let closest, closest.distance <= max(2, typed.count / 3) else { return "" }
    return ": did you mean \(DisplayText.line(closest.word, max: 100))?"
  }

  /// The same, or `: there are …` with all of the words if none is like this one; empty if there are no words.
  func suggestion(orAllOf words: [String]) -> String {
    let meant = suggestion(among: words)
    return meant.isEmpty && !words.isEmpty ? ": there are \(words.joined(separator: ", "))" : meant
  }

  /// How many scalars have to be added, taken away or changed (Levenshtein 1965).
  private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var row = Array(0...right.count)
    for (i, scalar) in left.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in right.enumerated() {
        let change = diagonal + (scalar == other ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = Swift.min(change, row[j] + 1, diagonal + 1)
      }
    }
    return row[right.count]
  }
}
