package import OutboundHTTP

extension TrustedAuthorities {
    /// Those that `HTTPS_CA_FILE` names in an environment; `nil` if it names none.
    ///
    /// - Throws: `invalid_configuration` if there are no certificates in the file.
    package static func named(in environment: [String: String]) throws(ObjectStoreError) -> TrustedAuthorities? {
        guard let path = environment[variable], !path.isEmpty else { return nil }
        guard let authorities = TrustedAuthorities(path: path) else {
            throw ObjectStoreError(
                .invalidConfiguration,
                "\(variable)=\(path): there are no certificates in PEM to be read"
            )
        }
        return authorities
    }
}
