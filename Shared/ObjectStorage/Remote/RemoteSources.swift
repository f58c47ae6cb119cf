import AsyncHTTPClient
import NIOCore
package import OutboundHTTP

/// Opens sources in the network: `https://`, `http://` where that is allowed, and `s3://`.
///
/// What may be read is what the settings say; each answer is checked, and a source that changes while it is read is an
/// error and no mixture.
package struct RemoteSources: Sendable {
    /// What may be read, and how patiently.
    package struct Settings: Sendable {
        /// Lets `http://` through, which anybody between can change.
        package var allowsPlainHTTP = false
        package var policy = AddressPolicy()
        /// Buckets, or parts of them, from which `s3://` is read.
        package var buckets: [S3Location] = []
        package var credentials: S3Credentials?
        /// Who vouches for servers and stores besides those that the system trusts.
        package var authorities: TrustedAuthorities?
        /// The largest source that is read.
        package var maximumBytes: Int64 = 64 << 30
        /// The largest source that is read from a server that gives no parts: it is kept in memory.
        package var spoolBytes = 16 << 20
        package var retries = RetryPolicy()
        /// For one try without its bytes, from the name look-up to the end of the answer.
        package var timeout = Duration.seconds(20)
        /// Bytes in a second that a connection is expected to carry, for the rest of a try's time.
        package var slowestRate = 128 * 1024
        package var windows = RangedSource.Windows()

        package init() {}
    }

    /// Clients of all openers of this process that trust the same.
    private static let sharedClients = SharedClients { PinnedClients(configuration: clientConfiguration(trusting: $0)) }

    /// How sources are connected to.
    private static func clientConfiguration(trusting authorities: TrustedAuthorities?) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.tlsConfiguration = authorities?.clientTLS
        configuration.timeout.connect = .seconds(10)
        configuration.timeout.read = .seconds(20)
        configuration.connectionPool.retryConnectionEstablishment = false
        // Its spans would name the whole URL, and what is in its query may be secret.
        configuration.tracing.tracer = nil
        return configuration
    }

    private let settings: Settings
    private let resolver: any HostResolver
    private let clients: PinnedClients

    package init(_ settings: Settings, resolver: any HostResolver = SystemHostResolver()) {
        self.settings = settings
        self.resolver = resolver
        clients = Self.sharedClients.trusting(settings.authorities)
    }

    /// Opens what `uri` names, having read its beginning.
    ///
    /// - Throws: `not_found`, `not_allowed`, `access_denied`, `unsupported_source`, `too_large`, `unavailable`,
    ///   `invalid_configuration`, `cancelled`. Messages hold no query of a URL.
    package func open(_ uri: String) async throws(ObjectStoreError) -> any ByteSource {
        switch uri.prefix(while: { $0 != ":" }).lowercased() {
        case "https", "http":
            guard let address = HTTPAddress(uri) else {
                throw ObjectStoreError(.unsupportedSource, "'\(Self.shown(uri))' is no plain http or https URL")
            }
            let fetcher = HTTPFetcher(address, settings: settings, resolver: resolver, clients: clients)
            return try await source(address.shown) { part throws(ObjectStoreError) in try await fetcher.fetch(part) }
        case "s3":
            let fetcher = try s3Fetcher(uri)
            return try await source(uri) { part throws(ObjectStoreError) in try await fetcher.fetch(part) }
        default:
            throw ObjectStoreError(.unsupportedSource, "'\(Self.shown(uri))' is neither https:// nor s3://")
        }
    }

    // MARK: Steps

    private func source(
        _ shown: String,
        _ fetch: @escaping @Sendable (PartRequest) async throws(ObjectStoreError) -> RemotePart
    ) async throws(ObjectStoreError) -> any ByteSource {
        let length = Int64(max(settings.windows.first, 1))
        let start = try await fetch(PartRequest(range: 0..<length, known: nil, spool: settings.spoolBytes))
        guard start.total <= settings.maximumBytes else {
            throw ObjectStoreError(
                .tooLarge,
                "'\(shown)' has \(start.total) bytes; no more than \(settings.maximumBytes) are read"
            )
        }
        let known = (total: start.total, version: start.version)
        return RangedSource(size: start.total, start: start.bytes, windows: settings.windows) {
            range throws(ObjectStoreError) in
            try await fetch(PartRequest(range: range, known: known, spool: 0)).bytes
        }
    }

    private func s3Fetcher(_ uri: String) throws(ObjectStoreError) -> S3Fetcher {
        let rest = uri.dropFirst("s3://".count)
        guard uri.lowercased().hasPrefix("s3://"), let slash = rest.firstIndex(of: "/") else {
            throw ObjectStoreError(.unsupportedSource, "'\(Self.shown(uri))' is not of the form s3://bucket/key")
        }
        let bucket = rest[..<slash]
        let key = String(rest[slash...].dropFirst())
        guard Self.isPlain(key) else {
            throw ObjectStoreError(.notAllowed, "'\(Self.shown(uri))' has a key that is not read")
        }
        guard let location = settings.buckets.first(where: { $0.bucket == bucket && $0.holds(key) }) else {
            throw ObjectStoreError(
                .notAllowed,
                "'\(Self.shown(uri))' lies outside the buckets from which uploads are read"
            )
        }
        guard let credentials = settings.credentials else {
            throw ObjectStoreError(
                .invalidConfiguration,
                "s3:// needs keys: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            )
        }
        var client = S3Client.Settings()
        client.retries = settings.retries
        client.timeout = settings.timeout
        client.slowestRate = settings.slowestRate
        client.authorities = settings.authorities
        return S3Fetcher(client: S3Client(location, credentials, settings: client), key: key)
    }

    /// S3 takes 1024 bytes of anything; what other readers of a path would understand differently is not read.
    private static func isPlain(_ key: String) -> Bool {
        (1...1024).contains(key.utf8.count) && key.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
            && !key.split(separator: "/", omittingEmptySubsequences: false).contains { [".", ".."].contains($0) }
    }

    private static func shown(_ uri: String) -> String { String(uri.prefix { $0 != "?" }.prefix(200)) }
}

extension S3Location {
    /// Whether the object called `key` belongs to this part of the bucket.
    fileprivate func holds(_ key: String) -> Bool { prefix.isEmpty || key.hasPrefix("\(prefix)/") }
}
