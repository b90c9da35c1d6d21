package import Foundation

/// Chromium without a window, controlled through pipes with the [DevTools
/// protocol](https://chromedevtools.github.io/devtools-protocol/): JSON messages in both directions, each followed by a
/// zero byte. Only one task may use it.
package final class Browser {
  package static let path = "/usr/bin/chromium"
  /// Whether Chromium is installed.
  package static let isInstalled = FileManager.default.isExecutableFile(atPath: path)
  package static let absence = "Chromium is missing: install Debian's chromium"

  /// The problems of the pages: exceptions, errors in the console, and violations of the content security policy.
  package private(set) var complaints: [String] = []
  private let process: ChildProcess
  private let input: FileHandle
  /// Kept, because releasing it closes the pipe.
  private let output: Pipe
  private let messages: AsyncStream<Data>
  private var calls = 0
  private var session: String?
  private var hasLoaded = false
  private var refusedAddress: String?

  /// Starts a browser with one empty page, and ends it after `body`.
  ///
  /// - Parameter font: The only font for pages; `nil` uses the fonts of this machine.
  package static func with<Result>(
    font: UniformFont? = nil, _ body: (Browser) async throws -> Result
  ) async throws -> Result {
    try await withTemporaryDirectory { directory in
      let fonts = try font?.install(in: directory + "/fonts")
      let browser = try Browser(profile: directory + "/profile", fonts: fonts)
      do {
        try await browser.attach()
        let result = try await body(browser)
        await browser.end()
        return result
      } catch {
        await browser.end()
        throw error
      }
    }
  }

  /// - Parameter fonts: The path of a configuration for fontconfig; `nil` uses that of this machine.
  private init(profile: String, fonts: String?) throws {
    let (input, output) = (Pipe(), Pipe())
    let fonts = fonts.map { ["FONTCONFIG_FILE": $0] } ?? [:]
    // Chromium reads from descriptor 3 and writes to descriptor 4.
    process = try ChildProcess(
      "/bin/sh",
      [
        "-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", "sh", Self.path,
        "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        "--remote-debugging-pipe", "--user-data-dir=\(profile)", "about:blank",
      ],
      environment: ProcessInfo.processInfo.environment.merging(fonts) { $1 },
      input: .pipe(input), output: .pipe(output))
    self.input = input.fileHandleForWriting
    self.output = output
    let continuation: AsyncStream<Data>.Continuation
    (messages, continuation) = AsyncStream.makeStream()
    let reader = MessageReader(continuation)
    output.fileHandleForReading.readabilityHandler = { reader.read(from: $0) }
  }

  private func attach() async throws {
    let targets = try await call("Target.getTargets")["targetInfos"] as? [[String: Any]] ?? []
    let page = targets.first { $0["type"] as? String == "page" }?["targetId"] as? String
    let attached = try await call(
      "Target.attachToTarget", ["targetId": page ?? "", "flatten": true])
    session = attached["sessionId"] as? String
    for domain in ["Page", "Runtime", "Log"] { try await call("\(domain).enable") }
  }

  private func end() async {
    _ = try? await call("Browser.close")
    try? input.close()
    process.signal(SIGTERM)
    await process.ended()
  }

  // MARK: - Pages

  /// Opens a page, and waits until it is loaded and drawn.
  ///
  /// - Parameter mayRefuse: Whether the page may be answered with an error status.
  package func open(
    _ url: String, width: Int, height: Int = 1400, mayRefuse: Bool = false
  ) async throws {
    try await call(
      "Emulation.setDeviceMetricsOverride",
      ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": false])
    refusedAddress = mayRefuse ? url : nil
    try await load {
      let answer = try await call("Page.navigate", ["url": url])
      if let error = answer["errorText"] as? String {
        throw BrowserError(text: "\(url): \(error)")
      }
    }
  }

  /// Runs an action that opens another page, and waits until that page is loaded and drawn.
  package func load(_ action: () async throws -> Void) async throws {
    hasLoaded = false
    try await action()
    while !hasLoaded { _ = try await message() }
    _ = try await evaluate(
      "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(0))))")
  }

  /// Presses a key. Its name is the `key` of its event: `a`, `Enter`, `ArrowDown`.
  package func press(_ key: String) async throws {
    let codes = ["Enter": 13, "ArrowDown": 40]
    let text = key == "Enter" ? "\r" : codes[key] == nil ? key : nil
    var event: [String: Any] = ["type": text == nil ? "rawKeyDown" : "keyDown", "key": key]
    event["text"] = text
    event["windowsVirtualKeyCode"] = codes[key]
    try await call("Input.dispatchKeyEvent", event)
    try await call("Input.dispatchKeyEvent", event.merging(["type": "keyUp"]) { $1 })
  }

  /// The value of a JavaScript expression in the page. If the value is a promise, its result.
  package func evaluate(_ expression: String) async throws -> Any? {
    let answer = try await call(
      "Runtime.evaluate",
      ["expression": expression, "awaitPromise": true, "returnByValue": true])
    if let details = answer["exceptionDetails"] { throw BrowserError(text: "\(details)") }
    return (answer["result"] as? [String: Any])?["value"]
  }

  /// The window's content as PNG.
  package func picture() async throws -> Data {
    let answer = try await call("Page.captureScreenshot", ["format": "png"])
    return Data(base64Encoded: answer["data"] as? String ?? "") ?? Data()
  }

  // MARK: - Messages

  @discardableResult
  private func call(
    _ method: String, _ parameters: [String: Any] = [:]
  ) async throws -> [String: Any] {
    calls += 1
    var call: [String: Any] = ["id": calls, "method": method, "params": parameters]
    if let session { call["sessionId"] = session }
    try input.write(contentsOf: try JSONSerialization.data(withJSONObject: call) + [0])
    while true {
      let message = try await message()
      guard message["id"] as? Int == calls else { continue }
      if let error = message["error"] { throw BrowserError(text: "\(method): \(error)") }
      return message["result"] as? [String: Any] ?? [:]
    }
  }

  private func message() async throws -> [String: Any] {
    var next = messages.makeAsyncIterator()
    guard let data = await next.next() else { throw BrowserError(text: "Chromium has ended") }
    let message = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    let details = message["params"] as? [String: Any] ?? [:]
    switch message["method"] as? String {
    case "Page.loadEventFired": hasLoaded = true
    // A page from the back-forward cache sends no load event.
    case "Page.frameNavigated" where details["type"] as? String == "BackForwardCacheRestore":
      hasLoaded = true
    case "Runtime.exceptionThrown": complaints.append("\(details)")
    case "Runtime.consoleAPICalled" where ["error", "warning"].contains(details["type"] as? String):
      complaints.append("\(details["args"] ?? "")")
    case "Log.entryAdded":
      let entry = details["entry"] as? [String: Any] ?? [:]
      let isStatus =
        entry["source"] as? String == "network" && refusedAddress != nil
        && entry["url"] as? String == refusedAddress
      if ["error", "warning"].contains(entry["level"] as? String), !isStatus {
        complaints.append("\(entry["text"] ?? "") \(entry["url"] ?? "")")
      }
    default: break
    }
    return message
  }
}

/// An error of the browser.
package struct BrowserError: Error, CustomStringConvertible {
  var text: String
  package var description: String { text }
}

/// Splits the output into messages.
private final class MessageReader: @unchecked Sendable {
  private var rest = Data()
  private let messages: AsyncStream<Data>.Continuation

  init(_ messages: AsyncStream<Data>.Continuation) { self.messages = messages }

  /// Runs on one queue only.
  func read(from handle: FileHandle) {
    let bytes = handle.availableData
    guard !bytes.isEmpty else {
      handle.readabilityHandler = nil
      messages.finish()
      return
    }
    var parts = (rest + bytes).split(separator: 0, omittingEmptySubsequences: false)
    rest = parts.removeLast()
    for part in parts { messages.yield(Data(part)) }
  }
}
