import Analytics
import AnalyticsTestKit
import Synchronization
import Testing

@Suite("The sink's contract")
struct EventSinkContractTests {
  @Test("is fulfilled by the in-memory sink", arguments: EventSinkContract.checks)
  func inMemory(check: EventSinkContract.Check) async throws {
    let sink = InMemorySink()
    try await check.run(sink) { sink.events }
  }

  /// A fault of a sink, which a check must detect.
  enum Fault: CaseIterable {
    case losesAnEvent, changesAnEvent, storesTwice, countsWrongly, forgetsOverlap, cutsLongTexts
    case countsItsRetryAsDuplicate, storesDeadLetters
  }

  /// A sink that stores in memory, with one fault.
  private final class BrokenSink: EventSink {
    let destination = "broken"
    private let fault: Fault
    private let state = Mutex<[StoredEvent]>([])
    var events: [StoredEvent] { state.withLock { $0 } }

    init(_ fault: Fault) { self.fault = fault }

    func write(_ batch: EventBatch) async throws(EventSinkError) -> EventReceipt {
      var rows: [StoredEvent] = []
      batch.forEachRow { rows.append(StoredEvent($0)) }
      return state.withLock { events in
        let before = events.count
        var known = Set(events.map(\.id))
        if fault == .forgetsOverlap, rows.contains(where: { known.contains($0.id) }) {
          return EventReceipt(stored: 0, duplicates: rows.count)
        }
        events += fault == .storesTwice ? rows : rows.filter { known.insert($0.id).inserted }
        let added = events.count - before
        if fault == .losesAnEvent { events.removeLast() }
        if fault == .changesAnEvent { events[events.count - 1].environment = "changed" }
        if fault == .cutsLongTexts {
          for index in events.indices {
            events[index].data = String(events[index].data.prefix(9999))
          }
        }
        if fault == .countsWrongly { return EventReceipt(stored: rows.count) }
        if batch.mayBeStored, fault != .countsItsRetryAsDuplicate {
          return EventReceipt(stored: rows.count)
        }
        return EventReceipt(stored: added, duplicates: rows.count - added)
      }
    }

    func deadLetter(
      _ row: EventBatch, because refusal: EventSinkError
    ) async throws(EventSinkError) {
      if fault == .storesDeadLetters { _ = try await write(row) }
    }
  }

  @Test(
    "is violated by a sink with any of these faults, and a check detects it",
    arguments: Fault.allCases)
  func broken(fault: Fault) async {
    var violated = 0
    for check in EventSinkContract.checks {
      let sink = BrokenSink(fault)
      do { try await check.run(sink) { sink.events } } catch { violated += 1 }
    }
    #expect(violated > 0)
  }

  @Test("has a check for each promise, and each check fails for a sink that stores nothing")
  func storesNothing() async {
    struct Blind: EventSink {
      let destination = "blind"
      func write(_ batch: EventBatch) async throws(EventSinkError) -> EventReceipt {
        EventReceipt(stored: batch.rowCount)
      }
      func deadLetter(
        _ row: EventBatch, because refusal: EventSinkError
      ) async throws(EventSinkError) {}
    }
    for check in EventSinkContract.checks {
      await #expect(throws: (any Error).self, "\(check)") {
        try await check.run(Blind()) { [] }
      }
    }
  }
}
