import RealtimeDomain
import Testing

@testable import RealtimeAuthorization

struct SignedOrOpaqueTokensTests {
    /// Answers the same to every token.
    private struct Fixed: TokenVerifier {
        let verdict: Result<Identity, TokenError>

        func verify(_ token: String) async throws(TokenError) -> Identity { try verdict.get() }
    }

    private func verdict(_ token: String, signed: Result<Identity, TokenError>) async -> String {
        let opaque = Fixed(verdict: .success(Identity(userID: "opaque")))
        do throws(TokenError) {
            return try await SignedOrOpaqueTokens(signed: Fixed(verdict: signed), opaque: opaque).verify(token).userID
        } catch {
            return error.rawValue
        }
    }

    @Test(arguments: [
        ("eyJh.eyJ-_.sig", "signed"), ("1|abc", "opaque"), ("a.b", "opaque"), ("a.b.c.d", "opaque"), ("a..c", "opaque"),
        ("a.b.", "opaque"), ("a.b.c=", "opaque"), ("a.b.é", "opaque"), ("", "opaque"),
    ])
    func `what looks like a JSON Web Token is checked here`(_ token: String, _ expected: String) async {
        #expect(await verdict(token, signed: .success(Identity(userID: "signed"))) == expected)
    }

    @Test(arguments: [
        (TokenError.badSignature, "opaque"), (.malformed, "opaque"), (.expired, "expired"), (.badClaims, "bad_claims"),
    ])
    func `what no key of ours has signed is asked about`(_ error: TokenError, _ expected: String) async {
        #expect(await verdict("a.b.c", signed: .failure(error)) == expected)
    }
}
