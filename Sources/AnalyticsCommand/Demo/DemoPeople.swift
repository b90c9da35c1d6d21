import Analytics
import Foundation

/// Somebody made up, with habits.
struct DemoPerson: Sendable {
  /// What somebody mostly does.
  enum Role: CaseIterable {
    case developer, operations, visitor
  }

  let id: UUID
  let email: String
  let role: Role
  /// Hours east of UTC.
  let zone: Double
  /// The hour of the day around which they are at work.
  let peak: Double
  /// How much they do, against others.
  let energy: Double
  let worksAtWeekends: Bool
  /// Which part of the history is over when they first come; 0 for those who were always there.
  let joins: Double
  let projects: [UUID]
  let cocoon: UUID
  let integration: UUID
  let provider: String

  /// How much they do at an hour since 1970, in UTC.
  func activity(hour: Int) -> Double {
    let local = (Double(hour) + zone) / 24
    // The first of January 1970 was a Thursday.
    let isWeekend = Int((local + 3).rounded(.down)) % 7 >= 5
    let hourOfDay = (local - local.rounded(.down)) * 24
    // Midnight is no wall: 23 is two hours before 1.
    let distance = min(abs(hourOfDay - peak), 24 - abs(hourOfDay - peak))
    let day = 0.04 + exp(-distance * distance / 18)
    return energy * day * (isWeekend && !worksAtWeekends ? 0.15 : 1)
  }
}

/// All people of a simulation: the same for the same seed, whenever it runs.
struct DemoPeople: Sendable {
  let all: [DemoPerson]
  /// What all do an hour, on average over a week.
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

  /// Who is there at an hour since 1970.
  ///
  /// - Parameter progress: Which part of the history is over.
  func crowd(hour: Int, progress: Double) -> DemoCrowd {
    var sum = 0.0
    let sums = all.map { person in
      if person.joins <= progress { sum += person.activity(hour: hour) }
      return sum
    }
    return DemoCrowd(people: all, sums: sums, load: sum / average)
  }
}

/// The people of one hour, each as likely as they are active.
struct DemoCrowd: Sendable {
  private let people: [DemoPerson]
  private let sums: [Double]
  /// How much happens, against the average of a week.
  let load: Double

  fileprivate init(people: [DemoPerson], sums: [Double], load: Double) {
    (self.people, self.sums, self.load) = (people, sums, load)
  }

  func somebody(_ chance: inout DemoChance) -> DemoPerson {
    let mark = chance.fraction() * (sums.last ?? 0)
    return people[sums.firstIndex { $0 >= mark } ?? people.count - 1]
  }
}
