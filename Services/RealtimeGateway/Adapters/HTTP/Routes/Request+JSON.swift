import EventSchema
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import RealtimeDomain

extension Request {
    /// The whole body.
    ///
    /// - Throws: ``ErrorDetail`` with 413 for a longer one.
    func bytes(atMost maximum: Int) async throws -> [UInt8] {
        do {
            return Array(try await body.collect(upTo: maximum).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw ErrorDetail(.contentTooLarge, "the body has at most \(maximum) bytes")
        }
    }

    /// The body as a JSON object; nothing at all counts as an empty one.
    func object(atMost maximum: Int) async throws -> JSONObject {
        let body = try await bytes(atMost: maximum)
        guard !body.isEmpty else { return [:] }
        let value = try JSONValue(body: body)
        guard let object = value.objectValue else {
            throw ErrorDetail(.unprocessableContent, "the body: expected object, got \(value.kind)")
        }
        return object
    }

    /// A parameter of the query; an empty one counts as absent.
    func parameter(_ name: String) -> String? {
        uri.queryParameters[name[...]].flatMap { $0.isEmpty ? nil : String($0) }
    }
}

extension JSONValue {
    /// - Throws: ``ErrorDetail`` with 400 for what is no JSON.
    init(body: [UInt8]) throws(ErrorDetail) {
        do throws(JSONError) {
            self = try JSONParser.parse(body)
        } catch {
            throw ErrorDetail(.badRequest, error.description)
        }
    }
}

extension EventPayload {
    /// Reads fields that came by HTTP.
    ///
    /// - Throws: ``ErrorDetail`` with 422, which names each mistake with the path of its field.
    init(fields: JSONObject) throws(ErrorDetail) {
        let envelope = Envelope(eventType: Self.eventType, source: "api", payload: fields)
        do throws(SchemaError) {
            self = try envelope.decode(Self.self)
        } catch {
            let mistakes = EventExaminer.mistakes(in: .object(envelope.json)).map { $0.trimmingPrefix("payload.") }
            throw ErrorDetail(
                .unprocessableContent,
                String(error.description.trimmingPrefix("payload.")),
                errors: mistakes.map { String($0) }
            )
        }
    }
}

extension RequestContext {
    /// A part of the path that is an id of somebody's.
    func identifier(_ name: String) throws(ErrorDetail) -> String {
        let text = parameters.get(name)?.removingPercentEncoding ?? ""
        do throws(SchemaError) {
            var reader = try ObjectReader([name: .string(text)], at: "")
            return try reader.identifier(name)
        } catch {
            throw ErrorDetail(.unprocessableContent, error.description)
        }
    }
}

extension Response {
    static func json(_ status: HTTPResponse.Status, _ object: JSONObject) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: JSONValue.object(object).encoded))
        )
    }
}

extension ErrorDetail {
    /// How REST spells why something is not done.
    init(_ refusal: Refusal) {
        switch refusal.reason {
        case .notFound: self.init(.notFound, refusal.message)
        case .unavailable: self.init(.serviceUnavailable, refusal.message, [.retryAfter: "5"])
        case .forbidden, .unauthorized: self.init(.forbidden, refusal.message)
        default: self.init(.unprocessableContent, refusal.message)
        }
    }
}
