import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("The table of ids")
struct IDTableTests {
  @Test("has the same members as a set, including the id of zeros, in at most 43 bytes for an id")
  func asASet() {
    var random = SeededGenerator.printingSeed()
    let zero = UUID(uuid: unsafeBitCast((UInt64(0), UInt64(0)), to: uuid_t.self))
    var pool = (0..<3000).map { _ in random.uuid() } + [zero]
    // Some ids are similar: consecutive numbers, and ids that have one half in common.
    pool += (1...500).map { UUID(uuid: unsafeBitCast((UInt64($0), UInt64(0)), to: uuid_t.self)) }
    pool += (1...500).map { UUID(uuid: unsafeBitCast((UInt64(7), UInt64($0)), to: uuid_t.self)) }
    var expected: Set<UUID> = []
    var table = IDTable()
    for _ in 0..<8000 {
      let id = random.pick(pool)
      let bits = IDTable.Bits(id)
      #expect(table.contains(bits) == expected.contains(id))
      if expected.insert(id).inserted { table.insertNew(bits) }
    }
    #expect(table.count == expected.count)
    #expect(table.ids.count == expected.count)
    #expect(Set(table.ids) == expected)
    #expect(table.byteCount <= 43 * expected.count)
  }

  @Test("has each member of both tables once after a union")
  func union() {
    var random = SeededGenerator.printingSeed()
    let ids = (0..<300).map { _ in random.uuid() }
    var (left, right) = (IDTable(), IDTable())
    for id in ids[..<200] { left.insertNew(IDTable.Bits(id)) }
    for id in ids[100...] { right.insertNew(IDTable.Bits(id)) }
    left.formUnion(right)
    #expect(left.count == 300)
    #expect(Set(left.ids) == Set(ids))
  }
}
