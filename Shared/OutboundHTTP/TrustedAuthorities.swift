package import NIOSSL

/// Authorities that vouch for HTTPS servers besides those that the system trusts: a company's own, for instance.
package struct TrustedAuthorities: Sendable, Hashable {
    /// The variable that names their file.
    package static let variable = "HTTPS_CA_FILE"

    /// The file that they were read from.
    package let path: String
    private let certificates: [NIOSSLCertificate]

    /// Reads certificates in PEM (RFC 7468); `nil` if the file cannot be read or holds none.
    package init?(path: String) {
        guard let certificates = try? NIOSSLCertificate.fromPEMFile(path), !certificates.isEmpty else { return nil }
        self.path = path
        self.certificates = certificates
    }

    /// How a client that trusts them, too, connects.
    package var clientTLS: TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.additionalTrustRoots = [.certificates(certificates)]
        return configuration
    }
}
