import Analytics
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsInterchange

/// `JSONDecoder` reads the same wire format through `Codable`. It is slower, but independent of our parser.
@Suite("Any line")
struct EventLinePropertyTests {
  @Test("every valid line is read as JSONDecoder reads it")
  func agreesWithJSONDecoder() throws {
    let seed = SeededGenerator.seed()
    var lines = RandomLines(random: SeededGenerator(seed: seed))
    for number in 1...3000 {
      let line = lines.line()
      let oracle = try JSONDecoder().decode(EnrichedEvent.self, from: Data(line.utf8))
      let parsed = try parse(line)
      #expect(normal(parsed.event) == normal(oracle), "seed \(seed), line \(number): \(line)")
    }
  }

  @Test("a line with wrong bytes never causes a crash, and what is read from it is valid JSON")
  func mutations() {
    let seed = SeededGenerator.seed()
    var lines = RandomLines(random: SeededGenerator(seed: seed))
    for number in 1...3000 {
      let bytes = mutated(Array(lines.line().utf8), &lines.random)
      guard (try? parse(bytes)) != nil else { continue }
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(
        (try? JSONDecoder().decode(EnrichedEvent.self, from: Data(tame(text).utf8))) != nil,
        "seed \(seed), line \(number): \(text)")
    }
  }

  @Test("a line cut anywhere is refused")
  func truncations() {
    let seed = SeededGenerator.seed()
    var lines = RandomLines(random: SeededGenerator(seed: seed))
    for _ in 1...50 {
      let bytes = Array(lines.line().utf8)
      for count in bytes.indices {
        #expect(throws: LineProblem.self, "seed \(seed)") { try parse(bytes.prefix(count)) }
      }
    }
  }

  /// Replaces valid JSON that `JSONDecoder` refuses: large exponents and halves of surrogate pairs.
  private func tame(_ line: String) -> String {
    line.replacing(#/([:,\[\s]-?[0-9.]+)[eE]\+?[0-9]{2,}/#) { "\($0.output.1)e9" }
      .replacing(#/\\u[dD][89a-fA-F]../#) { _ in "x" }
  }

  private func mutated(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
      let index = Int.random(in: bytes.indices, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      case 2: bytes.remove(at: index)
      case 3: bytes.insert(UInt8.random(in: 0...255, using: &random), at: index)
      default:
        bytes.insert(Array(#"{}[]",:\u0-eE."#.utf8).randomElement(using: &random) ?? 0, at: index)
      }
    }
    return bytes
  }

  /// `JSONDecoder` reads 1e2 and 1.0 as integers, while the parser keeps the notation.
  private func normal(_ event: EnrichedEvent) -> EnrichedEvent {
    var event = event
    switch event.event {
    case .applicationError(let service, let type, let message, let user, let context):
      event.event = .applicationError(
        service: service, errorType: type, errorMessage: message, userID: user,
        context: context.map(normal))
    case .custom(var custom):
      custom.fields = custom.fields.mapValues(normal)
      event.event = .custom(custom)
    case .extended(let inner, let further):
      var plain = event
      plain.event = inner
      event.event = .extended(normal(plain).event, with: further.mapValues(normal))
    default: break
    }
    return event
  }

  private func normal(_ value: JSONValue) -> JSONValue {
    switch value {
    case .integer(let number): .number(Double(number))
    case .exact(let number): .number(Double(number.description) ?? .nan)
    case .array(let elements): .array(elements.map(normal))
    case .object(let members): .object(members.mapValues(normal))
    default: value
    }
  }
}
