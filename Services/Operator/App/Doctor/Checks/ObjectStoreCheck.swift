import Foundation
import ObjectStorage
import OutboundHTTP

/// Whether the object store keeps, gives back and deletes an object.
struct ObjectStoreCheck: Check {
    private static let mend = "see OBJECT_STORE_URL, the room that is left, and whether the user may write there"

    func findings(_ context: DoctorContext) async -> [Finding] {
        guard let text = context.setting("OBJECT_STORE_URL") else {
            return [.ok(.objectStore, "OBJECT_STORE_URL is not set: not looked at")]
        }
        do throws(ObjectStoreError) {
            let location = try ObjectStoreLocation(parsing: text)
            if case .local(let path) = location, !FileManager.default.fileExists(atPath: path) {
                return [.warn(.objectStore, "\(path) is not there yet", mend: "a service makes it at its start")]
            }
            let store = try location.open(
                S3Credentials(environment: context.environment),
                trusting: TrustedAuthorities.named(in: context.environment)
            )
            return [try await probe(store, text)]
        } catch {
            return [.fail(.objectStore, error.description, mend: Self.mend)]
        }
    }

    private func probe(_ store: any ObjectStore, _ name: String) async throws(ObjectStoreError) -> Finding {
        guard let key = ObjectKey("martlet-doctor-\(UUID().uuidString)") else { preconditionFailure("a key of ours") }
        let content = Array("probe".utf8)
        let start = ContinuousClock.now
        try await store.put(content, at: key, ObjectAttributes(contentType: "text/plain", cacheControl: "no-store"))
        let found = try await store.get(key)
        try await store.delete(key)
        let isGone = try await store.get(key) == nil
        let milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
        guard found == content, isGone else {
            let what = found == content ? "keeps what was deleted" : "does not give back what it was given"
            return .fail(.objectStore, "\(name) \(what)", mend: Self.mend)
        }
        return .ok(.objectStore, "\(name) kept, gave back and deleted a probe in \(milliseconds) ms")
    }
}
