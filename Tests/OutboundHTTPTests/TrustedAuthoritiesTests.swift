import Foundation
import OutboundHTTP
import Testing

@Suite
struct TrustedAuthoritiesTests {
    @Test(arguments: ["", "no certificate\n", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
    func `a file without a certificate is none`(content: String) throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).pem")
        try Data(content.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(TrustedAuthorities(path: file.path) == nil)
    }

    @Test func `a file that is not there is none`() {
        #expect(TrustedAuthorities(path: "/nowhere/ca.pem") == nil)
    }

    @Test func `clients are made once for all who trust the same`() {
        let clients = SharedClients { _ in UUID() }
        #expect(clients.trusting(nil) == clients.trusting(nil))
    }
}
