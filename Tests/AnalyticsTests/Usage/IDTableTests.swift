import AnalyticsTestSupport
import Foundation
import Testing

@testable import Analytics

@Suite("The table of ids")
struct IDTableTests {
  @Test("holds what a set holds, the id of zeros too, at up to 43 bytes an id")
  func asASet() {
    var random = SeededGenerator.printingSeed()
    let zero = UUID(uuid: unsafeBitCast((UInt64(0), UInt64(0)), to: uuid_t.self))
    var pool = (0..<3000).map { _ in random.uuid() } + [zero]
    // Ids that are alike: numbered ones, and ones with a half in common.
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

  @Test("a union has every member of both once")
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
