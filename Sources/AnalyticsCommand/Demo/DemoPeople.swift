import Analytics
import Foundation

/// A simulated person with habits.
struct DemoPerson: Sendable {
  /// The activities that a person mostly does.
  enum Role: CaseIterable {
    case developer, operations, visitor
  }

  let id: UUID
  let email: String
  let role: Role
  /// The offset from UTC, in hours east.
  let zone: Double
  /// The local hour around which the person is most active.
  let peak: Double
  /// The amount of activity, relative to other people.
  let energy: Double
  let worksAtWeekends: Bool
  /// The fraction of the history after which the person first appears; 0 for people who were always
  /// there.
  let joins: Double
  let projects: [UUID]
  let cocoon: UUID
  let integration: UUID
  let provider: String

  /// The person's activity in an hour, counted from 1970 in UTC.
  func activity(hour: Int) -> Double {
    let local = (Double(hour) + zone) / 24
    // 1 January 1970 was a Thursday.
    let isWeekend = Int((local + 3).rounded(.down)) % 7 >= 5
    let hourOfDay = (local - local.rounded(.down)) * 24
    // The distance wraps around at midnight: 23 is two hours before 1.
    let distance = min(abs(hourOfDay - peak), 24 - abs(hourOfDay - peak))
    let day = 0.04 + exp(-distance * distance / 18)
    return energy * day * (isWeekend && !worksAtWeekends ? 0.15 : 1)
  }
}

/// All people of a simulation. They are the same for the same seed, at any time.
struct DemoPeople: Sendable {
  let all: [DemoPerson]
  /// The activity of all people in an hour, on average over a week.
  private let average: Double

  private static let count = 240
  private static let zones = [-8.0, -5, -5, 0, 1, 1, 1, 1, 1, 5.5]

  init(seed: UInt64) {
    var chance = DemoChance(seed: seed)
    all = (1...Self.count).map { number in
      DemoPerson(
        id: chance.uuid(), email: "person\(number)@example.org",
        role: chance.happens(0.5) ? .developer : chance.happens(0.4) ? .operations : .visitor,
        zone: chance.one(of: Self.zones), peak: 10 + 8 * chance.fraction(),
        energy: chance.duration(median: 1, spread: 1), worksAtWeekends: chance.happens(0.2),
        joins: chance.happens(0.6) ? 0 : chance.fraction(),
        projects: (0...2).map { _ in chance.uuid() }, cocoon: chance.uuid(),
        integration: chance.uuid(), provider: chance.one(of: DemoPlatform.providers))
    }
    let week = 24 * 7
    average = all.reduce(0) { sum, person in
      sum + (0..<week).reduce(0) { $0 + person.activity(hour: $1) } / Double(week)
    }
  }

  /// The people who are active in an hour, counted from 1970.
  ///
  /// - Parameter progress: The fraction of the history that has passed.
  func crowd(hour: Int, progress: Double) -> DemoCrowd {
    var sum = 0.0
    let sums = all.map { person in
      if person.joins <= progress { sum += person.activity(hour: hour) }
      return sum
    }
    return DemoCrowd(people: all, sums: sums, load: sum / average)
  }
}

/// The people of an hour. Each is chosen with a probability proportional to their activity.
struct DemoCrowd: Sendable {
  private let people: [DemoPerson]
  private let sums: [Double]
  /// The activity of the hour, relative to the average of a week.
  let load: Double

  fileprivate init(people: [DemoPerson], sums: [Double], load: Double) {
    (self.people, self.sums, self.load) = (people, sums, load)
  }

  func randomPerson(_ chance: inout DemoChance) -> DemoPerson {
    let mark = chance.fraction() * (sums.last ?? 0)
    return people[sums.firstIndex { $0 >= mark } ?? people.count - 1]
  }
}
