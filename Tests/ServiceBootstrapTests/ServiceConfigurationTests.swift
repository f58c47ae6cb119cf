import Foundation
import Logging
import ServiceBootstrap
import Testing

enum SampleKeys {
    static let port = ConfigurationKey("PORT", .port, default: 4000, "The port.")
    static let ratio = ConfigurationKey("RATIO", .number(in: 0...1), default: 0.5, "A ratio.")
    static let timeout = ConfigurationKey(
        "TIMEOUT",
        .duration(in: .zero...(.seconds(60))),
        unit: "s",
        default: .seconds(5),
        "A time."
    )
    static let enabled = ConfigurationKey("ENABLED", .bool, default: false, "A switch.")
    static let origins = ConfigurationKey("ORIGINS", .string, default: "*", "Origins.")
    static let callback = ConfigurationKey(optional: "CALLBACK_URL", .url(schemes: ["https", "http"]), "A URL.")
    static let format = ConfigurationKey("FORMAT", .choice, default: LogFormat.json, "A format.")
    static let secret = ConfigurationKey(optional: "API_SECRET", .string, secret: true, "A secret.")
    static let broker = ConfigurationKey(
        "BROKER",
        .brokerAddress,
        default: "amqp://guest:guest@localhost/",
        secret: true,
        "A broker."
    )

    static let types = ConfigurationKey("TYPES", .messageTypes, default: [:], "A map.")

    static let all = [
        types.declaration, port.declaration, ratio.declaration, timeout.declaration, enabled.declaration,
        origins.declaration,
        callback.declaration, format.declaration, secret.declaration, broker.declaration,
    ]
}

struct ServiceConfigurationTests {
    private func load(
        _ environment: [String: String] = [:],
        file: String? = nil
    ) throws -> ServiceConfiguration {
        try ServiceConfiguration(
            SampleKeys.all,
            environment: ["API_SECRET": "s3cret"].merging(environment) { _, new in new },
            file: try file.map { try ConfigurationFile(text: $0, path: "settings") }
        )
    }

    private func mistake(_ environment: [String: String] = [:], file: String? = nil) -> String? {
        do {
            _ = try load(environment, file: file)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func `a key that nobody sets has its default`() throws {
        let configuration = try load()
        #expect(configuration[SampleKeys.port] == 4000)
        #expect(configuration[SampleKeys.callback] == nil)
        #expect(configuration[SampleKeys.timeout] == .seconds(5))
    }

    @Test func `the environment wins over the file and the file over the default`() throws {
        let configuration = try load(["PORT": "1"], file: "PORT=2\nRATIO=0.25\n")
        #expect(configuration[SampleKeys.port] == 1)
        #expect(configuration[SampleKeys.ratio] == 0.25)
    }

    @Test func `an empty environment variable counts as not set`() throws {
        #expect(try load(["PORT": ""], file: "PORT=2")[SampleKeys.port] == 2)
    }

    @Test(arguments: [
        ("30", Duration.seconds(30)), ("1.5", .milliseconds(1500)), ("500ms", .milliseconds(500)), ("1m", .seconds(60)),
    ])
    func `a duration has a unit or is in seconds`(text: String, expected: Duration) throws {
        #expect(try load(["TIMEOUT": text])[SampleKeys.timeout] == expected)
    }

    @Test(arguments: [
        (#"App\Message\Upload=media.uploaded"#, [#"App\Message\Upload"#: "media.uploaded"]),
        (" \\A = a.b_1 , com.acme.sale=c ,", [#"\A"#: "a.b_1", "com.acme.sale": "c"]), (",", [:]),
    ])
    func `a map has pairs between commas`(text: String, expected: [String: String]) throws {
        #expect(try load(["TYPES": text])[SampleKeys.types] == expected)
        #expect(try load(file: "TYPES=\(text)\n")[SampleKeys.types] == expected)
    }

    @Test(arguments: ["=a.b", "A=", "A=a..b", "A=Media.Uploaded", "A=a.b,A=a.c", "A B=c", "A=b=", "A=.a", "A=a.*"])
    func `a map that is none is refused`(text: String) {
        #expect(mistake(["TYPES": text])?.hasPrefix("TYPES: expected pairs CLASS=event.type") == true)
    }

    @Test func `a file may quote, comment and export`() throws {
        let configuration = try load(
            file: "# comment\n\nexport PORT=\"81\"\nORIGINS = 'a, b'\r\nCALLBACK_URL=https://x/y?z=1\n"
        )
        #expect(configuration[SampleKeys.port] == 81)
        #expect(configuration[SampleKeys.origins] == "a, b")
        #expect(configuration[SampleKeys.callback]?.absoluteString == "https://x/y?z=1")
    }

    @Test func `a file may be a JSON object`() throws {
        let configuration = try load(file: #"{"PORT": 82, "ENABLED": true, "ORIGINS": ["a","b"], "FORMAT": "text"}"#)
        #expect(configuration[SampleKeys.port] == 82)
        #expect(configuration[SampleKeys.enabled])
        #expect(configuration[SampleKeys.origins] == "a,b")
        #expect(configuration[SampleKeys.format] == .text)
    }

    @Test(arguments: [
        ("PORT", "eighty", "PORT: expected an integer from 0 to 65535, got \"eighty\""),
        ("PORT", "65536", "PORT: expected an integer from 0 to 65535, got \"65536\""),
        ("ENABLED", "maybe", "ENABLED: expected true or false, got \"maybe\""),
        ("FORMAT", "xml", "FORMAT: expected one of json, text, got \"xml\""),
        ("TYPES", "App", "TYPES: expected pairs CLASS=event.type between commas, each class once, got \"App\""),
        (
            "CALLBACK_URL", "ftp://x",
            "CALLBACK_URL: expected a URL that starts with https:// or http://, got \"ftp://x\""
        ),
        ("TIMEOUT", "61", "TIMEOUT: expected seconds, or a number with ms, s, m or h, from 0 to 60, got \"61\""),
        (
            "TIMEOUT", "5 days",
            "TIMEOUT: expected seconds, or a number with ms, s, m or h, from 0 to 60, got \"5 days\""
        ),
    ])
    func `a bad value is refused by name, expectation and value`(name: String, value: String, message: String) {
        #expect(mistake([name: value]) == message)
    }

    @Test func `a key in the file that nobody reads is refused with a suggestion`() {
        #expect(mistake(file: "PROT=80") == "settings: unknown key PROT (did you mean PORT?)")
        #expect(mistake(file: "WEATHER=fine") == "settings: unknown key WEATHER")
    }

    @Test func `all mistakes come in one line`() throws {
        let line = try #require(mistake(["PORT": "x", "ENABLED": "y"]))
        #expect(line.contains("PORT:") && line.contains("; ENABLED:") && !line.contains("\n"))
    }

    @Test func `a line of a file that is no assignment is refused with its number`() {
        #expect(mistake(file: "PORT=1\nnonsense\n") == "settings:2: expected KEY=VALUE")
    }

    @Test func `a secret may be in a file of its own`() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try Data("from-file\n".utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let configuration = try load(["API_SECRET": "", "API_SECRET_FILE": path])
        #expect(configuration[SampleKeys.secret] == "from-file")
    }

    @Test func `a secret given twice is refused`() {
        #expect(
            mistake(["API_SECRET_FILE": "/x"]) == "API_SECRET and API_SECRET_FILE are both set; one of them is enough"
        )
    }

    @Test func `a secret file that cannot be read is named`() {
        #expect(
            mistake(["API_SECRET": "", "API_SECRET_FILE": "/nonexistent"])
                == "API_SECRET_FILE: cannot read \"/nonexistent\""
        )
    }

    @Test func `secrets are hidden where settings are printed`() throws {
        let text = try load(["BROKER": "amqp://user:hunter2@rabbit:5672/vhost"]).redacted
        #expect(text.contains("API_SECRET=***\n"))
        #expect(text.contains("BROKER=amqp://user:***@rabbit:5672/vhost"))
        #expect(text.contains("PORT=4000\n"))
        #expect(text.contains("# CALLBACK_URL is not set"))
        #expect(!text.contains("s3cret") && !text.contains("hunter2"))
    }

    @Test func `a bad secret is refused without being shown`() throws {
        let line = try #require(mistake(["BROKER": "http://user:hunter2@rabbit"]))
        #expect(line == "BROKER: expected a URL that starts with amqp:// or amqps://, got what is set")
    }
}
