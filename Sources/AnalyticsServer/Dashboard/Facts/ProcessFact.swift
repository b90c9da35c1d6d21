/// A number that the process knows of itself, for the page about the way of events.
public struct ProcessFact: Sendable, Hashable {
  /// As people read it: `stored`.
  public var label: String
  /// Now.
  public var value: Int

  /// Makes a fact.
  public init(_ label: String, _ value: Int) {
    self.label = label
    self.value = value
  }
}
