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
        ("s3://bucket/prefix", "object stores at 's3://' are not supported; supported is file:///absolute/path"),
        ("/var/media", "'/var/media' is no URL; supported is file:///absolute/path"),
        ("file://relative/path", "'file://relative/path' has no absolute path; write file:///absolute/path"),
    ])
    func `anything else is an error that says what is supported`(url: String, message: String) {
        #expect { try ObjectStoreLocation(parsing: url) } throws: { error in
            let error = error as? ObjectStoreError
            return error?.code == .invalidConfiguration && error?.message == message
        }
    }
}
