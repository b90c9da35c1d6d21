internal import AnalyticsText

extension String {
  /// The text in quotes for an error message: one line of limited length.
  var quoted: String { "\"\(DisplayText.line(self, max: 60))\"" }

  /// Returns `: did you mean …?` with the most similar of the words, which may come from events;
  /// empty if none is similar enough.
  func suggestion(among words: some Sequence<String>) -> String {
    let typed = Array(lowercased().unicodeScalars.prefix(60))
    let closest = words.lazy.map { word in
      (word: word, distance: Self.distance(typed, Array(word.lowercased().unicodeScalars)))
    }.min { ($0.distance, $0.word) < ($1.distance, $1.word) }
    guard let closest, closest.distance <= max(2, typed.count / 3) else { return "" }
    return ": did you mean \(DisplayText.line(closest.word, max: 100))?"
  }

  /// Returns the same suggestion. If no word is similar, it is `: there are …` with all words;
  /// empty if there are no words.
  func suggestion(orAllOf words: [String]) -> String {
    let meant = suggestion(among: words)
    return meant.isEmpty && !words.isEmpty ? ": there are \(words.joined(separator: ", "))" : meant
  }

  /// Returns the Levenshtein distance (1965): how many scalars have to be inserted, removed or
  /// replaced.
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
