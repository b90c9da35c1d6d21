import Analytics

/// The events of a simulation in the order of their times, without end.
///
/// They are a function of its arguments alone.
struct DemoStream {
  /// How much happens.
  struct Pace: Sendable {
    /// Events a second, on average over a week, from ``now`` on.
    var rate: Double
    /// Events a second before that.
    var past = Self.historyPerDay / 86_400
    /// Where history ends.
    var now: EventTimestamp

    /// Enough to see something in each chart, and stored within seconds.
    static let historyPerDay = 4000.0
  }

  private let pace: Pace
  private let people: DemoPeople
  private let start: EventTimestamp
  private var chance: DemoChance
  private var crowd: (hour: Int64, people: DemoCrowd)?
  /// When the next scene begins; nothing that comes later is before it.
  private var clock: EventTimestamp
  /// What scenes have brought already, the latest first.
  private var waiting: [DemoEvent] = []

  init(seed: UInt64, from start: EventTimestamp, pace: Pace) {
    self.pace = pace
    self.start = start
    people = DemoPeople(seed: seed)
    // A second run has tasks of its own, of the same people.
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
      crowd.somebody(&chance), at: clock, load: crowd.load, chance: DemoChance(seed: chance.next()))
    scene.play()
    for event in scene.events {
      let place = waiting.partitionPoint { $0.timestamp <= event.timestamp }
      waiting.insert(event, at: place)
    }
    // Who brings many events is followed by a longer pause, so that the rate is as asked for.
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

extension [DemoEvent] {
  /// The first place from which on `isBehind` holds, in a list where it then holds to the end.
  fileprivate func partitionPoint(_ isBehind: (Element) -> Bool) -> Index {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = (low + high) / 2
      if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
