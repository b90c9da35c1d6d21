internal import AnalyticsTelemetry
internal import AnalyticsText
internal import Foundation
internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore

/// Receives the telemetry of deployments. No key is needed: a deployment signs its documents, and
/// the first public key that arrives for a deployment is the only one accepted for it.
struct TelemetryRoutes: Sendable {
  let core: ServerCore

  var routes: [Route] {
    [
      Route(
        .post, path: "/telemetry", summary: "Accepts the telemetry of a deployment.", need: nil,
        takes: [MediaType.json: .component("TelemetryDocument")],
        produces: [MediaType.json: .members([.init("status", "string")], isList: false)],
        success: 202, statuses: [403, 409, 413, 429]
      ) { call in try await receive(call) }
    ]
  }

  private func receive(_ call: Call) async throws -> Answer {
    try core.gatekeeper.countRequest(call.address)
    let bytes: [UInt8]
    do {
      bytes = Array(
        try await call.request.body.collect(upTo: TelemetryDocument.bytesMax).readableBytesView)
    } catch is NIOTooManyBytesError {
      throw Problem(
        .contentTooLarge, "the document is longer than \(TelemetryDocument.bytesMax) bytes")
    }
    let document: TelemetryDocument
    do {
      document = try TelemetryDocument(strictly: bytes)
    } catch {
      guard error.code == .document else { throw error }
      throw Problem(.badRequest, error.description)
    }
    guard let header = HTTPField.Name(TelemetrySignature.header),
      let signature = call.request.headers[header].flatMap({ TelemetrySignature($0) }),
      signature.isValid(for: bytes, of: document)
    else {
      throw Problem(
        .forbidden, "\(TelemetrySignature.header) is not the signature of this document")
    }
    switch try await core.inbox.receive(document, bytes: bytes) {
    case .stored: return .json(.object([("status", .string("stored"))]), .accepted)
    case .known: return .json(.object([("status", .string("known"))]), .accepted)
    case .differs:
      throw Problem(
        .conflict,
        "a different document of this period is stored already: is the deployment a copy of another one?"
      )
    case .foreign:
      throw Problem(.forbidden, "the deployment has used another key before")
    }
  }
}
