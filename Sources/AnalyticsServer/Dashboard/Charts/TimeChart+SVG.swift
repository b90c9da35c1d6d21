extension TimeChart {
  /// The chart as HTML with SVG in it.
  ///
  /// Text is never stretched: it is in SVGs of its own, placed by percentages. The plot is drawn on
  /// 1,000 by 1,000 and stretched to the room there is.
  var html: HTML {
    let scale = Scale(covering: largest, quantity)
    return """
      <div class="chart">\(verticalAxis(scale))\
      <svg class="chart-plot" viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img" \
      aria-label="\(summary)">\
      \(grid(scale))\(marks(scale))\(hovering)</svg>\(horizontalAxis)</div>
      """
  }

  /// The text for screen readers: the title, the range, and the largest figure of each line.
  private var summary: String {
    guard let first = slots.first, let last = slots.last else { return title }
    let range = slots.count == 1 ? first.label : "\(first.label) to \(last.label)"
    let peaks = lines.compactMap { line in
      line.values.prefix(slots.count).compactMap(\.self).max().map {
        "\(line.name) at most \(quantity.text($0))"
      }
    }
    return ([title, range] + peaks).joined(separator: ", ")
  }

  private var largest: Double {
    switch style {
    case .lines:
      lines.flatMap { $0.values.prefix(slots.count) }.compactMap(\.self).max() ?? 0
    case .stackedBars:
      slots.indices.map { slot in lines.reduce(0) { $0 + height(of: $1, at: slot) } }.max() ?? 0
    }
  }

  /// Returns the height that a line adds to a stack.
  private func height(of line: Line, at slot: Int) -> Double {
    slot < line.values.count ? max(0, line.values[slot] ?? 0) : 0
  }

  // MARK: - Axes

  private func verticalAxis(_ scale: Scale) -> HTML {
    let labels: [HTML] = scale.ticks.map { tick in
      let y = Coordinate.text(100 - 100 * scale.height(of: tick))
      return """
        <text x="100%" y="\(y)%" text-anchor="end" dominant-baseline="middle">\
        \(quantity.shortText(tick))</text>
        """
    }
    // The width is in digits of the page's font, because text in SVG takes no room by itself.
    let width = scale.ticks.map { quantity.shortText($0).unicodeScalars.count }.max() ?? 0
    return "<svg class=\"chart-y\" width=\"\(width)ch\" aria-hidden=\"true\">\(labels)</svg>"
  }

  private func grid(_ scale: Scale) -> HTML {
    let path = scale.ticks.map { tick in
      "M0 \(Coordinate.text(1000 - 1000 * scale.height(of: tick)))H1000"
    }
    return "<path class=\"grid\" d=\"\(path.joined())\"/>"
  }

  /// The number of characters beyond which labels need more room.
  private static let tickLength = 8

  private var horizontalAxis: HTML {
    let labels = slots.enumerated().compactMap { index, slot -> HTML? in
      guard let tick = slot.tick else { return nil }
      let x = (Double(index) + 0.5) / Double(slots.count) * 100
      let anchor = x < 4 ? "start" : x > 96 ? "end" : "middle"
      return """
        <text x="\(Coordinate.text(x))%" y="14" text-anchor="\(anchor)">\(tick)</text>
        """
    }
    let longest = slots.compactMap { $0.tick?.unicodeScalars.count }.max() ?? 0
    let style = longest > Self.tickLength ? "chart-x long" : "chart-x"
    return "<svg class=\"\(style)\" aria-hidden=\"true\">\(labels)</svg>"
  }

  // MARK: - Marks

  private func marks(_ scale: Scale) -> [HTML] {
    switch style {
    case .lines:
      lines.enumerated().map { index, line in
        let points = points(line, scale)
        return mark("line", line, index) { path(points, isPartial: $0) }
      }
    case .stackedBars: stack(scale)
    }
  }

  /// Returns a path of the complete slots, and another of the incomplete ones.
  private func mark(
    _ kind: String, _ line: Line, _ index: Int, _ path: (_ isPartial: Bool) -> String
  ) -> HTML {
    let style = "\(kind) \(Self.colourClass(of: line, at: index))"
    let (whole, partial) = (path(false), path(true))
    let rest: HTML? =
      partial.isEmpty ? nil : "<path class=\"\(style) partial\" d=\"\(partial)\"/>"
    return "<path class=\"\(style)\" d=\"\(whole)\"/>\(rest)"
  }

  /// Returns the point of each slot, in its middle, in the syntax of a path; `nil` where there is
  /// no value.
  private func points(_ line: Line, _ scale: Scale) -> [String?] {
    slots.indices.map { index in
      guard index < line.values.count, let value = line.values[index], value.isFinite else {
        return nil
      }
      let x = Coordinate.text((Double(index) + 0.5) / Double(slots.count) * 1000)
      return "\(x) \(Coordinate.text(1000 - 1000 * scale.height(of: value)))"
    }
  }

  /// Returns a line through points, interrupted where there is none. A point without neighbours is
  /// a line of length 0, which round caps turn into a dot.
  private func path(_ points: [String?], isPartial: Bool) -> String {
    var path = ""
    var end: Int?
    for (index, point) in points.enumerated() {
      guard let point else { continue }
      let previous = index > 0 ? points[index - 1] : nil
      if let previous {
        guard (slots[index].isPartial || slots[index - 1].isPartial) == isPartial else { continue }
        path += (end == index - 1 ? "" : "M\(previous)") + "L\(point)"
        end = index
      } else if index + 1 == points.count || points[index + 1] == nil,
        slots[index].isPartial == isPartial
      {
        path += "M\(point)h0"
      }
    }
    return path
  }

  private func stack(_ scale: Scale) -> [HTML] {
    let width = 1000 / Double(slots.count)
    var tops = [Double](repeating: 0, count: slots.count)
    return lines.enumerated().map { index, line in
      let bottoms = tops
      for slot in slots.indices { tops[slot] += finiteHeight(of: line, at: slot) }
      return mark("bar", line, index) { isPartial in
        slots.indices.map { slot in
          guard slots[slot].isPartial == isPartial, tops[slot] > bottoms[slot] else { return "" }
          let x = Coordinate.text((Double(slot) + 0.1) * width)
          let (bottom, top) = (
            Coordinate.text(1000 - 1000 * scale.height(of: bottoms[slot])),
            Coordinate.text(1000 - 1000 * scale.height(of: tops[slot]))
          )
          return "M\(x) \(bottom)V\(top)h\(Coordinate.text(width * 0.8))V\(bottom)z"
        }.joined()
      }
    }
  }

  private func finiteHeight(of line: Line, at slot: Int) -> Double {
    let value = height(of: line, at: slot)
    return value.isFinite ? value : 0
  }

  /// The areas that show a slot's label and figures under the pointer.
  private var hovering: [HTML] {
    let width = 1000 / Double(max(1, slots.count))
    return slots.enumerated().map { index, slot in
      let figures = lines.map { line in
        let value = index < line.values.count ? line.values[index] : nil
        return "\(line.name): \(value.map(quantity.text) ?? "–")"
      }
      let x = Double(index) * width
      return """
        <g class="slot"><path class="rule" d="M\(Coordinate.text(x + width / 2)) 0V1000"/>\
        <rect x="\(Coordinate.text(x))" width="\(Coordinate.text(width))" height="1000">\
        <title>\(([slot.label] + figures).joined(separator: "\n"))</title></rect></g>
        """
    }
  }
}
