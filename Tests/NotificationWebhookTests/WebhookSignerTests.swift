import Foundation
import NotificationWebhook
import Testing

struct WebhookSignerTests {
    /// The example of the specification and its libraries.
    private let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    @Test func `the signature is that of the specification's example`() throws {
        let signer = try #require(WebhookSigner(secrets: secret))
        let signature = signer.signature(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp: 1_614_265_330,
            body: Array(#"{"test": 2432232314}"#.utf8)
        )
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func `while a secret is changed both sign`() throws {
        let other = "whsec_" + Data(repeating: 7, count: 32).base64EncodedString()
        let both = try #require(WebhookSigner(secrets: "\(secret) \(other)"))
        let first = try #require(WebhookSigner(secrets: secret))
        let second = try #require(WebhookSigner(secrets: other))
        let body = Array("{}".utf8)
        let expected = [first, second].map { $0.signature(id: "i", timestamp: 1, body: body) }
        #expect(both.signature(id: "i", timestamp: 1, body: body) == expected.joined(separator: " "))
    }

    @Test func `a secret may come without its prefix`() throws {
        let bare = try #require(WebhookSigner(secrets: String(secret.dropFirst(6))))
        let prefixed = try #require(WebhookSigner(secrets: secret))
        #expect(bare.signature(id: "i", timestamp: 1, body: []) == prefixed.signature(id: "i", timestamp: 1, body: []))
    }

    @Test(arguments: ["", "whsec_", "whsec_c2hvcnQ=", "not base64!", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw nonsense"])
    func `a secret that is none is refused`(text: String) {
        #expect(WebhookSigner(secrets: text) == nil)
    }
}
