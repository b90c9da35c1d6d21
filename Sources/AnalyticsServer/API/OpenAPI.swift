internal import AnalyticsReports
internal import AnalyticsText
internal import HTTPTypes

/// The OpenAPI 3.1 document of the routes.
enum OpenAPI {
  static let path = "/openapi.json"

  static func route(describing routes: [Route]) -> Route {
    func route(_ handler: @escaping Route.Handler) -> Route {
      Route(
        path: path, summary: "This document.", need: nil,
        produces: ["application/json": .component("Document")], handler: handler)
    }
    // The document describes its own route, so the route is made twice: once to be described and
    // once to answer.
    let routes = routes + [route { _ in Answer() }]
    let body = Body(document(routes, below: ""), type: MediaType.json)
    return route { call in
      let prefix = call.path(above: path)
      return Answer(
        body: .bytes(
          prefix.isEmpty
            ? body : Body(document(routes, below: prefix), type: MediaType.json)),
        headers: [.cacheControl: "no-cache"])
    }
  }

  /// - Parameter prefix: The path below which the service that embeds the server has the routes.
  private static func document(_ routes: [Route], below prefix: String) -> JSON {
    let paths = Dictionary(grouping: routes, by: \.path).sorted { $0.key < $1.key }
    return .object([
      ("openapi", .string("3.1.0")),
      (
        "info",
        .object([
          ("title", .string("analytics")), ("version", .string("1")),
          (
            "description", .string("Usage analytics: the reports of `analytics report`, over HTTP.")
          ),
        ])
      ),
      ("servers", .array([.object([("url", .string(prefix.isEmpty ? "/" : prefix))])])),
      (
        "paths",
        .object(
          paths.map { path, routes in
            (path, .object(routes.map { ($0.method.rawValue.lowercased(), operation($0)) }))
          })
      ),
      (
        "components",
        .object([
          ("schemas", .object(schemas)),
          (
            "securitySchemes",
            .object([
              (
                "key",
                .object([("type", .string("http")), ("scheme", .string("bearer"))])
              )
            ])
          ),
        ])
      ),
    ])
  }

  private static func operation(_ route: Route) -> JSON {
    var members: [(String, JSON)] = [("summary", .string(route.summary))]
    if !route.parameters.isEmpty {
      members.append(("parameters", .array(route.parameters.map(parameter))))
    }
    if route.need != nil {
      // A server on a loopback address may need no key, so it is optional.
      members.append(
        ("security", .array([.object([]), .object([("key", .array([]))])])))
    }
    if !route.takes.isEmpty {
      members.append(
        (
          "requestBody",
          .object([("required", .bool(true)), ("content", content(route.takes))])
        ))
    }
    var answers: [(String, JSON)] = [
      (
        String(route.success),
        .object([("description", .string("The answer.")), ("content", content(route.produces))])
      )
    ]
    for status in statuses(of: route) {
      answers.append((String(status), refusal(status)))
    }
    members.append(("responses", .object(answers)))
    return .object(members)
  }

  private static func content(_ shapes: [String: Route.Shape]) -> JSON {
    .object(
      shapes.sorted { $0.key < $1.key }.map { type, shape in
        (type, .object([("schema", schema(shape))]))
      })
  }

  private static func statuses(of route: Route) -> [Int] {
    let always = route.need == nil ? [400, 503] : [400, 401, 403, 429, 503]
    return (route.statuses + always).sorted()
  }

  private static func refusal(_ status: Int) -> JSON {
    let reason = HTTPResponse.Status(code: status).reasonPhrase
    guard status >= 400 else { return .object([("description", .string(reason))]) }
    return .object([
      ("description", .string(reason)),
      (
        "content",
        .object([
          (
            MediaType.problem,
            .object([("schema", schema(.component("Problem")))])
          )
        ])
      ),
    ])
  }

  private static func parameter(_ parameter: RouteParameter) -> JSON {
    let value = schema(parameter.kind)
    var members: [(String, JSON)] = [
      ("name", .string(parameter.name)),
      ("in", .string(parameter.place == .path ? "path" : "query")),
      ("description", .string(parameter.summary)),
      ("required", .bool(parameter.isRequired)),
    ]
    let list = JSON.object([("type", .string("array")), ("items", value)])
    // As with form-style objects, each member is a parameter.
    let others = JSON.object([("type", .string("object")), ("additionalProperties", list)])
    members.append(
      (
        "schema",
        parameter.place == .others ? others : parameter.isRepeatable ? list : value
      ))
    return .object(members)
  }

  private static func schema(_ kind: ReportParameter.Kind) -> JSON {
    switch kind {
    case .text: .object([("type", .string("string"))])
    case .uuid: .object([("type", .string("string")), ("format", .string("uuid"))])
    case .integer(let range):
      .object([
        ("type", .string("integer")), ("minimum", .integer(range.lowerBound)),
        ("maximum", .integer(range.upperBound)),
      ])
    case .percentile:
      .object([
        ("type", .string("number")), ("exclusiveMinimum", .integer(0)), ("maximum", .integer(100)),
      ])
    case .choice(let words):
      .object([("type", .string("string")), ("enum", .array(words.map(JSON.string)))])
    case .flag:
      .object([("type", .string("string")), ("enum", .array([.string("true"), .string("false")]))])
    case .time:
      .object([
        (
          "anyOf",
          .array(
            ["date", "date-time"].map { format in
              .object([("type", .string("string")), ("format", .string(format))])
            })
        )
      ])
    }
  }

  private static func schema(_ shape: Route.Shape) -> JSON {
    switch shape {
    case .text: return .object([("type", .string("string"))])
    case .component(let name):
      return .object([("$ref", .string("#/components/schemas/\(name)"))])
    case .members(let members, let isList):
      let object = JSON.object([
        ("type", .string("object")),
        (
          "properties",
          .object(
            members.map { member in
              let type = JSON.string(member.type)
              return (
                member.name,
                .object([("type", member.isOptional ? .array([type, .string("null")]) : type)])
              )
            })
        ),
        ("required", .array(members.filter(\.isRequired).map { .string($0.name) })),
      ])
      return isList ? .object([("type", .string("array")), ("items", object)]) : object
    }
  }

  private static let schemas: [(String, JSON)] = [
    ("Document", .object([("type", .string("object"))])),
    (
      "Problem",
      schema(
        .members(
          [
            .init("title", "string"), .init("status", "integer"), .init("detail", "string"),
            .init("request_id", "string"),
          ], isList: false))
    ),
    ("Series", series),
    ("TelemetryDocument", .object([("type", .string("object"))])),
  ]

  /// A row has a member for each column, `is_other` if it stands for several values of a breakdown,
  /// and `partial` if its bucket is not whole.
  private static let row = JSON.object([
    ("type", .string("object")),
    (
      "properties",
      .object([
        (
          "is_other",
          .object([
            ("type", .string("boolean")),
            (
              "description",
              .string(
                "Only in the row that stands for all values without a row of their own; its property is "
                  + "null. In any other row, null means that the events do not have the property."
              )
            ),
          ])
        ),
        (
          "partial",
          .object([
            ("type", .string("string")),
            ("enum", .array(TimeFrame.Partial.allCases.map { .string($0.rawValue) })),
            (
              "description",
              .string(
                "Only if the hour, day, … of the row is not whole: the range contains a part of it (cut), "
                  + "it has not ended (running), or it has not begun (ahead)."
              )
            ),
          ])
        ),
      ])
    ),
  ])

  /// The answer of every report. The columns depend on the report and are listed in the answer.
  private static let series: JSON = {
    func text(_ type: String) -> JSON { .object([("type", .string(type))]) }
    func list(of item: JSON) -> JSON { .object([("type", .string("array")), ("items", item)]) }
    return .object([
      ("type", .string("object")),
      (
        "properties",
        .object([
          ("report", text("string")), ("from", text("string")), ("to", text("string")),
          ("time_zone", text("string")), ("complete_until", text("string")),
          (
            "columns",
            list(
              of: schema(
                .members([.init("name", "string"), .init("unit", "string")], isList: false)))
          ),
          ("rows", list(of: row)), ("total_rows", text("integer")),
          ("notes", list(of: text("string"))),
          (
            "next_page",
            .object([
              ("type", .string("object")), ("additionalProperties", text("string")),
              (
                "description",
                .string("The parameter that gives the rows after the last one, if there are any.")
              ),
            ])
          ),
        ])
      ),
      (
        "required",
        .array(
          ["report", "time_zone", "columns", "rows", "total_rows", "notes"].map(JSON.string))
      ),
    ])
  }()
}
