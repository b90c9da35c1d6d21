/// Figures over time, as lines, bars or stacked bars: SVG that fits any width, styled by classes.
///
/// What it is made of, for a style sheet: a `div.chart` holds `svg.chart-y` (the labels of the axis; its
/// width is that of the longest, in digits of the font), `svg.chart-plot`, which may be stretched, and
/// `svg.chart-x`, which is `.long` if its labels are. The series are `.s1` to `.s8`, `.partial` where a
/// slot is not whole; beneath the pointer a `.slot` shows its `.rule` and, as the browser does it, its
/// title.
public struct TimeChart: Hashable, Sendable {
  /// How the figures are drawn.
  public enum Style: Hashable, Sendable {
    /// For what has no sum: users, percentiles, rates.
    case lines
    /// One on top of the other: for parts of a whole.
    case stackedBars
  }

  /// One of the figures.
  public struct Line: Hashable, Sendable {
    /// As the legend names it.
    public var name: String
    /// One a slot; `nil` leaves a gap.
    public var values: [Double?]
    /// Which of the ``TimeChart/coloursMax`` it has; `nil` for that of its place among the lines.
    public var colour: Int?

    /// Makes a line.
    public init(_ name: String, _ values: [Double?], colour: Int? = nil) {
      self.name = name
      self.values = values
      self.colour = colour
    }
  }

  /// A piece of time.
  public struct Slot: Hashable, Sendable {
    /// In full, for who asks: `Tue 3 November 2026`.
    public var label: String
    /// On the axis; `nil` for most of them.
    public var tick: String?
    /// Whether its figures are those of a part of the time: its bars are pale, and lines to it are dashed.
    public var isPartial: Bool

    /// Makes a slot.
    public init(_ label: String, tick: String? = nil, isPartial: Bool = false) {
      self.label = label
      self.tick = tick
      self.isPartial = isPartial
    }
  }

  /// What the chart shows, for those who cannot see it.
  public var title: String
  /// What the numbers mean.
  public var quantity: Quantity
  /// How they are drawn.
  public var style: Style
  /// The pieces of time.
  public var slots: [Slot]
  /// At most ``coloursMax`` are told apart by colour; more repeat them.
  public var lines: [Line]

  /// Makes a chart. Values beyond the slots are not drawn.
  public init(
    _ title: String, _ quantity: Quantity, _ style: Style = .lines, slots: [Slot], lines: [Line]
  ) {
    self.title = title
    self.quantity = quantity
    self.style = style
    self.slots = slots
    self.lines = lines
  }

  /// How many colours there are.
  public static let coloursMax = 8
  /// The colour of what has no name: the last one, grey.
  public static let grey = coloursMax - 1

  /// The class that gives a line its colour.
  ///
  /// - Parameter index: Its place among the lines.
  public static func colourClass(of line: Line, at index: Int) -> String {
    colourClass(line.colour ?? index)
  }

  static func colourClass(_ colour: Int) -> String { "s\(colour % coloursMax + 1)" }

  /// Whether there is nothing to see: no figures, or nothing was counted.
  public var isEmpty: Bool {
    slots.isEmpty
      || lines.allSatisfy { line in
        line.values.allSatisfy { $0 == nil || ($0 == 0 && quantity == .count) }
      }
  }
}
