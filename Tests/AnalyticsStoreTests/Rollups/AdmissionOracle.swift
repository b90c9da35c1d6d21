import Analytics
import AnalyticsPostgres
import AnalyticsRollups
import AnalyticsTestSupport
import Foundation

/// The rows that a rollup of requests keeps, computed independently of the library.
struct AdmissionOracle {
  /// A value. Values are equal if their bytes are.
  struct Value: Hashable, Comparable {
    let bytes: [UInt8]

    init(_ text: String) { bytes = Array(text.utf8) }

    static let other = Value(Dimension.other)
    static func < (left: Value, right: Value) -> Bool {
      left.bytes.lexicographicallyPrecedes(right.bytes)
    }
  }

  /// A day, with the values of the dimensions.
  struct Row: Hashable {
    var day: Int64
    var values: [Value]
  }

  struct Figures: Hashable {
    var visits = 0
    var time = 0
    var users = 0
  }

  private struct Place: Hashable {
    var dimension: Int
    var day: Int64
    /// The service to which the values belong; `nil` for services themselves.
    var service: Value?
  }

  let rollup: Rollup
  private var rows: [Row: Figures] = [:]
  private var users: [Row: Set<UUID>] = [:]
  private var admitted: [Place: Set<Value>] = [:]
  private var closed: Set<Place> = []

  init(_ rollup: Rollup) { self.rollup = rollup }

  var figures: [Row: Figures] {
    var figures = rows
    for (row, users) in users { figures[row, default: Figures()].users = users.count }
    return figures
  }

  var hasOthers: Bool {
    rollup.dimensions.indices.allSatisfy { dimension in
      figures.keys.contains { $0.values[dimension] == .other }
    }
  }

  /// - Parameter events: The events of one batch.
  mutating func add(_ events: some Sequence<EnrichedEvent>) throws {
    let hasFigures = !rollup.additiveMeasures.isEmpty
    var requests: [(quarter: Int64, values: [Value], duration: Int, user: UUID?)] = []
    for event in events {
      guard
        case .apiRequest(let service, let path, let method, _, let duration, let user) = event.event,
        hasFigures || user != nil
      else { continue }
      requests.append(
        (
          event.timestamp.microsecondsSinceUnixEpoch / 900_000_000,
          [service, path, method].prefix(rollup.dimensions.count).map(Value.init), duration, user
        ))
    }
    func place(_ dimension: Int, _ quarter: Int64, _ values: [Value]) -> Place {
      Place(
        dimension: dimension, day: quarter / 96, service: dimension == 0 ? nil : values[0])
    }
    var first: [Place: [Value: Int64]] = [:]
    for request in requests {
      for (dimension, value) in request.values.enumerated()
      where !value.bytes.isEmpty {
        let place = place(dimension, request.quarter, request.values)
        first[place, default: [:]][value] = min(first[place]?[value] ?? .max, request.quarter)
      }
    }
    var accepted: [Place: Set<Value>] = [:]
    for (place, values) in first {
      let known = admitted[place] ?? []
      let limit = rollup.dimensions[place.dimension].limit
      let room = closed.contains(place) ? 0 : max(0, limit - known.count)
      // An event with the value `(other)` closes the place for further values.
      let new = values.filter { !known.contains($0.key) }
        .sorted { ($0.value, $0.key) < ($1.value, $1.key) }
        .prefix { $0.key != .other }
      accepted[place] = known.union(new.prefix(room).map(\.key))
    }
    for request in requests {
      var kept = request.values
      for dimension in kept.indices where !kept[dimension].bytes.isEmpty {
        let place = place(dimension, request.quarter, request.values)
        if kept[0] == .other || accepted[place]?.contains(kept[dimension]) != true {
          kept[dimension] = .other
        }
      }
      if kept[0] == .other { kept = kept.map { _ in .other } }
      let row = Row(day: request.quarter / 96, values: kept)
      if hasFigures {
        rows[row, default: Figures()].visits += 1
        rows[row]?.time += request.duration
      }
      if let user = request.user { users[row, default: []].insert(user) }
    }
    // A value with a row on this day is admitted. A row of `(other)` closes the place.
    for row in figures.keys {
      for (dimension, value) in row.values.enumerated() where !value.bytes.isEmpty {
        let place = place(dimension, row.day * 96, row.values)
        if value == .other {
          closed.insert(place)
        } else {
          admitted[place, default: []].insert(value)
        }
      }
    }
  }
}

extension StoreFixture {
  /// The figures of a rollup in the database.
  func figures(of rollup: Rollup) async throws -> [AdmissionOracle.Row: AdmissionOracle.Figures] {
    var figures: [AdmissionOracle.Row: AdmissionOracle.Figures] = [:]
    let names = rollup.dimensions.map(\.name)
    func row(_ row: PostgresRow) throws -> AdmissionOracle.Row {
      AdmissionOracle.Row(
        day: try row.decode(Int64.self, "day"),
        values: try names.map { AdmissionOracle.Value(try row.decode(String.self, $0)) })
    }
    let keys = ["(extract(epoch FROM day) / 86400)::int8 AS day"] + names
    if !rollup.additiveMeasures.isEmpty {
      let rows = try await connection.query(
        """
        SELECT \(keys.joined(separator: ", ")), sum(visits)::int8 AS visits, sum(time_sum)::int8 AS time
        FROM \(rollup.dailyRelation) GROUP BY day, \(names.joined(separator: ", "))
        """)
      for found in rows {
        figures[try row(found)] = AdmissionOracle.Figures(
          visits: try found.decode(Int.self, "visits"), time: try found.decode(Int.self, "time"))
      }
    }
    let members = rollup.memberRelation(rollup.distinctMeasures[0])
    let rows = try await connection.query(
      """
      SELECT \(keys.joined(separator: ", ")), count(DISTINCT member) AS users
      FROM \(members) GROUP BY day, \(names.joined(separator: ", "))
      """)
    for found in rows {
      figures[try row(found), default: AdmissionOracle.Figures()].users = try found.decode(
        Int.self, "users")
    }
    return figures
  }
}
