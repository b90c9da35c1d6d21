internal import AnalyticsText
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Synchronization

/// Decides which requests are permitted, and limits their rate.
final class Gatekeeper: Sendable {
  private let database: ServerDatabase
  private let limiter: RateLimiter
  private let needsKeys: Bool
  private let instant: @Sendable () -> ContinuousClock.Instant
  private let lookups = SharedWork<Proof, KeyRecord?>()
  private let findings = Mutex<[Proof: Finding]>([:])

  /// What identifies a key in a request.
  private enum Proof: Hashable {
    case hash([UInt8])
    case session(UUID)
  }

  /// The database's answer about a key, and the instant of the query. The record is `nil` if the
  /// key does not exist or was revoked.
  private struct Finding {
    var record: KeyRecord?
    var at: ContinuousClock.Instant
  }

  /// How long a look-up is trusted: a revoked key stops working within this time.
  static let lookupLifetime: Duration = .seconds(5)
  /// How old a look-up may be when a streamed answer continues. A stream checks once a second, so
  /// the database is asked after 4 s at most and has the rest of ``lookupLifetime`` to answer.
  static let streamLookupAge: Duration = .seconds(3)
  private static let findingsMax = 10_000

  init(
    database: ServerDatabase, limiter: RateLimiter, needsKeys: Bool,
    instant: @escaping @Sendable () -> ContinuousClock.Instant
  ) {
    self.database = database
    self.limiter = limiter
    self.needsKeys = needsKeys
    self.instant = instant
  }

  /// Authorizes a request, and counts it against its rate limit.
  ///
  /// - Parameter address: The client's address.
  /// - Throws: A problem of status 401, 403, 429, or 503 if the database cannot be asked.
  func admit(
    _ request: Request, from address: String, need: Role, now: Date
  ) async throws -> Caller {
    guard let record = try await record(request, from: address, now: now) else {
      // A wrong key is refused even where no key is needed.
      guard !needsKeys, request.headers[.authorization] == nil else {
        try countRequest(address)
        throw Self.refusal
      }
      try countRequest(address)
      return .anonymous
    }
    try countRequest(record.id.uuidString)
    try Self.check(record, need)
    return Caller(key: record.id, name: record.name, role: record.role)
  }

  /// Authorizes a caller again: for the next part of a stream, or after an answer that took long.
  ///
  /// - Parameter lookupAgeMax: How old a look-up of the key may be.
  /// - Throws: A problem of status 401 once the key is revoked or the session has expired, 403 once
  ///   the role no longer permits it, or 503 if the database does not answer in time.
  func readmit(
    _ caller: Caller, _ request: Request, need: Role, now: Date,
    lookupAgeMax: Duration = lookupLifetime
  ) async throws {
    guard let key = caller.key else { return }
    guard let shown = ShownProof(request, now: now) else { throw Self.refusal }
    var record: KeyRecord?
    let known = findings.withLock { $0[shown.proof] }
    let passed = known.map { $0.at.duration(to: instant()) }
    if let known, let passed, passed < lookupAgeMax {
      record = known.record
    } else {
      // The last look-up is trusted until `lookupLifetime` is used up, so the new one has to finish
      // in the time that is left. If no time is left, the caller gets nothing meanwhile, and waits
      // as long as for any look-up.
      let left = passed.map { Self.lookupLifetime - $0 } ?? .zero
      record =
        if left > .zero {
          try await withDeadline(left) { [self] in try await ask(shown.proof) }
        } else {
          try await ask(shown.proof)
        }
    }
    guard let record, record.id == key, shown.isValid(for: record) else { throw Self.refusal }
    try Self.check(record, need)
  }

  private static func check(_ record: KeyRecord, _ need: Role) throws(Problem) {
    guard record.role.allows(need) else {
      throw Problem(
        .forbidden, "the role of this key, \(record.role.rawValue), does not permit this")
    }
  }

  /// Looks up a key that a person typed.
  func record(of key: AccessKey, from address: String) async throws -> KeyRecord? {
    try await record(.hash(key.hash), from: address)
  }

  private func record(
    _ request: Request, from address: String, now: Date
  ) async throws -> KeyRecord? {
    guard let shown = ShownProof(request, now: now) else { return nil }
    let record = try await record(shown.proof, from: address)
    return record.flatMap { shown.isValid(for: $0) ? $0 : nil }
  }

  /// The proof in a request: the key in `Authorization` or, without that header, the session
  /// cookie.
  private struct ShownProof {
    let proof: Proof
    private let session: Session?

    init?(_ request: Request, now: Date) {
      if let header = request.headers[.authorization] {
        guard let key = Self.bearer(header).flatMap({ AccessKey($0) }) else { return nil }
        (proof, session) = (.hash(key.hash), nil)
      } else {
        guard let cookie = request.sessionCookie, let session = Session(cookie, now: now) else {
          return nil
        }
        (proof, self.session) = (.session(session.key), session)
      }
    }

    func isValid(for record: KeyRecord) -> Bool { session?.isValid(for: record) ?? true }

    private static func bearer(_ header: String) -> Substring? {
      let parts = header.split(at: " ", maxSplits: 1)
      return parts.count == 2 && parts[0].asciiLowercased == "bearer" ? parts[1] : nil
    }
  }

  private func record(_ proof: Proof, from address: String) async throws -> KeyRecord? {
    let known = findings.withLock { $0[proof] }
    if let known, known.at.duration(to: instant()) < Self.lookupLifetime { return known.record }
    // Guessed keys reach the database, so they count against the limit of their address.
    if known?.record == nil { try countRequest(address) }
    return try await ask(proof)
  }

  /// Asks the database. Concurrent look-ups of the same proof share a query.
  private func ask(_ proof: Proof) async throws -> KeyRecord? {
    try await lookups.value(proof) { [self] in
      // The finding counts from before the query, however long the query takes.
      let now = instant()
      let record =
        switch proof {
        case .hash(let hash): try await database.key(hash: hash)
        case .session(let id): try await database.key(id: id)
        }
      findings.withLock { findings in
        if findings.count >= Self.findingsMax { findings.removeAll() }
        findings[proof] = Finding(record: record, at: now)
      }
      return record
    }
  }

  /// Counts a request against the limit of a key or an address.
  ///
  /// - Throws: A problem of status 429 if the limit is reached.
  func countRequest(_ name: String) throws {
    guard let wait = limiter.take(name) else { return }
    throw Problem(
      .tooManyRequests, "too many requests: wait for \(wait) s",
      headers: [.retryAfter: String(wait)])
  }

  private static let refusal = Problem(
    .unauthorized,
    "a key is needed: send `Authorization: Bearer …`; `analytics keys create` makes one",
    headers: [.wwwAuthenticate: "Bearer"])
}
