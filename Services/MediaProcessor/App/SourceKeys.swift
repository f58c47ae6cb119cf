import Foundation
import MediaDomain
import MediaWorker
import ObjectStorage
import OutboundHTTP
import ServiceBootstrap

/// The settings of what lies in the network: sources, and the keys to buckets.
enum SourceKeys {
    /// Which addresses a `file_path` may be.
    enum Scheme: String, CaseIterable {
        case none, https, http
    }

    static let urls = ConfigurationKey(
        "MEDIA_URLS",
        .choice,
        default: Scheme.https,
        "Whether uploads are fetched from https:// addresses, from http:// too, or from none."
    )
    static let networks = ConfigurationKey(
        optional: "MEDIA_URL_NETWORKS",
        .networks,
        "Addresses besides the public ones from which uploads are fetched."
    )
    static let buckets = ConfigurationKey(
        optional: "MEDIA_BUCKETS",
        .buckets,
        "Buckets, or parts of them, from which s3:// uploads are read; none if not set."
    )
    static let authorities = ConfigurationKey(
        optional: TrustedAuthorities.variable,
        .authorities,
        "Who vouches for https:// addresses and S3 stores besides those that the system trusts: certificates in PEM."
    )
    static let accessKeyID = ConfigurationKey(optional: "AWS_ACCESS_KEY_ID", .string, "Who we are to S3 stores.")
    static let secretAccessKey = ConfigurationKey(
        optional: "AWS_SECRET_ACCESS_KEY",
        .string,
        secret: true,
        "The key to S3 stores."
    )
    static let sessionToken = ConfigurationKey(
        optional: "AWS_SESSION_TOKEN",
        .string,
        secret: true,
        "What goes with keys that hold for a while."
    )
    static let region = ConfigurationKey(
        optional: "AWS_REGION",
        .string,
        "The region of S3 stores whose URL names none."
    )

    static let all: [KeyDeclaration] = [
        urls.declaration, networks.declaration, buckets.declaration, authorities.declaration, accessKeyID.declaration,
        secretAccessKey.declaration, sessionToken.declaration, region.declaration,
    ]
}

extension ServiceConfiguration {
    var s3Credentials: S3Credentials? {
        guard let id = self[SourceKeys.accessKeyID], let secret = self[SourceKeys.secretAccessKey] else { return nil }
        return S3Credentials(
            accessKeyID: id,
            secretAccessKey: secret,
            sessionToken: self[SourceKeys.sessionToken],
            region: self[SourceKeys.region]
        )
    }

    /// The store that media go to; that alone connects to nothing.
    func openStore() throws(ObjectStoreError) -> any ObjectStore {
        try self[ProcessorKeys.objectStoreURL].open(s3Credentials, trusting: self[SourceKeys.authorities])
    }

    /// Where uploads are opened.
    var uploadSources: UploadSources {
        let largest = Int64(self[ProcessorKeys.largestUpload]) << 20
        var settings = RemoteSources.Settings()
        settings.allowsPlainHTTP = self[SourceKeys.urls] == .http
        settings.policy = AddressPolicy(networks: self[SourceKeys.networks] ?? [])
        settings.buckets = self[SourceKeys.buckets] ?? []
        settings.credentials = s3Credentials
        settings.authorities = self[SourceKeys.authorities]
        settings.maximumBytes = largest
        return UploadSources(
            local: LocalSourceOpener(root: self[ProcessorKeys.mediaRoot]),
            remote: RemoteSources(settings),
            schemes: schemes,
            largest: largest
        )
    }

    private var schemes: Set<String> {
        let web: Set<String> =
            switch self[SourceKeys.urls] {
            case .none: []
            case .https: ["https"]
            case .http: ["https", "http"]
            }
        return self[SourceKeys.buckets] == nil ? web : web.union(["s3"])
    }
}

extension ConfigurationType<[AddressBlock]> {
    fileprivate static var networks: Self {
        Self(
            name: "list",
            expectation: "blocks of addresses separated by commas, such as 10.1.0.0/16,fd00::/8",
            read: { list($0) { AddressBlock($0) } },
            write: { $0.map(\.description).joined(separator: ",") }
        )
    }
}

extension ConfigurationType<TrustedAuthorities> {
    fileprivate static var authorities: Self {
        Self(
            name: "path",
            expectation: "the path of a file with certificates in PEM",
            read: { TrustedAuthorities(path: $0) },
            write: \.path
        )
    }
}

extension ConfigurationType<[S3Location]> {
    fileprivate static var buckets: Self {
        Self(
            name: "list",
            expectation: "buckets separated by commas, each as s3://bucket[/prefix][?endpoint=...&region=...]",
            read: { list($0) { try? S3Location(parsing: $0) } },
            write: { $0.map(\.url).joined(separator: ",") }
        )
    }
}

/// The parts of a text that stand between commas; `nil` if one of them means nothing.
private func list<Element>(_ text: String, _ read: (String) -> Element?) -> [Element]? {
    let parts = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    let elements = parts.compactMap(read)
    return elements.isEmpty || elements.count != parts.count ? nil : elements
}
