import Foundation
import NIOHTTP1

/// Fetches parts of an object of a bucket.
struct S3Fetcher: Sendable {
    let client: S3Client
    /// Any text: uploads are called as people call files.
    let key: String

    func fetch(_ part: PartRequest) async throws(ObjectStoreError) -> RemotePart {
        let request = S3Request(
            method: .GET,
            key: key,
            headers: part.headers,
            purpose: "read '\(key)'",
            answerLimit: max(part.range.count, 64 * 1024)
        )
        let answer = try await client.send(request, expecting: [412, 416]) { answer in
            do throws(PartComplaint) {
                _ = try part.part(in: answer)
                return nil
            } catch {
                return error.isTemporary ? "the server \(error.message)" : nil
            }
        }
        do throws(PartComplaint) {
            return try part.part(in: answer)
        } catch {
            throw client.error(error.code, request, "the server \(error.message)")
        }
    }
}
