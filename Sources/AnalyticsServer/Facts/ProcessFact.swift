/// A figure that the process has about its own events, for the pipeline page.
public struct ProcessFact: Sendable, Hashable {
  /// The label on the page, such as `stored`.
  public var label: String
  /// The current value.
  public var value: Int

  /// Creates a fact.
  public init(_ label: String, _ value: Int) {
    self.label = label
    self.value = value
  }
}
