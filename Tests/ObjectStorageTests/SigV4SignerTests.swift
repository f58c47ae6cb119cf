import Foundation
import ObjectStorage
import Testing

/// The examples that AWS publishes: of its test suite, and of the S3 documentation.
struct SigV4SignerTests {
    private static let emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    private static let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

    private func date(_ text: String) throws -> Date {
        try Date(text, strategy: .iso8601)
    }

    private func s3(
        _ method: String,
        _ path: String,
        query: [(String, String)] = [],
        headers: [(String, String)] = [],
        bodyHash: String = emptyHash
    ) throws -> String {
        let credentials = S3Credentials(accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: Self.secret)
        let content = SigV4Signer.Content(
            method: method,
            path: path,
            query: query,
            headers: headers + [
                ("host", "examplebucket.s3.amazonaws.com"), ("x-amz-content-sha256", bodyHash),
                ("x-amz-date", "20130524T000000Z"),
            ],
            bodyHash: bodyHash
        )
        return SigV4Signer(credentials: credentials, region: "us-east-1")
            .authorization(for: content, at: try date("2013-05-24T00:00:00Z"))
    }

    @Test func `a GET of a range is signed as in the documentation of S3`() throws {
        let expected =
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
            + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        #expect(try s3("GET", "/test.txt", headers: [("Range", "bytes=0-9")]) == expected)
    }

    @Test func `a PUT is signed as in the documentation of S3`() throws {
        let hash = ContentDigest.sha256(Array("Welcome to Amazon S3.".utf8))
        #expect(hash == "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072")
        let signed = try s3(
            "PUT",
            "/test%24file.text",
            headers: [("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
            bodyHash: hash
        )
        #expect(signed.hasSuffix("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"))
    }

    @Test func `queries are signed as in the documentation of S3`() throws {
        let lifecycle = try s3("GET", "/", query: [("lifecycle", "")])
        #expect(lifecycle.hasSuffix("Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"))
        let list = try s3("GET", "/", query: [("prefix", "J"), ("max-keys", "2")])
        #expect(list.hasSuffix("Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"))
    }

    @Test(arguments: [
        ([], "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        (
            [("Param2", "value2"), ("Param1", "value1")],
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
        ),
    ])
    func `requests of the test suite are signed as it says`(query: [(String, String)], signature: String) throws {
        let credentials = S3Credentials(
            accessKeyID: "AKIDEXAMPLE",
            secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
        )
        let content = SigV4Signer.Content(
            method: "GET",
            path: "/",
            query: query,
            headers: [("Host", "example.amazonaws.com"), ("X-Amz-Date", "20150830T123600Z")],
            bodyHash: Self.emptyHash
        )
        let signed = SigV4Signer(credentials: credentials, region: "us-east-1", service: "service")
            .authorization(for: content, at: try date("2015-08-30T12:36:00Z"))
        #expect(signed.hasSuffix("Signature=\(signature)"))
    }

    @Test func `a query is escaped as AWS does, and ordered by its escaped bytes`() {
        let text = SigV4Signer.queryText([("b", "x/y z"), ("a", "é"), ("b", "A"), ("a-", "")])
        #expect(text == "a=%C3%A9&a-=&b=A&b=x%2Fy%20z")
    }

    @Test func `credentials do not show their secrets`() {
        let credentials = S3Credentials(accessKeyID: "ID", secretAccessKey: "hidden", sessionToken: "covered")
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped, "\(Optional(credentials) as Any)"] {
            #expect(!text.contains("hidden") && !text.contains("covered"), "\(text)")
        }
    }

    @Test func `credentials are read from the conventional environment`() throws {
        #expect(S3Credentials(environment: ["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": ""]) == nil)
        #expect(S3Credentials(environment: ["AWS_SECRET_ACCESS_KEY": "b"]) == nil)
        let both = ["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"]
        #expect(try #require(S3Credentials(environment: both)).accessKeyID == "a")
    }
}
