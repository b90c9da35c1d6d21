internal import AnalyticsReports
internal import AnalyticsText
package import HTTPTypes

/// One thing that can be asked for. The router and the OpenAPI document are made from the same table
/// of these, so neither knows a route that the other does not.
package struct Route: Sendable {
  package var method: HTTPRequest.Method
  /// As the router takes it: `/users/daily`, `/reports/{report}`.
  package var path: String
  /// What it answers, in a line.
  package var summary: String
  /// What may stand behind the question mark. Others are refused.
  package var parameters: [RouteParameter]
  /// Who may ask; `nil` for everybody, without a key and without a limit of the rate.
  package var need: Role?
  /// How people who look at it are told what is wrong; who needs a key is led to the sign-in instead. `nil` for
  /// what programs ask for: they get a problem as JSON.
  package var refusal: Refusal?
  /// What the request's body is, by media type; empty where there is none.
  package var takes: [String: Shape]
  /// What the body is, by media type.
  package var produces: [String: Shape]
  /// The status of an answer.
  package var success: Int
  /// The statuses besides that and those of every route.
  package var statuses: [Int]
  package var handler: Handler

  package typealias Handler = @Sendable (Call) async throws -> Answer
  package typealias Refusal = @Sendable (Problem, Call) async -> Answer

  package init(
    _ method: HTTPRequest.Method = .get, path: String, summary: String,
    parameters: [RouteParameter] = [], need: Role? = .read, refusal: Refusal? = nil,
    takes: [String: Shape] = [:], produces: [String: Shape] = [:], success: Int = 200,
    statuses: [Int] = [], handler: @escaping Handler
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
    self.handler = handler
  }

  /// What a body looks like, for the OpenAPI document.
  package enum Shape: Sendable, Hashable {
    /// A type of its components.
    case component(String)
    /// An object with these members, or a list of such objects.
    case members([Member], isList: Bool)
    /// Any text.
    case text
  }

  /// A member of an object.
  package struct Member: Sendable, Hashable {
    package var name: String
    /// `integer`, `number` or `string`.
    package var type: String
    /// Whether it may be `null`.
    package var isOptional: Bool
    /// Whether it is always there.
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

  /// The same at another path.
  func moved(to path: String) -> Route {
    var route = self
    route.path = path
    return route
  }
}

/// Something that can be said of a request, and what its values look like.
package struct RouteParameter: Sendable, Hashable {
  package var name: String
  package var explanation: String
  package var isRepeatable: Bool
  package var isRequired: Bool
  package var schema: Schema
  package var place: Place

  /// Where it stands.
  package enum Place: Sendable, Hashable {
    case query
    /// In the path, in braces.
    case path
    /// In the query, under any name that is no other parameter's: the handler knows which there are.
    case others
  }

  package enum Schema: Sendable, Hashable {
    case text
    case integer(ClosedRange<Int>)
    case number
    case choice([String])
    /// A day or an instant.
    case time
    case uuid
  }

  package init(
    _ name: String, _ explanation: String, _ schema: Schema = .text, isRepeatable: Bool = false,
    isRequired: Bool = false, place: Place = .query
  ) {
    self.name = name
    self.explanation = explanation
    self.schema = schema
    self.isRepeatable = isRepeatable
    self.isRequired = isRequired
    self.place = place
  }

  /// The report of a path: one of an application's own rollups.
  static let report = RouteParameter(
    "report", "the report of an application's own rollup", isRequired: true, place: .path)
  /// What that report takes.
  static let others = RouteParameter(
    "parameters", "what `/api/v1/reports` says of the report", isRepeatable: true, place: .others)

  /// What a report takes.
  init(_ parameter: ReportParameter) {
    let words = parameter.value.split(at: "|").map { String($0) }
    let schema: Schema =
      switch parameter.value {
      case "day or instant": .time
      case "id": .uuid
      case "number" where parameter.name == "limit": .integer(1...1000)
      case "number": .number
      case "days": .integer(RollupQuery.windowDays)
      case _ where words.count > 1 && words.allSatisfy(\.isLetters): .choice(words)
      default: .text
      }
    self.init(
      parameter.name, parameter.explanation, schema, isRepeatable: parameter.isRepeatable,
      isRequired: parameter.explanation.ends(with: "has to be given"))
  }
}

extension String {
  /// Whether there are letters of ASCII only.
  fileprivate var isLetters: Bool {
    utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 32) }
  }
}
