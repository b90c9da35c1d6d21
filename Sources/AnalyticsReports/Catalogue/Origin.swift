/// Which events count, by where they come from.
public struct Origin: Hashable, Sendable {
  /// Those of these services; none for all.
  public var services: [String]
  /// Those in these environments; none for all.
  public var environments: [String]

  /// Makes an origin: by default events count wherever they come from.
  public init(services: [String] = [], environments: [String] = []) {
    self.services = services
    self.environments = environments
  }

  init(_ parameters: ReportParameters) {
    self.init(
      services: parameters.texts(.service), environments: parameters.texts(.environment))
  }

  /// What can be said of it.
  static let parameters: [ReportParameter] = [.service, .environment]

  var filter: DimensionFilter {
    .of(("service", services), ("environment", environments))
  }
}
