import Analytics
import Foundation

/// A simulated event with its time and its service.
struct DemoEvent: Hashable, Sendable {
  let timestamp: EventTimestamp
  let service: String
  let event: AnalyticsEvent
}

/// A sequence of actions of one person, with the events that follow from them.
struct DemoScene {
  let person: DemoPerson
  /// The activity on the platform relative to its average. The platform answers more slowly under
  /// load.
  let load: Double
  var chance: DemoChance
  private var clock: EventTimestamp
  private(set) var events: [DemoEvent] = []

  init(_ person: DemoPerson, at start: EventTimestamp, load: Double, chance: DemoChance) {
    (self.person, clock, self.load, self.chance) = (person, start, load, chance)
  }

  /// Plays a random scene that is typical for the person's role.
  mutating func play() {
    switch (person.role, chance.fraction()) {
    case (_, ..<0.06): signIn()
    case (_, ..<0.12): webhook()
    case (.developer, ..<0.50): task()
    case (.developer, ..<0.54): project()
    case (.operations, ..<0.30): cocoon()
    case (.operations, ..<0.45): task()
    case (.operations, ..<0.55), (.visitor, ..<0.16): integration()
    default: browse()
    }
  }

  mutating func wait(_ milliseconds: Double) {
    clock.microsecondsSinceUnixEpoch += Int64(milliseconds * 1000)
  }

  mutating func add(_ event: AnalyticsEvent, _ service: String) {
    events.append(DemoEvent(timestamp: clock, service: service, event: event))
  }

  /// Adds a request, sometimes with a database query. The event has the time at which the request
  /// ended.
  ///
  /// - Returns: Whether the request succeeded.
  @discardableResult
  mutating func request(_ route: DemoPlatform.Route) -> Bool {
    let milliseconds = chance.duration(
      median: route.median * (0.8 + 0.25 * load), spread: route.spread)
    wait(milliseconds)
    if chance.happens(0.15) {
      add(
        .databaseQuery(
          service: route.service, queryType: route.method == "GET" ? "select" : "insert",
          durationMS: Int(milliseconds * 0.6), rowsAffected: Int.random(in: 1...50, using: &chance)),
        route.service)
    }
    let isFailed = chance.happens(route.failures)
    let isRefused = !isFailed && chance.happens(0.02)
    let status: UInt16 =
      isFailed
      ? chance.one(of: [500, 502, 503])
      : isRefused ? chance.one(of: [400, 403, 404, 429]) : route.method == "POST" ? 201 : 200
    add(
      .apiRequest(
        service: route.service, endpoint: route.pattern, method: route.method, statusCode: status,
        durationMS: Int(milliseconds), userID: person.id), route.service)
    if isFailed {
      add(
        .applicationError(
          service: route.service, errorType: chance.one(of: DemoPlatform.errors),
          errorMessage: "\(route.method) \(route.pattern) failed", userID: person.id), route.service
      )
    }
    return status < 400
  }
}
