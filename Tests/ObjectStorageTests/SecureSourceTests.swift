import AsyncHTTPClient
import Foundation
import NIOSSL
import ObjectStorage
import OutboundHTTP
import Subprocess
import Testing

/// Sources behind TLS, whose names lead to the loopback interface.
@Suite(.timeLimit(.minutes(1)))
struct SecureSourceTests {
    private struct Loopback: HostResolver {
        func addresses(of host: String) async -> [IPAddress] { [IPAddress(bytes: [127, 0, 0, 1])] }
    }

    private let folder: TemporaryFolder
    private let certificate: NIOSSLCertificate
    private let context: NIOSSLContext

    /// Makes a certificate for `good.example` that signs itself.
    init() async throws {
        folder = try TemporaryFolder()
        let (key, path) = ("\(folder.path)/key.pem", "\(folder.path)/certificate.pem")
        let result = try await Subprocess.run(
            .name("openssl"),
            arguments: [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=good.example", "-addext", "subjectAltName=DNS:good.example", "-keyout", key, "-out", path,
            ],
            output: .discarded,
            error: .discarded
        )
        try #require(result.terminationStatus.isSuccess)
        certificate = try #require(try NIOSSLCertificate.fromPEMFile(path).first)
        context = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [.certificate(certificate)],
                privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
            )
        )
    }

    private func failure(trusting: Bool = true, _ uri: String) async -> ObjectStoreError? {
        var configuration = RemoteSources.clientConfiguration
        var tls = TLSConfiguration.makeClientConfiguration()
        if trusting { tls.trustRoots = .certificates([certificate]) }
        configuration.tlsConfiguration = tls
        let clients = PinnedClients(configuration: configuration)
        var settings = RemoteSources.Settings()
        settings.policy = AddressPolicy(networks: ["127.0.0.1"].compactMap(AddressBlock.init))
        settings.retries.attempts = 1
        var failure: ObjectStoreError?
        do throws(ObjectStoreError) {
            let source = try await RemoteSources(settings, resolver: Loopback(), clients: clients).open(uri)
            #expect(source.size == 3)
        } catch {
            failure = error
        }
        await clients.shutDown()
        return failure
    }

    @Test func `a source is read from the server that its name is proven to belong to, and from no other`() async throws
    {
        let script = Script { _ in
            ScriptedAnswer(status: 206, headers: [("content-range", "bytes 0-2/3")], body: [1, 2, 3])
        }
        try await ScriptedServer.run(script, tls: context) { server in
            #expect(await failure("https://good.example:\(server.port)/a") == nil)
            #expect(server.requests.count == 1)
            let other = await failure("https://other.example:\(server.port)/a")
            #expect(
                other?.code == .unavailable && other?.message.contains("certificate") == true,
                "\(other?.message ?? "")"
            )
            let unknown = await failure(trusting: false, "https://good.example:\(server.port)/a")
            #expect(unknown?.code == .unavailable && unknown?.message.contains("certificate") == true)
            #expect(server.requests.count == 1)
        }
    }

    @Test func `a redirect from https to http is not followed`() async throws {
        let script = Script { _ in .text("", status: 301, ("location", "http://good.example/a")) }
        try await ScriptedServer.run(script, tls: context) { server in
            let error = await failure("https://good.example:\(server.port)/a")
            #expect(error?.code == .notAllowed && error?.message.contains("from https to http") == true)
        }
    }
}
