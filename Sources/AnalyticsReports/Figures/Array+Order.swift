extension Array {
  /// The first place from which on something holds, where it holds for no element before it; the end if for none.
  func firstIndexInOrder(where holds: (Element) -> Bool) -> Int {
    var (lower, upper) = (0, count)
    while lower < upper {
      let middle = (lower + upper) / 2
      if holds(self[middle]) { upper = middle } else { lower = middle + 1 }
    }
    return lower
  }
}
