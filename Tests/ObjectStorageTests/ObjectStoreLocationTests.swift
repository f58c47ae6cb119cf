import ObjectStorage
import Testing

struct ObjectStoreLocationTests {
    @Test(arguments: [
        ("file:///var/media", "/var/media"), ("file:///var/media/", "/var/media"), ("FILE:///a%20b", "/a b"),
        ("file:///", "/"),
    ])
    func `a file URL names a folder`(url: String, path: String) throws {
        #expect(try ObjectStoreLocation(parsing: url) == .local(path: path))
    }

    @Test func `a location survives the way through its URL`() throws {
        let location = ObjectStoreLocation.local(path: "/with space/and#hash")
        #expect(try ObjectStoreLocation(parsing: location.url) == location)
    }

    @Test(arguments: [
        ("gs://bucket/prefix", "object stores at 'gs://' are not supported; supported is \(ObjectStoreLocation.shape)"),
        ("/var/media", "'/var/media' is no URL; supported is \(ObjectStoreLocation.shape)"),
        ("file://relative/path", "'file://relative/path' has no absolute path; write file:///absolute/path"),
    ])
    func `anything else is an error that says what is supported`(url: String, message: String) {
        #expect { try ObjectStoreLocation(parsing: url) } throws: { error in
            let error = error as? ObjectStoreError
            return error?.code == .invalidConfiguration && error?.message == message
        }
    }

    @Test(arguments: [
        "s3://bucket", "s3://bucket/prefix/deeper", "s3://a.bucket?endpoint=http://127.0.0.1:8080",
        "s3://bucket/p?endpoint=https://s3.example.com&style=virtual&region=eu-central-1",
    ])
    func `an S3 location survives the way through its URL`(url: String) throws {
        let location = try ObjectStoreLocation(parsing: url)
        #expect(location.url == url)
        #expect(try ObjectStoreLocation(parsing: location.url) == location)
    }

    @Test func `the parts of an S3 URL are read`() throws {
        let url = "S3://bucket/a/b/?endpoint=http%3A%2F%2FHost%3A8080%2F&style=path&region=r1"
        let location = try S3Location(parsing: url)
        #expect(location.bucket == "bucket" && location.prefix == "a/b")
        #expect(location.endpoint == "http://host:8080" && location.style == .path && location.region == "r1")
    }

    @Test(arguments: [
        ("s3://", "no name of a bucket"), ("s3://Bucket", "no name of a bucket"), ("s3://b", "no name of a bucket"),
        ("s3://bucket:80/", "no name of a bucket"), ("s3://bucket/a%20b", "the prefix"),
        ("s3://bucket/a/../b", "the prefix"), ("s3://bucket?endpoint=ftp://host", "the endpoint"),
        ("s3://bucket?endpoint=http://host/path", "the endpoint"), ("s3://bucket?endpoint=", "the endpoint"),
        ("s3://bucket?endpoint=http://user:hidden@host", "the endpoint"), ("s3://bucket?style=flat", "style 'flat'"),
        ("s3://bucket?region=EU West", "no"), ("s3://bucket?key=hidden", "'key' is no option"),
        ("s3://bucket?region=a&region=b", "given twice"),
        ("s3://id:hidden@bucket/p", "keys belong into AWS_ACCESS_KEY_ID"),
    ])
    func `a wrong S3 URL is an error that says which part, and shows no secret`(url: String, part: String) {
        #expect { try ObjectStoreLocation(parsing: url) } throws: { error in
            let error = error as? ObjectStoreError
            return error?.code == .invalidConfiguration && error?.message.contains(part) == true
                && error?.message.contains("hidden") == false
        }
    }

    @Test func `an S3 store does not open without keys, and says which are missing`() throws {
        let location = try ObjectStoreLocation(parsing: "s3://bucket")
        let error = #expect(throws: ObjectStoreError.self) { try location.open() }
        #expect(error?.message == "s3://bucket needs keys: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
        #expect(try location.open(S3Credentials(accessKeyID: "a", secretAccessKey: "b")) is S3ObjectStore)
    }
}
