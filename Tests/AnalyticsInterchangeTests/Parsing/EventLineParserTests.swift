import Analytics
import AnalyticsTestSupport
import Foundation
import Testing

@testable import AnalyticsInterchange

@Suite("Valid lines")
struct EventLineParserTests {
  @Test("a full line gives time, event, origin, id and service")
  func fullLine() throws {
    let parsed = try parse(
      line(
        event: started,
        and: """
          ,"hostname":"web-1","environment":"production","service":"jobs",\
          "id":"0190A0B0-0000-7000-8000-0000000000FF"
          """))
    let uuid = try #require(UUID(uuidString: someUUID))
    #expect(parsed.event.event == .taskStarted(taskID: uuid, userID: uuid))
    #expect(parsed.event.timestamp.description == "2026-01-31T08:09:10.123456Z")
    #expect(parsed.event.hostname == "web-1")
    #expect(parsed.event.environment == "production")
    #expect(parsed.service == "jobs")
    #expect(parsed.id == UUID(uuidString: "0190a0b0-0000-7000-8000-0000000000ff"))
  }

  @Test("null is the same as absent")
  func nullIsAbsent() throws {
    let given = try parse(
      line(
        event: started + #","cocoon_id":null"#,
        and: #","hostname":null,"environment":null,"id":null,"service":null"#))
    #expect(given == (try parse(line(event: started))))
  }

  @Test("unknown keys next to the event are checked and ignored")
  func unknownKeys() throws {
    let given = try parse(
      line(event: started, and: #","received":{"by":["x",2e3,1e999]},"data":{"x":1}"#))
    #expect(given == (try parse(line(event: started))))
    #expect(problem(line(event: started, and: #","received":{"by":[01]}"#)) != nil)
  }

  @Test("if a key occurs twice, the last value counts")
  func duplicateKeys() throws {
    let other = "00000000-0000-0000-0000-000000000001"
    let parsed = try parse(
      #"{"event":5,"timestamp":"bad","event":{"user_id":"\#(other)",\#(started)},"#
        + #""timestamp":"2026-01-31T08:09:10Z","hostname":"a","hostname":"b"}"#)
    let uuid = try #require(UUID(uuidString: someUUID))
    #expect(parsed.event.event == .taskStarted(taskID: uuid, userID: uuid))
    #expect(parsed.event.hostname == "b")
    let context = try parse(
      line(
        event: #""type":"application_error","service":"s","error_type":"t","error_message":"m","#
          + #""context":{"a":1,"a":2}"#))
    guard case .applicationError(_, _, _, _, let value) = context.event.event else {
      Issue.record("not an application_error")
      return
    }
    #expect(value == ["a": 2])
  }

  @Test("an event of the catalogue keeps fields that its type does not have, except null")
  func furtherFields() throws {
    let given = try parse(
      line(
        event: #""extra":1,"service":"s","task_id":"bad","#
          + started + #","extra":[1,{"a":null}],"no":null,"maybe":1,"maybe":null"#))
    let uuid = try #require(UUID(uuidString: someUUID))
    #expect(
      given.event.event
        == .extended(
          .taskStarted(taskID: uuid, userID: uuid),
          with: ["extra": [1, ["a": nil]], "service": "s"]))
    let user = try parse(
      line(
        event: #""type":"webhook_received","provider":"p","event_type":"e","delivery_id":"d","#
          + #""user_id":"\#(someUUID.uppercased())""#))
    #expect(
      user.event.event
        == .extended(
          .webhookReceived(provider: "p", eventType: "e", deliveryID: "d"),
          with: ["user_id": .string(someUUID)]))
  }

  @Test("a failed check of a code and of a token says why")
  func errors() throws {
    let uuid = try #require(UUID(uuidString: someUUID))
    func event(_ type: String) throws -> AnalyticsEvent {
      try parse(
        line(event: #""type":"\#(type)","user_id":"\#(someUUID)","success":false,"error":"old""#)
      ).event.event
    }
    #expect(
      try event("auth_code_verified")
        == .authCodeVerified(userID: uuid, success: false, error: "old"))
    #expect(
      try event("auth_token_refresh")
        == .authTokenRefresh(userID: uuid, success: false, error: "old"))
  }

  @Test(
    "half of a surrogate pair is U+FFFD in every position",
    arguments: [
      (#"\ud83d"#, "\u{FFFD}"), (#"\ude00"#, "\u{FFFD}"), (#"\ud83d\u0041"#, "\u{FFFD}A"),
      (#"\ud83dx"#, "\u{FFFD}x"), (#"\ud83d\ud83d"#, "\u{FFFD}\u{FFFD}"),
      (#"\ud83d\ud83d\ude00"#, "\u{FFFD}😀"), (#"\ude00\ud83d"#, "\u{FFFD}\u{FFFD}"),
      (#"\ud83d\n"#, "\u{FFFD}\n"), (#"\ud83d\\ude00"#, "\u{FFFD}\\ude00"),
    ])
  func loneSurrogates(written: String, meant: String) throws {
    let parsed = try parse(
      line(
        event: #""type":"x\#(written)","\#(written)":["\#(written)"]"#,
        and: #","hostname":"\#(written)","ignored\#(written)":"\#(written)""#))
    #expect(parsed.event.hostname?.bytes == meant.bytes)
    #expect(
      parsed.event.event
        == .custom(DynamicEvent(type: "x" + meant, fields: [meant: [.string(meant)]])))
  }

  @Test(
    "a number keeps its notation if an Int64 would be written otherwise",
    arguments: [
      "1.10", "1.0", "-0", "-0.0", "1E2", "1e309", "1e-400", "9007199254740993.5",
      "9223372036854775808", "-9223372036854775809", "18446744073709551615", "0e0",
    ])
  func exactNumbers(written: String) throws {
    let number = try #require(JSONNumber(written))
    let fields: JSONObject = ["n": .exact(number), "l": [.exact(number)]]
    let text = #""n":\#(written),"l":[\#(written)]"#
    let uuid = try #require(UUID(uuidString: someUUID))
    #expect(
      try parse(line(event: #""type":"n",\#(text)"#)).event.event
        == .custom(DynamicEvent(type: "n", fields: fields)))
    #expect(
      try parse(line(event: started + "," + text)).event.event
        == .extended(.taskStarted(taskID: uuid, userID: uuid), with: fields))
  }

  @Test("a key may be escaped")
  func escapedKeys() throws {
    let plain = line(event: started, and: #","hostname":"h""#)
    let escaped = plain.replacingOccurrences(of: "\"type\"", with: #""t\u0079pe""#)
      .replacingOccurrences(of: "hostname", with: #"h\u006fstname"#)
      .replacingOccurrences(of: "\"event\"", with: #""\u0065vent""#)
    #expect(try parse(escaped) == parse(plain))
  }

  @Test(
    "escapes stand for their characters",
    arguments: [
      (#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"),
      (#"\u00e9\u20AC"#, "é€"),
      (#"\ud83d\ude00"#, "😀"),
      (#"a\u0000b"#, "a\u{0}b"),
      ("é€😀", "é€😀"),
      (#"\u007f"# + "\u{7f}", "\u{7f}\u{7f}"),
    ])
  func escapes(written: String, meant: String) throws {
    #expect(
      try parse(line(event: started, and: #","hostname":"\#(written)""#))
        .event.hostname == meant)
  }

  @Test(
    "a whole number may be written with a fraction or an exponent",
    arguments: [("0", 0), ("-0", 0), ("12", 12), ("12.0", 12), ("1.2e1", 12), ("1E3", 1000)])
  func wholeNumbers(written: String, meant: Int) throws {
    #expect(try duration(written) == meant)
  }

  @Test("the largest whole numbers are kept exactly")
  func largestNumbers() throws {
    #expect(try duration("9223372036854775807") == .max)
    let rows = try parse(
      line(
        event: #""type":"database_query","service":"s","query_type":"q","duration_ms":1,"#
          + #""rows_affected":-9223372036854775808"#))
    #expect(
      rows.event.event
        == .databaseQuery(service: "s", queryType: "q", durationMS: 1, rowsAffected: .min))
  }

  @Test("an event that the catalogue lacks keeps all its fields")
  func dynamicEvents() throws {
    let parsed = try parse(
      line(
        event: #""type":"deployed","user_id":"\#(someUUID)","service":"ci","count":3,"#
          + #""ratio":0.5,"tags":["a",null,true],"nested":{"x":{"y":"\u00e9"}}"#))
    let uuid = try #require(UUID(uuidString: someUUID))
    #expect(
      parsed.event.event
        == .custom(
          DynamicEvent(
            type: "deployed", userID: uuid, service: "ci",
            fields: [
              "count": 3, "ratio": JSONNumber("0.5").map { .exact($0) } ?? nil,
              "tags": ["a", nil, true], "nested": ["x": ["y": "é"]],
            ])))
  }

  @Test("whitespace is accepted wherever JSON allows it")
  func whitespace() throws {
    let spaced =
      " { \"timestamp\" :\t\"2026-01-31T08:09:10.123456Z\" ,\r\n \"event\" : { \"type\" : "
      + "\"task_started\" , \"task_id\":\"\(someUUID)\",\"user_id\" : \"\(someUUID)\" } } "
    #expect(try parse(spaced) == parse(line(event: started)))
  }

  private func duration(_ written: String) throws -> Int? {
    let parsed = try parse(
      line(
        event: #""type":"database_query","service":"s","query_type":"q","duration_ms":\#(written)"#)
    )
    guard case .databaseQuery(_, _, let duration, _) = parsed.event.event else { return nil }
    return duration
  }
}
