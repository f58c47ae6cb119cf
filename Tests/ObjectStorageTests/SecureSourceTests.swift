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
    private let authorities: TrustedAuthorities
    private let context: NIOSSLContext

    /// Makes a certificate for `good.example` and `localhost` that signs itself.
    init() async throws {
        folder = try TemporaryFolder()
        let (key, path) = ("\(folder.path)/key.pem", "\(folder.path)/certificate.pem")
        let result = try await Subprocess.run(
            .name("openssl"),
            arguments: [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=good.example", "-addext", "subjectAltName=DNS:good.example,DNS:localhost", "-keyout", key,
                "-out", path,
            ],
            output: .discarded,
            error: .discarded
        )
        try #require(result.terminationStatus.isSuccess)
        authorities = try #require(TrustedAuthorities(path: path))
        let certificate = try #require(try NIOSSLCertificate.fromPEMFile(path).first)
        context = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [.certificate(certificate)],
                privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
            )
        )
    }

    private func failure(trusting: Bool = true, _ uri: String) async -> ObjectStoreError? {
        var settings = RemoteSources.Settings()
        if trusting { settings.authorities = authorities }
        settings.policy = AddressPolicy(networks: ["127.0.0.1"].compactMap(AddressBlock.init))
        settings.retries.attempts = 1
        do throws(ObjectStoreError) {
            let source = try await RemoteSources(settings, resolver: Loopback()).open(uri)
            #expect(source.size == 3)
            return nil
        } catch {
            return error
        }
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

    @Test(arguments: [true, false])
    func `a store is trusted if somebody who is trusted vouches for it`(isTrusted: Bool) async throws {
        try await ScriptedServer.run(Script { _ in ScriptedAnswer(body: [1, 2, 3]) }, tls: context) { server in
            var settings = S3Client.Settings()
            settings.retries.attempts = 1
            if isTrusted { settings.authorities = authorities }
            let location = try S3Location(parsing: "s3://bucket?endpoint=https://localhost:\(server.port)")
            let store = S3ObjectStore(
                location,
                S3Credentials(accessKeyID: "id", secretAccessKey: "hidden"),
                settings: settings
            )
            let key = try #require(ObjectKey("a"))
            guard !isTrusted else {
                #expect(try await store.get(key) == [1, 2, 3])
                return
            }
            let error = await #expect(throws: ObjectStoreError.self) { try await store.get(key) }
            #expect(error?.code == .unavailable && error?.message.contains("certificate") == true)
            #expect(server.requests.isEmpty)
        }
    }

    @Test func `a file of authorities that holds none is told`() throws {
        #expect(try TrustedAuthorities.named(in: [:]) == nil)
        #expect(try TrustedAuthorities.named(in: ["HTTPS_CA_FILE": authorities.path]) == authorities)
        let error = #expect(throws: ObjectStoreError.self) {
            try TrustedAuthorities.named(in: ["HTTPS_CA_FILE": "\(folder.path)/none.pem"])
        }
        #expect(error?.code == .invalidConfiguration && error?.message.contains("none.pem") == true)
    }

    @Test func `a redirect from https to http is not followed`() async throws {
        let script = Script { _ in .text("", status: 301, ("location", "http://good.example/a")) }
        try await ScriptedServer.run(script, tls: context) { server in
            let error = await failure("https://good.example:\(server.port)/a")
            #expect(error?.code == .notAllowed && error?.message.contains("from https to http") == true)
        }
    }
}
