import ObjectStorage
import OutboundHTTP
import ServiceBootstrap

/// S3, and uploads that lie in the network.
extension ProcessorKeys {
    static let accessKey = ConfigurationKey(
        optional: "AWS_ACCESS_KEY_ID",
        .string,
        "Whose keys are used on S3, for the object store and for uploads."
    )
    static let secretKey = ConfigurationKey(
        optional: "AWS_SECRET_ACCESS_KEY",
        .string,
        secret: true,
        "The secret that belongs to AWS_ACCESS_KEY_ID."
    )
    static let sessionToken = ConfigurationKey(
        optional: "AWS_SESSION_TOKEN",
        .string,
        secret: true,
        "The token of keys that are temporary."
    )
    static let region = ConfigurationKey(
        optional: "AWS_REGION",
        .string,
        "The region of S3 addresses that name none; us-east-1 if not set."
    )
    static let buckets = ConfigurationKey(
        optional: "MEDIA_BUCKETS",
        .buckets,
        "The buckets, or parts of them, from which s3:// uploads are read; no others are."
    )
    static let allowsHTTP = ConfigurationKey(
        "MEDIA_ALLOW_HTTP",
        .bool,
        default: false,
        "Reads uploads from http://, too, where anybody on the way can change them."
    )
    static let networks = ConfigurationKey(
        optional: "MEDIA_NETWORKS",
        .networks,
        "Private networks from which uploads are read over https; public addresses always are."
    )

    static let network: [KeyDeclaration] = [
        accessKey.declaration, secretKey.declaration, sessionToken.declaration, region.declaration,
        buckets.declaration, allowsHTTP.declaration, networks.declaration,
    ]
}

extension ServiceConfiguration {
    /// The store that `OBJECT_STORE_URL` names, opened.
    func objectStore() throws(ObjectStoreError) -> any ObjectStore {
        try self[ProcessorKeys.objectStoreURL].open(credentials)
    }

    /// What may be read in the network.
    var remoteSources: RemoteSources.Settings {
        var settings = RemoteSources.Settings()
        settings.allowsPlainHTTP = self[ProcessorKeys.allowsHTTP]
        settings.policy = AddressPolicy(networks: self[ProcessorKeys.networks] ?? [])
        settings.buckets = self[ProcessorKeys.buckets] ?? []
        settings.credentials = credentials
        settings.maximumBytes = Int64(self[ProcessorKeys.largestUpload]) << 20
        return settings
    }

    private var credentials: S3Credentials? {
        guard let identifier = self[ProcessorKeys.accessKey], let secret = self[ProcessorKeys.secretKey] else {
            return nil
        }
        return S3Credentials(
            accessKeyID: identifier,
            secretAccessKey: secret,
            sessionToken: self[ProcessorKeys.sessionToken],
            region: self[ProcessorKeys.region]
        )
    }
}

extension ConfigurationType<[S3Location]> {
    /// Between blanks, since an address may hold commas.
    fileprivate static var buckets: Self {
        Self(
            name: "list",
            expectation: "addresses between blanks, such as \(S3Location.shape)",
            read: { text in
                let parts = text.split(separator: " ").map(String.init)
                let locations = parts.compactMap { try? S3Location(parsing: $0) }
                return locations.isEmpty || locations.count < parts.count ? nil : locations
            },
            write: { $0.map(\.url).joined(separator: " ") }
        )
    }
}

extension ConfigurationType<[AddressBlock]> {
    fileprivate static var networks: Self {
        Self(
            name: "list",
            expectation: "networks between commas, such as 10.8.0.0/16,fd00:1::/32",
            read: { text in
                let parts = text.split(separator: ",").map { $0.filter { !$0.isWhitespace } }
                let blocks = parts.compactMap(AddressBlock.init)
                return blocks.isEmpty || blocks.count < parts.count ? nil : blocks
            },
            write: { $0.map(\.description).joined(separator: ",") }
        )
    }
}
