import Testing

@testable import AnalyticsInterchange

@Suite("Partitions that are searched for new rows")
struct PartitionWatchTests {
  private func snapshot(_ xmin: Int, _ xmax: Int) throws -> Snapshot {
    try #require(Snapshot("\(xmin):\(xmax):\(xmin == xmax ? "" : "\(xmin)")"))
  }

  private func partition(_ pages: Int, inserted: Int64 = 0) -> Partition {
    Partition(schema: "s", name: "p", pages: pages, inserted: inserted)
  }

  @Test("do not include a partition that has not changed")
  func quiet() throws {
    let watch = PartitionWatch(seen: try snapshot(10, 10), partition: partition(9000))
    #expect(watch.firstPage(partition(9000)) == nil)
    #expect(watch.firstPage(partition(9001)) == 9000 - PartitionWatch.pagesAhead)
    #expect(watch.firstPage(partition(9000, inserted: 1)) == 9000 - PartitionWatch.pagesAhead)
  }

  @Test("include new and rewritten partitions from the start")
  func fromTheStart() throws {
    #expect(PartitionWatch(seen: try snapshot(10, 10), partition: nil).firstPage(partition(5)) == 0)
    let watch = PartitionWatch(seen: try snapshot(10, 10), partition: partition(9000))
    #expect(watch.firstPage(partition(8999)) == 0)
  }

  @Test("include rows of a running transaction until it ends")
  func transactionUnderWay() throws {
    var watch = PartitionWatch(seen: try snapshot(10, 11), partition: partition(5000))
    // Transaction 10 writes 4,000 pages and stays open, while transaction 11 begins and ends.
    watch.polled(partition(9000), snapshot: try snapshot(10, 12))
    #expect(watch.firstPage(partition(9000)) == 0)
    watch.polled(partition(9500), snapshot: try snapshot(13, 13))
    #expect(watch.firstPage(partition(9600)) == 9500 - PartitionWatch.pagesAhead)
  }

  @Test("include a changed partition for a while, because the statistics are delayed")
  func statisticsLag() throws {
    var watch = PartitionWatch(seen: try snapshot(10, 10), partition: partition(10))
    watch.polled(partition(11), snapshot: try snapshot(12, 12))
    for _ in 0..<PartitionWatch.pollsAfterChange {
      #expect(watch.firstPage(partition(11)) == 0)
      watch.polled(partition(11), snapshot: try snapshot(12, 12))
    }
    #expect(watch.firstPage(partition(11)) == nil)
  }
}
