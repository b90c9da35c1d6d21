import AnalyticsTestKit
import AnalyticsTestSupport
import Crypto
import Foundation
import Testing

@testable import Analytics

@Suite("Privacy")
struct PrivacyTableTests {
  private static let keyBytes = Array("a key for tests, 32 bytes long !".utf8)

  private static func key() -> PrivacyKey { try! PrivacyKey(bytes: keyBytes) }

  /// HMAC-SHA256 from swift-crypto, written in another way.
  private static func hash(_ text: String) -> String {
    let code = HMAC<SHA256>.authenticationCode(
      for: Data(text.utf8), using: SymmetricKey(data: keyBytes))
    return "hmac:" + code.map { String(format: "%02x", $0) }.joined().prefix(32)
  }

  private struct OneField: TrackableEvent {
    static let eventType: StaticString = "one_field"
    var privacy: FieldPrivacy
    var text: String
    func encode(to fields: inout EventFields) {
      fields.add("text", text, privacy)
      fields.add("json", ["list": [.string(text), 1, nil], "flag": true], privacy)
    }
  }

  struct Case: CustomStringConvertible {
    var privacy: FieldPrivacy
    var preset: PrivacyPreset
    var hasKey: Bool
    var description: String { "\(privacy), \(preset), \(hasKey ? "with" : "without") a key" }
  }

  static let cases = FieldPrivacy.allCases.flatMap { privacy in
    PrivacyPreset.allCases.flatMap { preset in
      [true, false].map { Case(privacy: privacy, preset: preset, hasKey: $0) }
    }
  }

  /// The documented table: a text is stored as given, as a hash, as a domain, or left out (`-`). The second column is
  /// without a key.
  private static let table = """
    plain    full given given standard given given  strict given given
    freeText full given given standard given given  strict hash  -
    email    full given given standard hash  domain strict hash  -
    hashed   full hash  -     standard hash  -      strict hash  -
    secret   full -     -     standard -     -      strict -     -
    undeclared full given given standard hash domain strict hash -
    """

  private static func expected(_ case: Case, _ text: String) -> String? {
    let line = table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
      .first { $0[0] == "\(`case`.privacy)" }!
    let column = line.firstIndex(of: `case`.preset.rawValue)! + (`case`.hasKey ? 1 : 2)
    switch line[column] {
    case "given": return text
    // Addresses that differ only in case have the same hash.
    case "hash":
      return hash([.email, .undeclared].contains(`case`.privacy) ? text.lowercased() : text)
    case "domain": return "@" + text.lowercased().components(separatedBy: "@").last!
    default: return nil
    }
  }

  private func stored(_ case: Case, _ text: String) throws -> NSDictionary {
    let rows = try rows(privacy: `case`.preset, key: `case`.hasKey ? Self.key() : nil) {
      $0.track(OneField(privacy: `case`.privacy, text: text))
    }
    return try #require(try rows.first?.json)
  }

  @Test(
    "keeps of an address only its domain, and nothing that follows the domain",
    arguments: [
      ("ada@example.org ", "@example.org"), ("ada@EXAMPLE.org.", "@example.org."),
      ("ada@localhost", "@localhost"), ("ada@пример.рф", "@пример.рф"),
      ("@example.org", "@example.org"),
      ("ada@example.org, 555-1234", nil), ("meet me @ the old mill", nil), ("ada@[10.0.0.1]", nil),
      ("ada@example.org/secret", nil), ("ada", nil),
    ])
  func domain(address: String, kept: String?) throws {
    let found = try stored(Case(privacy: .email, preset: .standard, hasKey: false), address)
    #expect(found["text"] as? String == kept)
  }

  @Test("treats each field as the documented table says", arguments: cases)
  func table(case: Case) throws {
    let text = "Ada@lovelace@Example.org"
    let found = try stored(`case`, text)
    let expected = Self.expected(`case`, text)
    #expect(found["text"] as? String == expected)
    // Of undeclared JSON only the texts are left out.
    let list = [expected, 1, NSNull()].compactMap { $0 as Any? }
    let json: NSDictionary? =
      expected == nil && `case`.privacy != .undeclared ? nil : ["list": list, "flag": true]
    #expect(found["json"] as? NSDictionary == json)
  }

  @Test("does not change stored values when they are tracked again", arguments: cases)
  func idempotent(case: Case) throws {
    for text in ["ada@example.org", "make test", "", "naïve 🧪", "example.org"] {
      let once = try stored(`case`, text)
      guard let kept = once["text"] as? String else { continue }
      #expect(try stored(`case`, kept)["text"] as? String == kept)
    }
  }

  @Test(
    "does not treat a text as a hash because it begins like one",
    arguments: [
      "hmac:ada@example.org", "hmac:", "hmac:0123456789ABCDEF0123456789ABCDEFX",
      "hmac:0123456789abcdef0123456789abcdef0", "hmac:0123456789abcdef0123456789abcde",
      "hmac:0123456789abcdef0123456789abcdeg",
    ])
  func impostors(text: String) throws {
    let hashed = try stored(Case(privacy: .email, preset: .strict, hasKey: true), text)
    #expect(hashed["text"] as? String == Self.hash(text.lowercased()))
    let domain = try stored(Case(privacy: .email, preset: .standard, hasKey: false), text)
    #expect((domain["text"] as? String)?.contains("ada") != true)
  }

  @Test("leaves out a name in a field for addresses if there is no key")
  func nameForAddress() throws {
    let domain = Case(privacy: .email, preset: .standard, hasKey: false)
    #expect(try stored(domain, "ada.lovelace")["text"] == nil)
  }

  @Test("gives the same hash for the same text, and another hash with another key")
  func keys() throws {
    let other = try PrivacyKey(bytes: Array(repeating: 7, count: 16))
    #expect(Self.key().hash("ada") == Self.hash("ada"))
    #expect(Self.key().hash("ada") != other.hash("ada"))
    #expect(PrivacyKey.isHash(Self.key().hash("")))
  }

  @Test("requires a key of at least 16 bytes", arguments: [0, 1, 15, 16, 32, 100])
  func keyLength(length: Int) {
    let bytes = [UInt8](repeating: 1, count: length)
    if length >= 16 {
      #expect(throws: Never.self) { try PrivacyKey(bytes: bytes) }
    } else {
      #expect(throws: AnalyticsError.self) { try PrivacyKey(bytes: bytes) }
    }
  }

  @Test(
    "never lets an OAuth state into any byte of a segment", arguments: PrivacyPreset.allCases,
    [true, false])
  func state(preset: PrivacyPreset, hasKey: Bool) async throws {
    try await withTemporaryDirectory { directory in
      let secret = "state-that-must-not-be-stored"
      var configuration = AnalyticsConfiguration.durable(in: directory)
      configuration.privacy = preset
      configuration.privacyKey = hasKey ? Self.key() : nil
      let client = try AnalyticsClient(configuration, sink: UnusedSink())
      for _ in 0..<10 {
        client.track(.oauthFlowStarted(userID: UUID(), provider: "github", state: secret))
      }
      let row = try #require(try client.waitingRows().first)
      #expect(try row.json == ["provider": "github"] as NSDictionary)
      for file in segmentFiles(in: directory) {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
        #expect(bytes.range(of: Data(secret.utf8)) == nil)
        #expect(bytes.range(of: Data(Self.hash(secret).utf8)) == nil)
      }
    }
  }

  @Test("stores nothing of a person in strict mode without a key")
  func strict() throws {
    let person = [
      "ada@example.org", "locked", "make test", "no space", "mac-mini", "attic", "Engine",
      "expired", "withdrawn",
    ]
    let rows = try rows(privacy: .strict) { client in
      for event in SampleEvents.oneOfEach() { client.track(event) }
    }
    #expect(rows.count == 29)
    for row in rows {
      let text = String(decoding: row.data, as: UTF8.self)
      for word in person { #expect(!text.contains(word), "\(row.type)") }
    }
  }
}
