/// A filter for events by the service and the environment that they come from.
public struct Origin: Hashable, Sendable {
  /// Only events of these services; empty for all.
  public var services: [String]
  /// Only events in these environments; empty for all.
  public var environments: [String]

  /// Makes a filter. By default events from everywhere count.
  public init(services: [String] = [], environments: [String] = []) {
    self.services = services
    self.environments = environments
  }

  init(_ parameters: ReportParameters) {
    self.init(
      services: parameters.texts(.service), environments: parameters.texts(.environment))
  }

  /// The parameters that set the filter.
  static let parameters: [ReportParameter] = [.service, .environment]

  var filter: DimensionFilter {
    .of(("service", services), ("environment", environments))
  }
}
