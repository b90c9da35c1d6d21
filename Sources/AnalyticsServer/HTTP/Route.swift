package import AnalyticsReports
package import HTTPTypes

/// An endpoint. The router and the OpenAPI document are made from the same list of routes, so they
/// cannot differ.
package struct Route: Sendable {
  package var method: HTTPRequest.Method
  /// The path pattern, such as `/users/daily` or `/reports/{report}`.
  package var path: String
  /// The pattern under which requests are counted, if it is not the path.
  package var countedPath: String?
  /// One line about the answer.
  package var summary: String
  /// The permitted query parameters. Others are refused.
  package var parameters: [RouteParameter]
  /// The role that a caller needs. `nil` opens the route to everybody, with neither a key nor a
  /// rate limit.
  package var need: Role?
  /// Makes the page that reports a problem to a person. A person who needs a key is redirected to
  /// the sign-in page instead. `nil` for routes of programs, which get problems as JSON.
  package var refusal: Refusal?
  /// The shape of the request's body, by media type; empty if there is none.
  package var takes: [String: Shape]
  /// The shape of the response's body, by media type.
  package var produces: [String: Shape]
  /// The status of a successful answer.
  package var success: Int
  /// Further statuses, besides `success` and those of every route.
  package var statuses: [Int]
  package var handler: Handler

  package typealias Handler = @Sendable (Call) async throws -> Answer
  package typealias Refusal = @Sendable (Problem, Call) async -> Answer

  package init(
    _ method: HTTPRequest.Method = .get, path: String, summary: String,
    parameters: [RouteParameter] = [], need: Role? = .read, refusal: Refusal? = nil,
    takes: [String: Shape] = [:], produces: [String: Shape] = [:], success: Int = 200,
    statuses: [Int] = [], countedPath: String? = nil, handler: @escaping Handler
  ) {
    self.method = method
    self.path = path
    self.summary = summary
    self.parameters = parameters
    self.need = need
    self.refusal = refusal
    self.takes = takes
    self.produces = produces
    self.success = success
    self.statuses = statuses
    self.countedPath = countedPath
    self.handler = handler
  }

  /// The shape of a body, for the OpenAPI document.
  package enum Shape: Sendable, Hashable {
    /// A component of the OpenAPI document.
    case component(String)
    /// An object with these members, or a list of such objects.
    case members([Member], isList: Bool)
    /// Any text.
    case text
  }

  /// A member of an object.
  package struct Member: Sendable, Hashable {
    package var name: String
    /// The JSON type: `integer`, `number` or `string`.
    package var type: String
    /// Whether the value may be `null`.
    package var isOptional: Bool
    /// Whether the member is always present.
    package var isRequired: Bool

    package init(
      _ name: String, _ type: String, isOptional: Bool = false, isRequired: Bool = true
    ) {
      self.name = name
      self.type = type
      self.isOptional = isOptional
      self.isRequired = isRequired
    }
  }
}

/// A parameter of a route, and the form of its values.
package struct RouteParameter: Sendable, Hashable {
  package var name: String
  package var summary: String
  package var isRepeatable: Bool
  package var isRequired: Bool
  package var kind: ReportParameter.Kind
  package var place: Place

  /// Where a parameter is given.
  package enum Place: Sendable, Hashable {
    case query
    /// In the path, as a placeholder in braces.
    case path
    /// In the query, under any name that no other parameter has; the handler decides which names
    /// exist.
    case others
  }

  package init(
    _ name: String, _ summary: String, _ kind: ReportParameter.Kind = .text("text"),
    isRepeatable: Bool = false,
    isRequired: Bool = false, place: Place = .query
  ) {
    self.name = name
    self.summary = summary
    self.kind = kind
    self.isRepeatable = isRepeatable
    self.isRequired = isRequired
    self.place = place
  }

  /// The name of a report of an application's own rollup, in the path.
  static let report = RouteParameter(
    "report", "the report of an application's own rollup", isRequired: true, place: .path)
  /// All parameters of that report.
  static let others = RouteParameter(
    "parameters", "the report's parameters, as `/api/v1/reports` lists them", isRepeatable: true,
    place: .others)

  /// Creates a route parameter from the parameter of a report.
  init(_ parameter: ReportParameter) {
    self.init(
      parameter.name, parameter.summary, parameter.kind,
      isRepeatable: parameter.isRepeatable, isRequired: parameter.isRequired)
  }

  /// The problem of a request with a value that the parameter does not take.
  var problem: Problem { .invalid(name, "\(name) \(kind.rule)") }
}
