import EventSchema
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Why a request is not answered as asked.
struct Refusal: Error {
    private let status: HTTPResponse.Status
    private let detail: String

    init(_ status: HTTPResponse.Status, _ detail: String) {
        self.status = status
        self.detail = detail
    }

    /// `{"detail": "..."}`, as everywhere in the suite.
    var response: Response {
        Response(
            status: status,
            headers: [.contentType: "application/json", .cacheControl: "no-store", .xContentTypeOptions: "nosniff"],
            body: ResponseBody(
                byteBuffer: ByteBuffer(bytes: JSONValue.object(["detail": .string(detail)]).encoded)
            )
        )
    }
}

extension Request {
    /// Whether a browser asks for a page.
    var wantsPage: Bool { headers[values: .accept].contains { $0.contains("text/html") } }

    /// Refuses what a page of another site has a browser send: nobody has to log in here.
    ///
    /// Programs that are no browsers send neither header.
    func refuseOtherSites() throws(Refusal) {
        let site = HTTPField.Name("Sec-Fetch-Site").flatMap { headers[$0] }
        let isOurs = site.map { ["same-origin", "none"].contains($0) } ?? true
        let origin = headers[.origin].map { URL(string: $0) }
        let isOurOrigin = origin.map { $0?.authority == head.authority } ?? true
        guard isOurs, isOurOrigin else { throw Refusal(.forbidden, "not from a page of another site") }
    }
}

extension URL {
    fileprivate var authority: String? { host().map { host in "\(host)\(port.map { ":\($0)" } ?? "")" } }
}
