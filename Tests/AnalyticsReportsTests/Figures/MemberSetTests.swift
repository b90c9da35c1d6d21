import AnalyticsTestKit
import AnalyticsTestSupport
import Testing

@testable import AnalyticsReports

@Suite("Sets of members")
struct MemberSetTests {
  /// Few, many or all places, also at the ends of words and of the set.
  private func places(_ random: inout SeededGenerator) -> Set<Int> {
    let edges = [0, 1, 63, 64, 127, 128, 31_935, 31_936, 31_999]
    switch random.below(6) {
    case 0: return []
    case 1: return Set(0..<MemberSet.placeCount)
    case 2: return Set(edges.filter { _ in random.chance(0.5) })
    case 3: return Set((0..<random.below(20)).map { _ in random.below(300) })
    case 4: return Set((0..<1 + random.below(1999)).map { _ in random.below(32_000) })
    default: return Set((0..<random.below(40_000)).map { _ in random.below(32_000) })
    }
  }

  /// The bytes in which the server sends places, in any order.
  private func sent(_ places: Set<Int>) -> [UInt8] {
    places.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
  }

  private func bits(_ places: Set<Int>) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: MemberSet.placeCount / 8)
    for place in places { bytes[place / 8] |= 0x80 >> (place % 8) }
    return bytes
  }

  /// The form in which rollups keep a quarter of an hour.
  private func packed(_ places: Set<Int>) -> [UInt8] {
    places.count < 2000 ? sent(places) : bits(places)
  }

  private func set(_ places: Set<Int>, _ random: inout SeededGenerator) -> MemberSet {
    var set = MemberSet()
    switch random.below(4) {
    case 0: #expect(packed(places).withUnsafeBytes { set.insert(packed: $0) })
    case 1: #expect(sent(places).withUnsafeBytes { set.insert(places: $0) })
    case 2: #expect(bits(places).withUnsafeBytes { set.insert(bits: $0) })
    // A set without any insertion is valid, too.
    default: for place in places { set.insert(place..<place + 1) }
    }
    return set
  }

  @Test("have the operations of sets of numbers")
  func algebra() {
    var random = SeededGenerator.printingSeed()
    for _ in 0..<60 {
      let (left, right) = (places(&random), places(&random))
      let (one, other) = (set(left, &random), set(right, &random))
      let comment: Comment = "seed \(random.seed)"
      #expect(one.count == left.count, comment)
      #expect(one.places == left.sorted(), comment)
      var union = one
      union.formUnion(other)
      #expect(union.places == left.union(right).sorted(), comment)
      #expect(one.intersection(other).places == left.intersection(right).sorted(), comment)
      #expect(one.sharedCount(with: other) == left.intersection(right).count, comment)
      var rest = one
      rest.subtract(other)
      #expect(rest.places == left.subtracting(right).sorted(), comment)
      // The operations have not changed the sets themselves.
      #expect(one.places == left.sorted() && other.places == right.sorted(), comment)
    }
  }

  @Test("accept additional members in every form")
  func adding() {
    var random = SeededGenerator.printingSeed()
    for _ in 0..<40 {
      var (set, expected) = (MemberSet(), Set<Int>())
      for _ in 0..<1 + random.below(5) {
        let more = places(&random)
        switch random.below(3) {
        case 0: #expect(sent(more).withUnsafeBytes { set.insert(places: $0) })
        case 1: #expect(bits(more).withUnsafeBytes { set.insert(bits: $0) })
        default:
          let bounds = [random.below(32_001), random.below(32_001)].sorted()
          set.insert(bounds[0]..<bounds[1])
          expected.formUnion(bounds[0]..<bounds[1])
          continue
        }
        expected.formUnion(more)
      }
      #expect(set.places == expected.sorted(), "seed \(random.seed)")
    }
  }

  @Test("refuse bytes that are not places, and too many or too few bits")
  func refused() {
    var set = MemberSet()
    for bytes: [UInt8] in [[1], [0, 1, 2], [0x7d, 0x00], [255, 255]] {
      #expect(!bytes.withUnsafeBytes { set.insert(places: $0) })
    }
    for count in [0, 3999, 4001] {
      let bytes = [UInt8](repeating: 255, count: count)
      #expect(!bytes.withUnsafeBytes { set.insert(bits: $0) })
    }
    #expect(set.count == 0)
    let last: [UInt8] = [0x7c, 0xff]
    #expect(last.withUnsafeBytes { set.insert(places: $0) })
    #expect(set.places == [31_999])
  }

  @Test("of a range of numbers have exactly these numbers, chunk by chunk")
  func numbers() {
    var random = SeededGenerator.printingSeed()
    for _ in 0..<40 {
      let start = random.below(100_000)
      let range = start..<start + random.pick([0, 1, 32_000, random.below(90_000)])
      let numbers = range.memberSets.flatMap { chunk, set in
        set.places.map { chunk * MemberSet.placeCount + $0 }
      }
      #expect(numbers == Array(range), "seed \(random.seed)")
    }
  }
}

extension MemberSet {
  /// The places in ascending order.
  var places: [Int] {
    words.enumerated().flatMap { index, word in
      (0..<64).filter { word >> (63 - $0) & 1 == 1 }.map { 64 * index + $0 }
    }
  }
}
