import Analytics
import AnalyticsTestSupport
import Testing

@testable import AnalyticsInterchange

@Suite("Lines that are refused")
struct EventLineRefusalTests {
  @Test(
    "a line that is not JSON is refused at its first wrong byte",
    arguments: [
      ("", 1), ("nope", 1), ("{", 2), ("{]", 2), (#"{"a"}"#, 5), (#"{"a":}"#, 6), (#"{"a":1,}"#, 8),
      (#"{,"a":1}"#, 2), (#"{"a":[1,]}"#, 9), (#"{"a":[,1]}"#, 7), (#"{"a":1 "b":2}"#, 8),
      (#"{"a":01}"#, 7), (#"{"a":-}"#, 7), (#"{"a":1.}"#, 8), (#"{"a":.5}"#, 6), (#"{"a":1e}"#, 8),
      (#"{"a":+1}"#, 6), (#"{"a":nul}"#, 6), (#"{"a":True}"#, 6), (#"{"a":NaN}"#, 6),
      (#"{"a":"x}"#, 9), (#"{"a":"\x"}"#, 7), (#"{"a":"\u12"}"#, 7), (#"{"a":"\u12g4"}"#, 7),
      ("{\"a\":\"\t\"}", 7), (#"{'a':1}"#, 2), (#"{"a":1}}"#, 8), (#"{"a":1} x"#, 9), ("[1", 3),
    ])
  func notJSON(text: String, byte: Int) {
    #expect(problem(text) == .notJSON(byte: byte))
  }

  @Test("JSON that is not an object is refused", arguments: ["[]", "1", "\"x\"", "null", " true "])
  func notAnObject(text: String) {
    #expect(problem(text) == .notAnObject)
  }

  @Test(
    "bytes that are not UTF-8 are refused",
    arguments: [
      [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80],
      [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
      [0xE2, 0x82], [0xF0, 0x9F, 0x98],
    ] as [[UInt8]])
  func notUTF8(bytes: [UInt8]) {
    let line = Array(#"{"hostname":"a"#.utf8) + bytes + Array(#""}"#.utf8)
    #expect(throws: LineProblem.notUTF8(byte: 14)) { try parse(line) }
  }

  @Test("nesting is bounded")
  func nesting() {
    func nested(_ depth: Int) -> String {
      // The line and its event are the first two levels.
      line(
        event: #""type":"deep","x":"# + String(repeating: "[", count: depth - 2)
          + String(repeating: "]", count: depth - 2))
    }
    #expect(problem(nested(LineLimits.depthMax)) == nil)
    #expect(problem(nested(LineLimits.depthMax + 1)) == .nestedTooDeeply)
    #expect(problem(String(repeating: "[", count: 1_000_000)) == .nestedTooDeeply)
  }

  @Test("a missing field is named")
  func missing() {
    #expect(problem("{}") == .missing(field: "timestamp"))
    #expect(problem(#"{"timestamp":"2026-01-01T00:00:00Z"}"#) == .missing(field: "event"))
    #expect(problem(line(event: "")) == .missing(field: "type"))
    #expect(problem(line(event: #""type":"task_started""#)) == .missing(field: "task_id"))
    #expect(
      problem(line(event: #""type":"task_started","task_id":null"#)) == .missing(field: "task_id"))
  }

  @Test(
    "a value of the wrong kind is named",
    arguments: [
      (#""type":5"#, "type", .text),
      (#""type":"task_started","task_id":"x""#, "task_id", .uuid),
      (#""type":"task_started","task_id":7"#, "task_id", .uuid),
      (#""type":"auth_code_verified","user_id":"\#(someUUID)","success":1"#, "success", .truth),
      (#""type":"database_query","service":[]"#, "service", .text),
      (
        #""type":"database_query","service":"s","query_type":"q","duration_ms":1.5"#,
        "duration_ms", .wholeNumber
      ),
      (
        #""type":"database_query","service":"s","query_type":"q","duration_ms":"1""#,
        "duration_ms", .wholeNumber
      ),
    ] as [(String, String, LineProblem.Kind)])
  func wrongKind(event: String, field: String, expected: LineProblem.Kind) {
    #expect(problem(line(event: event)) == .wrongKind(field: field, expected: expected))
  }

  @Test("the line's own keys are checked as well")
  func topLevelKinds() {
    #expect(
      problem(line(event: started, and: #","id":"7""#))
        == .wrongKind(field: "id", expected: .uuid))
    #expect(
      problem(line(event: started, and: #","hostname":7"#))
        == .wrongKind(field: "hostname", expected: .text))
    #expect(
      problem(#"{"timestamp":"2026-02-30T00:00:00Z","event":{}}"#)
        == .wrongKind(field: "timestamp", expected: .timestamp))
    #expect(
      problem(#"{"timestamp":5,"event":{}}"#)
        == .wrongKind(field: "timestamp", expected: .timestamp))
    #expect(
      problem(#"{"timestamp":"2026-01-01T00:00:00Z","event":[]}"#)
        == .wrongKind(field: "event", expected: .object))
  }

  @Test(
    "a number outside its field's range is refused",
    arguments: [
      ("status_code", "65536", "1"), ("status_code", "-1", "1"),
      ("duration_ms", "200", "9223372036854775808"), ("duration_ms", "200", "1e400"),
      ("duration_ms", "200", "1e17"),
    ])
  func outOfRange(field: String, status: String, duration: String) {
    #expect(
      problem(
        line(
          event: #""type":"api_request","service":"s","endpoint":"/","method":"GET","#
            + #""status_code":\#(status),"duration_ms":\#(duration)"#))
        == .outOfRange(field: field))
  }

  @Test("exit codes are 32 bits wide")
  func exitCodes() {
    func completed(_ code: String) -> LineProblem? {
      problem(
        line(
          event: #""type":"task_completed","task_id":"\#(someUUID)","user_id":"\#(someUUID)","#
            + #""duration_ms":1,"exit_code":\#(code)"#))
    }
    #expect(completed("-2147483648") == nil)
    #expect(completed("2147483648") == .outOfRange(field: "exit_code"))
  }

  @Test(
    "a number that PostgreSQL refuses, or that a few bytes make huge, is refused",
    arguments: ["1e401", "-1E+401", "1e-401", "0e401", "1e99999999999999999999", "[[1e999]]"])
  func unstorable(number: String) {
    for field in [#""type":"n","v":\#(number)"#, started + #","v":{"w":\#(number)}"#] {
      #expect(problem(line(event: field)) == .outOfRange(field: "a field of the event"))
    }
    #expect(problem(line(event: started, and: #","ignored":\#(number)"#)) == nil)
  }

  @Test("an invalid user and an empty service are refused in every event")
  func wrongColumns() {
    let hook = #""type":"webhook_received","provider":"p","event_type":"e","delivery_id":"d""#
    #expect(
      problem(line(event: hook + #","user_id":"ada""#))
        == .wrongKind(field: "user_id", expected: .uuid))
    #expect(
      problem(line(event: hook + #","service":5"#))
        == .wrongKind(field: "service", expected: .text))
    #expect(problem(line(event: hook + #","service":"""#)) == .wrongLength(field: "service"))
  }

  @Test("durations below zero are refused")
  func negativeDurations() {
    #expect(
      problem(
        line(event: #""type":"database_query","service":"s","query_type":"q","duration_ms":-1"#))
        == .negative(field: "duration_ms"))
    #expect(
      problem(
        line(
          event: #""type":"cocoon_disconnected","cocoon_id":"\#(someUUID)","duration_seconds":-1"#))
        == .negative(field: "duration_seconds"))
  }

  @Test("names have 1 to 100 bytes in their stored form")
  func nameLengths() {
    func typed(_ type: String) -> LineProblem? { problem(line(event: #""type":"\#(type)""#)) }
    #expect(typed(String(repeating: "é", count: 50)) == nil)
    #expect(typed(String(repeating: "é", count: 50) + "x") == .wrongLength(field: "type"))
    #expect(typed("") == .wrongLength(field: "type"))
    // U+0000 is stored as U+FFFD, which has three bytes.
    #expect(typed(String(repeating: #"\u0000"#, count: 33)) == nil)
    #expect(typed(String(repeating: #"\u0000"#, count: 34)) == .wrongLength(field: "type"))
    #expect(
      problem(line(event: started, and: #","service":"""#)) == .wrongLength(field: "service"))
    #expect(
      problem(line(event: #""type":"x","service":"""#)) == .wrongLength(field: "service"))
  }

  @Test("no message repeats a value")
  func messagesHoldNoValues() throws {
    let secret = "s3cret"
    let lines = [
      #"{"timestamp":"\#(secret)","event":{}}"#, #"{"\#(secret)":\#(secret)}"#,
      line(event: #""type":"task_started","task_id":"\#(secret)""#),
      line(event: #""type":"x","\#(secret)":1e999"#),
      line(event: started, and: #","id":"\#(secret)""#),
    ]
    for line in lines {
      let found = try #require(problem(line))
      #expect(!found.description.contains(secret))
    }
  }
}
