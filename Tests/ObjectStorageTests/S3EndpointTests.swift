import Testing

@testable import ObjectStorage

struct S3EndpointTests {
    @Test(arguments: [
        ("s3://bucket", nil, "https://bucket.s3.us-east-1.amazonaws.com/a/b", "bucket.s3.us-east-1.amazonaws.com"),
        (
            "s3://bucket", "eu-west-3", "https://bucket.s3.eu-west-3.amazonaws.com/a/b",
            "bucket.s3.eu-west-3.amazonaws.com"
        ),
        ("s3://bucket?region=r1", "eu-west-3", "https://bucket.s3.r1.amazonaws.com/a/b", "bucket.s3.r1.amazonaws.com"),
        ("s3://my.bucket", nil, "https://s3.us-east-1.amazonaws.com/my.bucket/a/b", "s3.us-east-1.amazonaws.com"),
        ("s3://bucket?style=path", nil, "https://s3.us-east-1.amazonaws.com/bucket/a/b", "s3.us-east-1.amazonaws.com"),
        ("s3://bucket?endpoint=http://h:8080", nil, "http://h:8080/bucket/a/b", "h:8080"),
        ("s3://bucket?endpoint=http://h:80", nil, "http://h:80/bucket/a/b", "h"),
        ("s3://bucket?endpoint=http://h:8080&style=virtual", nil, "http://bucket.h:8080/a/b", "bucket.h:8080"),
        ("s3://bucket?endpoint=http://[::1]:8080", nil, "http://[::1]:8080/bucket/a/b", "[::1]:8080"),
    ])
    func `an object's URL follows from the location`(
        location: String,
        region: String?,
        url: String,
        host: String
    ) throws {
        let endpoint = S3Endpoint(try S3Location(parsing: location), region: region)
        #expect(endpoint.url(path: endpoint.path(of: "a/b"), query: "") == url)
        #expect(endpoint.host == host)
    }

    @Test func `keys are escaped as AWS signs them`() throws {
        let endpoint = S3Endpoint(try S3Location(parsing: "s3://bucket?style=path"), region: nil)
        #expect(endpoint.path(of: "My vidéo+1.mp4") == "/bucket/My%20vid%C3%A9o%2B1.mp4")
        #expect(endpoint.path(of: "") == "/bucket")
    }
}
