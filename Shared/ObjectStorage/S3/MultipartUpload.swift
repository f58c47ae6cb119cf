import Crypto
import Foundation
import NIOHTTP1

/// Puts one large object in parts that become the object in one step at the end.
struct MultipartUpload: Sendable {
    let client: S3Client
    let key: String
    /// The key as messages say it.
    let shown: String

    /// S3 takes no more.
    private static let mostParts = 10_000

    func put(_ bytes: [UInt8], partSize: Int, _ headers: [(String, String)]) async throws(ObjectStoreError) {
        let partSize = max(partSize, (bytes.count + Self.mostParts - 1) / Self.mostParts)
        let upload = try await begin(headers)
        do throws(ObjectStoreError) {
            var parts: [Part] = []
            for start in stride(from: 0, to: bytes.count, by: partSize) {
                let part = Array(bytes[start..<min(start + partSize, bytes.count)])
                parts.append(try await putPart(part, number: parts.count + 1, upload))
            }
            try await complete(parts, size: bytes.count, upload)
        } catch {
            await abort(upload)
            throw error
        }
    }

    private struct Part {
        let tag: String
        let digest: [UInt8]
    }

    private func begin(_ headers: [(String, String)]) async throws(ObjectStoreError) -> String {
        let request = S3Request(
            method: .POST,
            key: key,
            query: [("uploads", "")],
            headers: headers,
            purpose: "begin to put '\(shown)'"
        )
        let answer = try await client.send(request) { Self.identifier($0) == nil ? "the answer has no UploadId" : nil }
        guard let identifier = Self.identifier(answer) else { throw client.error(.unavailable, request, "no UploadId") }
        return identifier
    }

    private static func identifier(_ answer: HTTPAnswer) -> String? {
        let text = (try? XMLDocument.root(of: answer.body))?.text(of: "UploadId") ?? ""
        return text.isEmpty ? nil : text
    }

    private func putPart(_ bytes: [UInt8], number: Int, _ upload: String) async throws(ObjectStoreError) -> Part {
        let request = S3Request(
            method: .PUT,
            key: key,
            query: [("partNumber", String(number)), ("uploadId", upload)],
            body: bytes,
            purpose: "put part \(number) of '\(shown)'"
        )
        let answer = try await client.send(request) {
            $0.headers.first(name: "etag") == nil ? "the answer has no ETag" : nil
        }
        return Part(
            tag: answer.headers.first(name: "etag") ?? "",
            digest: Array(Insecure.MD5.hash(data: bytes))
        )
    }

    private func complete(_ parts: [Part], size: Int, _ upload: String) async throws(ObjectStoreError) {
        let list = parts.enumerated()
            .map { "<Part><PartNumber>\($0.offset + 1)</PartNumber><ETag>\($0.element.tag.xmlEscaped)</ETag></Part>" }
        let request = S3Request(
            method: .POST,
            key: key,
            query: [("uploadId", upload)],
            headers: [("content-type", "application/xml")],
            body: Array("<CompleteMultipartUpload>\(list.joined())</CompleteMultipartUpload>".utf8),
            purpose: "complete '\(shown)'"
        )
        do throws(ObjectStoreError) {
            _ = try await client.send(request) { answer in
                let root = try? XMLDocument.root(of: answer.body)
                return root?.name == "CompleteMultipartUploadResult" ? nil : "the answer does not say that it is"
            }
        } catch  where error.code == .notFound {
            // An earlier try may have done it, with an answer that got lost.
            guard await isThere(parts, size: size) else { throw error }
        }
    }

    /// Whether the object is the one that `parts` make up: its ETag is a hash of theirs.
    private func isThere(_ parts: [Part], size: Int) async -> Bool {
        let request = S3Request(method: .HEAD, key: key, purpose: "look for '\(shown)'")
        guard let answer = try? await client.send(request) else { return false }
        let digest = Insecure.MD5.hash(data: parts.flatMap(\.digest))
        let tag = "\(ContentDigest.hexadecimal(digest))-\(parts.count)"
        return answer.headers.first(name: "etag")?.trimmingCharacters(in: ["\""]) == tag
            && answer.headers.first(name: "content-length").flatMap(Int.init) == size
    }

    /// Removes what was put; that it could not is no news to the caller, who is told of the first failure.
    private func abort(_ upload: String) async {
        // The task may be cancelled by now, and this shall be done all the same.
        await Task.detached { [client, key, shown] in
            _ = try? await client.send(
                S3Request(
                    method: .DELETE,
                    key: key,
                    query: [("uploadId", upload)],
                    purpose: "give up '\(shown)'"
                )
            )
        }
        .value
    }
}

extension String {
    fileprivate var xmlEscaped: String {
        replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
    }
}
