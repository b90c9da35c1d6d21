/// A chart of figures over time, as lines or stacked bars: SVG that fits any width and is styled by
/// classes.
///
/// For a style sheet: a `div.chart` contains `svg.chart-y` (the labels of the axis, as wide as the
/// longest of them in digits of the font), `svg.chart-plot`, which may be stretched, and
/// `svg.chart-x`, which is `.long` if its labels are. The series are `.s1` to `.s8`, and `.partial`
/// where a slot is incomplete. The `.slot` under the pointer shows its `.rule`, and the browser
/// shows its title.
struct TimeChart: Hashable, Sendable {
  /// How the figures are drawn.
  enum Style: Hashable, Sendable {
    /// For figures that cannot be added up: users, percentiles, rates.
    case lines
    /// Bars on top of each other, for parts of a whole.
    case stackedBars
  }

  /// A series of figures.
  struct Line: Hashable, Sendable {
    /// The name in the legend.
    var name: String
    /// The values, one for each slot; `nil` leaves a gap.
    var values: [Double?]
    /// The index of its colour, below ``TimeChart/coloursMax``; `nil` for its position among the
    /// lines.
    var colour: Int?

    /// Makes a line.
    init(_ name: String, _ values: [Double?], colour: Int? = nil) {
      self.name = name
      self.values = values
      self.colour = colour
    }
  }

  /// A bucket of time.
  struct Slot: Hashable, Sendable {
    /// The full label: `Tue 3 November 2026`.
    var label: String
    /// The label on the axis; `nil` for most slots.
    var tick: String?
    /// Whether its figures cover only part of the time. Then its bars are pale, and lines to it are
    /// dashed.
    var isPartial: Bool

    /// Makes a slot.
    init(_ label: String, tick: String? = nil, isPartial: Bool = false) {
      self.label = label
      self.tick = tick
      self.isPartial = isPartial
    }
  }

  /// The title, which is not drawn: screen readers read it out.
  var title: String
  /// The meaning of the numbers.
  var quantity: Quantity
  /// How the figures are drawn.
  var style: Style
  /// The buckets of time, in order.
  var slots: [Slot]
  /// The series of figures. Beyond ``coloursMax`` of them, colours are repeated.
  var lines: [Line]

  /// Makes a chart. Values beyond the slots are not drawn.
  init(
    _ title: String, _ quantity: Quantity, _ style: Style = .lines, slots: [Slot], lines: [Line]
  ) {
    self.title = title
    self.quantity = quantity
    self.style = style
    self.slots = slots
    self.lines = lines
  }

  /// The number of colours.
  static let coloursMax = 8
  /// The index of the last colour, grey, for figures without a name.
  static let grey = coloursMax - 1

  /// Returns the class that gives a line its colour.
  ///
  /// - Parameter index: The position of the line among all lines.
  static func colourClass(of line: Line, at index: Int) -> String {
    colourClass(line.colour ?? index)
  }

  static func colourClass(_ colour: Int) -> String { "s\(colour % coloursMax + 1)" }

  /// Whether there is nothing to see: no figures, or only counts of 0.
  var isEmpty: Bool {
    slots.isEmpty
      || lines.allSatisfy { line in
        line.values.allSatisfy { $0 == nil || ($0 == 0 && quantity == .count) }
      }
  }
}
