internal import AnalyticsText

/// The colours of names: a name has the same colour in all charts of a page, and no name is grey.
struct Palette: Sendable {
  private let colours: [ExactString: Int]

  /// - Parameter names: All names that the page shows. Pages with the same names have the same
  ///   colours.
  init(of names: [ExactString]) {
    colours = Self.distinct(names) { Self.preferredColour(of: $0) }
  }

  /// The colours for the names of one chart. No two names share a colour if there are at most
  /// ``TimeChart/grey`` names. A colour differs from the page's only if the page has more names
  /// than there are colours.
  func colours(of names: [ExactString]) -> [ExactString: Int] {
    Self.distinct(names) { colours[$0] ?? Self.preferredColour(of: $0) }
  }

  /// Gives colours to the names in the order of their bytes: each gets its preferred colour or, if
  /// that is taken, the next free one.
  private static func distinct(
    _ names: [ExactString], _ preferredColour: (ExactString) -> Int
  ) -> [ExactString: Int] {
    var colours: [ExactString: Int] = [:]
    var taken: Set<Int> = []
    for name in names.sorted() where colours[name] == nil {
      var colour = preferredColour(name)
      if taken.count == TimeChart.grey { taken = [] }
      while taken.contains(colour) { colour = (colour + 1) % TimeChart.grey }
      taken.insert(colour)
      colours[name] = colour
    }
    return colours
  }

  /// The preferred colour, which depends on the name alone.
  private static func preferredColour(of name: ExactString) -> Int {
    Int(StableHash.fnv1a(name.text) % UInt64(TimeChart.grey))
  }
}

extension Palette {
  /// Creates the palette for the names that a page's panels distinguish.
  init(_ answers: [PanelAnswer]) {
    self.init(
      of: answers.flatMap { answer -> [ExactString] in
        guard case .success(let series) = answer.result,
          case .stackBy(let group, let value) = answer.panel.view
        else { return [] }
        return SeriesFigures(series).names(of: value, by: group).shown
      })
  }
}
