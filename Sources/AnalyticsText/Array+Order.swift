extension Array {
  /// Returns the first index whose element satisfies a condition; the end index if none does. It
  /// searches by bisection, so all elements that satisfy the condition must come after those that
  /// do not.
  @inlinable package func firstIndexInOrder(where holds: (Element) -> Bool) -> Int {
    var (lower, upper) = (0, count)
    while lower < upper {
      let middle = (lower + upper) / 2
      if holds(self[middle]) { upper = middle } else { lower = middle + 1 }
    }
    return lower
  }
}
