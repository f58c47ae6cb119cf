import Foundation
import HTTPTypes
package import Hummingbird
import NIOCore
package import NIOPosix
import ObjectStorage

/// Serves the local object store below `/media/`: what a CDN does for a store in the network.
///
/// `GET` and `HEAD` with single byte ranges, conditional requests and CORS for every origin. A body is read in pieces of
/// 128 KiB as fast as the client takes them, on NIO's file threads. There are no listings, and nothing outside the
/// root is served, whatever the path or the links in it say.
package struct MediaFiles: Sendable {
    /// 128 KiB: enough to keep a disk busy, little enough for a thousand slow clients.
    private static let pieceLength = 128 * 1024

    /// The folder of the store, as a path.
    private let root: String
    private let threads: NIOThreadPool

    /// Serves the store in the folder at path `root`, which may be absent until the first object comes.
    package init(root: String, threads: NIOThreadPool = .singleton) {
        self.root = root
        self.threads = threads
    }

    /// Adds the routes below `/media/`.
    package func addRoutes(to router: Router<some RequestContext>) {
        router.get("media/**") { request, _ in try await respond(to: request) }
        router.head("media/**") { request, _ in try await respond(to: request).createHeadResponse() }
        router.on("media/**", method: .options) { _, _ in
            Response(status: .noContent, headers: MediaHeaders.preflight)
        }
        router.refuseOtherMethods(than: [.get, .head, .options], on: "media/**")
    }

    private func respond(to request: Request) async throws -> Response {
        let prefix = "/media/"
        let path = request.uri.path
        guard path.hasPrefix(prefix), let key = ObjectKey(String(path.dropFirst(prefix.count))) else {
            throw Self.notFound
        }
        let file = try await threads.runIfActive { [root] in try StoredFile.open(key, below: root) }
        guard let file else { throw Self.notFound }
        return response(with: file, headers: MediaHeaders(file: file, key: key), to: request)
    }

    private static var notFound: HTTPError {
        HTTPError(.notFound, headers: MediaHeaders.absent, message: "there is no such media file")
    }

    private func response(with file: StoredFile, headers: MediaHeaders, to request: Request) -> Response {
        if request.isFresh(for: file) { return Response(status: .notModified, headers: headers.validators) }
        // RFC 9110 section 14.2: a range counts for GET only.
        let range = request.method == .get && request.mayHaveRange(of: file) ? request.headers[.range] : nil
        switch ByteRange(range, size: file.size) {
        case .whole:
            return Response(status: .ok, headers: headers.whole, body: body(of: file, 0..<file.size))
        case .part(let part):
            return Response(status: .partialContent, headers: headers.part(part), body: body(of: file, part))
        case .unsatisfiable:
            return ErrorDetail(.rangeNotSatisfiable, "the file has \(file.size) bytes", headers.unsatisfiable).response
        }
    }

    private func body(of file: StoredFile, _ range: Range<Int64>) -> ResponseBody {
        ResponseBody(contentLength: Int(range.count)) { [threads] writer in
            var offset = range.lowerBound
            while offset < range.upperBound {
                let count = min(Self.pieceLength, Int(range.upperBound - offset))
                let piece = try await threads.runIfActive { [offset] in try file.read(at: offset, count: count) }
                // The length is promised already; a file that shrank leaves only to break the connection off.
                guard piece.readableBytes > 0 else { throw StoredFile.FileError("pread", EIO) }
                offset += Int64(piece.readableBytes)
                try await writer.write(piece)
            }
            try await writer.finish(nil)
        }
    }
}

// MARK: - Conditions (RFC 9110 section 13)

extension Request {
    /// Whether the client's copy is good still.
    fileprivate func isFresh(for file: StoredFile) -> Bool {
        if headers.contains(.ifNoneMatch) {
            return headers[values: .ifNoneMatch].contains { $0.lists(entityTag: file.entityTag) }
        }
        guard let date = headers[.ifModifiedSince].flatMap({ HTTPDate($0) }) else { return false }
        return file.modifiedAt <= date.seconds
    }

    /// Whether `If-Range` lets a range be answered: it names what the file is now, or is absent.
    fileprivate func mayHaveRange(of file: StoredFile) -> Bool {
        guard let condition = headers[.ifRange] else { return true }
        if condition.hasSuffix("\"") { return condition == file.entityTag }
        return HTTPDate(condition)?.seconds == file.modifiedAt
    }
}

extension String {
    /// Whether the value of an `If-None-Match` header names `entityTag`; compared weakly, as a proxy may have weakened it.
    fileprivate func lists(entityTag: String) -> Bool {
        split(separator: ",").contains { candidate in
            let trimmed = candidate.trimmingCharacters(in: .whitespaces)
            return trimmed == "*" || (trimmed.hasPrefix("W/") ? String(trimmed.dropFirst(2)) : trimmed) == entityTag
        }
    }
}
