import JWTKit

/// The keys that tokens may be signed with, each for exactly one algorithm.
///
/// The algorithm belongs to the key and the token's header must name it: that refuses `none`, and an HMAC made with a
/// public key for a secret (RFC 8725 section 3.1).
struct TokenKeys: Sendable {
    private let algorithms: [String: any JWTAlgorithm]

    /// Reads the keys of `configuration`.
    init(_ configuration: JWTTokenVerifier.Configuration) async throws(TokenConfigurationError) {
        var algorithms: [String: any JWTAlgorithm] = [:]
        if let secret = configuration.secret {
            let algorithm = try await Self.hmac(secret)
            algorithms[algorithm.name] = algorithm
        }
        if let pem = configuration.publicKeyPEM {
            let algorithm = try await Self.publicKey(pem)
            algorithms[algorithm.name] = algorithm
        }
        guard !algorithms.isEmpty else {
            throw .init(.noKey, "there is no key to check tokens with: set JWT_SECRET or JWT_PUBLIC_KEY")
        }
        self.algorithms = algorithms
    }

    /// Whether the key for `token`'s algorithm made its signature.
    func accept(_ token: CompactJWT) -> Bool {
        guard let algorithm = algorithms[token.algorithm] else { return false }
        return (try? algorithm.verify(token.signature, signs: token.signedBytes)) ?? false
    }

    private static func hmac(_ secret: String) async throws(TokenConfigurationError) -> any JWTAlgorithm {
        let length = secret.utf8.count
        // RFC 7518 section 3.2: an HMAC key is as long as the hash, or longer.
        guard length >= 32 else {
            throw .init(.weakSecret, "JWT_SECRET has \(length) bytes, but HS256 needs at least 32")
        }
        return try await algorithm { await $0.add(hmac: HMACKey(from: secret), digestAlgorithm: .sha256) }
    }

    private static func publicKey(_ pem: String) async throws(TokenConfigurationError) -> any JWTAlgorithm {
        guard !pem.contains("PRIVATE KEY-----") else {
            throw .init(.badPublicKey, "JWT_PUBLIC_KEY holds a private key; give its public key only")
        }
        if let key = try? Insecure.RSA.PublicKey(pem: pem) {
            return try await algorithm { await $0.add(rsa: key, digestAlgorithm: .sha256) }
        }
        if let key = try? ES256PublicKey(pem: pem) {
            return try await algorithm { await $0.add(ecdsa: key) }
        }
        if let key = try? EdDSA.PublicKey(pem: pem) {
            return try await algorithm { await $0.add(eddsa: key) }
        }
        throw .init(
            .badPublicKey,
            "JWT_PUBLIC_KEY is no PEM of an RSA (2048 bits or more), P-256 or Ed25519 public key"
        )
    }

    /// Gets the algorithm of a key out of a collection, the only door the library has to it.
    private static func algorithm(
        _ add: (JWTKeyCollection) async -> JWTKeyCollection
    ) async throws(TokenConfigurationError) -> any JWTAlgorithm {
        do {
            return try await add(JWTKeyCollection()).getKey()
        } catch {
            throw .init(.badPublicKey, "the token library does not take the key: \(error)")
        }
    }
}
