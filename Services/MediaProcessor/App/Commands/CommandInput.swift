import Foundation
import MediaDomain
import ObjectStorage
import OutboundHTTP

/// What a person names as input: a file of this machine, or an address in the network.
///
/// Unlike an upload's, the address may lead anywhere: it is the person's own.
enum CommandInput {
    static func open(_ text: String) async throws(MediaError) -> any ByteSource {
        guard let scheme = ["https", "http", "s3"].first(where: { text.lowercased().hasPrefix("\($0)://") }) else {
            return try LocalFile.open(text)
        }
        do throws(ObjectStoreError) {
            return try await RemoteSources(settings(for: text, scheme)).open(text)
        } catch {
            throw MediaError(source: error)
        }
    }

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    private static func settings(for text: String, _ scheme: String) throws(ObjectStoreError) -> RemoteSources.Settings
    {
        var settings = RemoteSources.Settings()
        settings.allowsPlainHTTP = true
        settings.policy = AddressPolicy(allowsPrivate: true)
        settings.maximumBytes = MediaLimits.sourceBytes
        settings.authorities = try TrustedAuthorities.named(in: environment)
        guard scheme == "s3" else { return settings }
        let bucket = text.dropFirst("s3://".count).prefix { $0 != "/" }
        settings.buckets = [try S3Location(parsing: "s3://\(bucket)")]
        settings.credentials = S3Credentials(environment: environment)
        return settings
    }
}
