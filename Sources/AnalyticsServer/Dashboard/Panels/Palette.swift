internal import AnalyticsCharts
internal import AnalyticsText

/// The colours of names: a name has the same one in all charts of a page, and none is grey.
struct Palette: Sendable {
  private let colours: [ExactString: Int]

  /// - Parameter names: All that the page shows. The same names have the same colours on any page.
  init(of names: [ExactString]) { colours = Self.distinct(names) { Self.wish(of: $0) } }

  /// Of the names of one chart: none has a colour twice if it has at most ``TimeChart/grey`` names. It differs from the
  /// page's only if the page has more names than there are colours.
  func colours(of names: [ExactString]) -> [ExactString: Int] {
    Self.distinct(names) { colours[$0] ?? Self.wish(of: $0) }
  }

  /// The first names in the order of their bytes have the colour that they wish, others the next that is free.
  private static func distinct(
    _ names: [ExactString], _ wish: (ExactString) -> Int
  ) -> [ExactString: Int] {
    var colours: [ExactString: Int] = [:]
    var taken: Set<Int> = []
    for name in names.sorted() where colours[name] == nil {
      var colour = wish(name)
      if taken.count == TimeChart.grey { taken = [] }
      while taken.contains(colour) { colour = (colour + 1) % TimeChart.grey }
      taken.insert(colour)
      colours[name] = colour
    }
    return colours
  }

  /// By the FNV-1a hash of its bytes: the same in every process, which Swift's own hash is not.
  private static func wish(of name: ExactString) -> Int {
    let hash = name.text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { hash, byte in
      (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
    return Int(hash % UInt64(TimeChart.grey))
  }
}

extension Palette {
  /// Of the names that a page's panels tell apart.
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
