internal import AnalyticsConnections
internal import AnalyticsReports
internal import AnalyticsText
package import HTTPTypes

/// The reason why a request fails, sent as problem details (RFC 9457).
package struct Problem: Error, Sendable, CustomStringConvertible {
  package var status: HTTPResponse.Status
  /// One line that says what is wrong and what to do. Every client may read it, so it contains
  /// nothing of the database.
  package var detail: String
  /// Details for the operator. They are logged and never sent.
  package var cause: String?
  /// The name of the invalid parameter.
  package var parameter: String?
  package var headers: HTTPFields = [:]

  package var description: String { detail }

  package init(
    _ status: HTTPResponse.Status, _ detail: String, cause: String? = nil,
    parameter: String? = nil, headers: HTTPFields = [:]
  ) {
    self.status = status
    self.detail = detail
    self.cause = cause
    self.parameter = parameter
    self.headers = headers
  }

  static func invalid(_ parameter: String, _ detail: String) -> Problem {
    Problem(.badRequest, detail, parameter: parameter)
  }

  /// Creates a problem of status 503: the request may succeed if it is repeated in a moment.
  static func unavailable(_ detail: String, cause: String? = nil) -> Problem {
    Problem(.serviceUnavailable, detail, cause: cause, headers: [.retryAfter: "2"])
  }

  static func tooLong(_ bytes: Int) -> Problem {
    Problem(.contentTooLarge, "the body is longer than \(bytes) bytes")
  }

  /// - Parameter cause: The error, for the log.
  static func databaseAway(_ cause: String) -> Problem {
    .unavailable("the database does not answer", cause: cause)
  }

  static func notMigrated(_ cause: String? = nil) -> Problem {
    .unavailable(StoreError.tablesMissing(), cause: cause)
  }

  static func notGranted(_ cause: String) -> Problem {
    .unavailable(StoreError.rightsMissing, cause: cause)
  }

  /// - Parameter names: The endpoint's names of report parameters, where they differ.
  init(_ error: ReportError, names: [String: String] = ["granularity": "by"]) {
    switch error.code {
    case .invalidParameter:
      let parameter = error.parameter.map { names[$0] ?? $0 }
      self.init(.badRequest, error.description, parameter: parameter)
    case .timeout: self = .unavailable(error.description)
    case .notMigrated: self = .notMigrated(error.description)
    case .notGranted: self = .notGranted(error.description)
    case .connection: self = .databaseAway(error.description)
    default: self.init(.internalServerError, "the report failed", cause: error.description)
    }
  }

  func answer(id: String) -> Answer {
    var members: [(String, JSON)] = [
      ("title", .string(status.reasonPhrase)), ("status", .integer(status.code)),
      ("detail", .string(detail)),
    ]
    if let parameter { members.append(("parameter", .string(parameter))) }
    members.append(("request_id", .string(id)))
    return Answer(
      status, body: .bytes(Body(.object(members), type: "application/problem+json")),
      headers: headers)
  }
}
