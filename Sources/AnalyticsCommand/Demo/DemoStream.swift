import Analytics
import AnalyticsText

/// The endless sequence of a simulation's events, in the order of their times.
///
/// The events depend only on the arguments.
struct DemoStream {
  /// The rate of events.
  struct Pace: Sendable {
    /// Events per second, on average over a week, from ``now`` on.
    var rate: Double
    /// Events per second before ``now``.
    var past = Self.historyPerDay / 86_400
    /// The end of the history.
    var now: EventTimestamp

    /// Enough to fill each chart, and few enough to be stored within seconds.
    static let historyPerDay = 4000.0
  }

  private let pace: Pace
  private let people: DemoPeople
  private let start: EventTimestamp
  private var chance: DemoChance
  private var crowd: (hour: Int64, people: DemoCrowd)?
  /// The time of the next scene. No later event comes before it.
  private var clock: EventTimestamp
  /// Events of scenes that have begun, the latest first.
  private var waiting: [DemoEvent] = []

  init(seed: UInt64, from start: EventTimestamp, pace: Pace) {
    self.pace = pace
    self.start = start
    people = DemoPeople(seed: seed)
    // A second run simulates the same people with tasks of its own.
    chance = DemoChance(seed: seed ^ UInt64(bitPattern: start.microsecondsSinceUnixEpoch))
    clock = start
  }

  mutating func next() -> DemoEvent {
    while true {
      if let event = waiting.last, event.timestamp < clock { return waiting.removeLast() }
      playScene()
    }
  }

  private mutating func playScene() {
    let crowd = crowdNow()
    var scene = DemoScene(
      crowd.randomPerson(&chance), at: clock, load: crowd.load,
      chance: DemoChance(seed: chance.next()))
    scene.play()
    for event in scene.events {
      let place = waiting.firstIndexInOrder { $0.timestamp <= event.timestamp }
      waiting.insert(event, at: place)
    }
    // A scene with many events is followed by a longer pause, which keeps the rate.
    let rate = (clock < pace.now ? pace.past : pace.rate) * crowd.load
    let seconds = chance.gap(mean: Double(scene.events.count) / rate)
    clock.microsecondsSinceUnixEpoch += max(1, Int64(seconds * 1_000_000))
  }

  private mutating func crowdNow() -> DemoCrowd {
    let hour = clock.microsecondsSinceUnixEpoch / 3_600_000_000
    if let crowd, crowd.hour == hour { return crowd.people }
    let whole = pace.now.microsecondsSinceUnixEpoch - start.microsecondsSinceUnixEpoch
    let passed = clock.microsecondsSinceUnixEpoch - start.microsecondsSinceUnixEpoch
    let progress = whole > 0 ? Double(passed) / Double(whole) : 1
    let people = people.crowd(hour: Int(hour), progress: progress)
    crowd = (hour, people)
    return people
  }
}
