internal import AnalyticsConnections
internal import AnalyticsReports
package import HTTPTypes

/// Why a request is not answered, as RFC 9457 has it.
package struct Problem: Error, Sendable, CustomStringConvertible {
  package var status: HTTPResponse.Status
  /// One line: what, and what to do. Anybody may read it, so nothing of the database is in it.
  package var detail: String
  /// What the operator needs to know besides, and nobody else may: it goes to the log alone.
  package var cause: String?
  /// Which parameter is at fault.
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

  /// What the database cannot do now it may do in a moment.
  static func unavailable(_ detail: String, cause: String? = nil) -> Problem {
    Problem(.serviceUnavailable, detail, cause: cause, headers: [.retryAfter: "2"])
  }

  static func tooLong(_ bytes: Int) -> Problem {
    Problem(.contentTooLarge, "the body is longer than \(bytes) bytes")
  }

  /// - Parameter cause: What is known of it.
  static func databaseAway(_ cause: String) -> Problem {
    .unavailable("the database does not answer", cause: cause)
  }

  static func notMigrated(_ cause: String? = nil) -> Problem {
    .unavailable(
      "\(StoreError.tablesMissing): run `analytics migrate`", cause: cause)
  }

  static func notGranted(_ cause: String) -> Problem {
    .unavailable(
      "the database user may not read what the server needs: run `analytics migrate roles`",
      cause: cause)
  }

  /// - Parameter names: How the endpoint calls a report's parameters.
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
