import Testing

@testable import RealtimeHTTP

struct PollingTokensTests {
    @Test func `a token leads back to its session and names its node`() {
        let tokens = PollingTokens(node: "gateway 1.é")
        let id = PollingSessionID.random()
        let token = tokens.token(for: id)
        #expect(tokens.id(in: token) == id)
        let parts = token.split(separator: ".")
        #expect(Base64URL.decode(parts[1].utf8) == Array("gateway 1.é".utf8))
        #expect(token.utf8.allSatisfy { $0 == 0x2E || Base64URL.decode([$0, $0]) != nil })
    }

    @Test func `no byte of a token can be changed`() {
        let tokens = PollingTokens(node: "n")
        let token = Array(tokens.token(for: .random()).utf8)
        for index in token.indices {
            var other = token
            other[index] = other[index] == UInt8(ascii: "A") ? UInt8(ascii: "Q") : UInt8(ascii: "A")
            #expect(tokens.id(in: String(decoding: other, as: UTF8.self)) == nil, "byte \(index)")
        }
    }

    @Test func `another process knows no token of this one, even by the same name`() {
        let token = PollingTokens(node: "n").token(for: .random())
        #expect(PollingTokens(node: "n").id(in: token) == nil)
        #expect(PollingTokens.isToken(token))
    }

    @Test(arguments: ["", ".", "...", "lp1.bg.AAAA.AAAA", String(repeating: "a.", count: 1000)])
    func `other text is no token`(_ text: String) {
        #expect(PollingTokens(node: "n").id(in: text) == nil)
    }

    @Test func `who the client says it is stands in the last parameter that is no session's`() {
        #expect(PollingSessions.credential(in: ["a", "b", "lp1.x.y.z"]) == "b")
        #expect(PollingSessions.credential(in: ["lp1.x.y.z"]) == nil)
        #expect(PollingSessions.credential(in: []) == nil)
    }

    @Test(arguments: [[], [0], [0, 255], [1, 2, 3], [250, 251, 252, 253, 254]] as [[UInt8]])
    func `bytes come back from their base64url`(_ bytes: [UInt8]) {
        #expect(Base64URL.decode(Base64URL.encode(bytes).utf8) == bytes)
    }
}
