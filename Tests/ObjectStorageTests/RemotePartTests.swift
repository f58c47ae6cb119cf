import Testing

@testable import ObjectStorage

struct RemotePartTests {
    @Test(
        arguments: [
            ("bytes 0-99/1000", 0..<100, 1000), ("BYTES 5-5/6", 5..<6, 6), ("bytes 0-99/*", 0..<100, nil),
            ("bytes */0", nil, 0), ("bytes */*", nil, nil),
        ] as [(String, Range<Int64>?, Int64?)]
    )
    func `a Content-Range is read`(text: String, range: Range<Int64>?, total: Int64?) throws {
        let read = try #require(ContentRange(text))
        #expect(read.range == range && read.total == total)
    }

    @Test(arguments: [
        "", "bytes", "bytes 0-99", "bytes 99-0/1000", "bytes 0-1000/1000", "bytes -1-5/10", "bytes +1-5/10",
        "bytes 0-9223372036854775807/*", "bytes 0-99999999999999999999/*", "items 0-9/10", "bytes 0-9/10/11",
        "bytes 0-9/", "bytes -/10", "bytes 1/10",
    ])
    func `what is none is not read`(text: String) {
        #expect(ContentRange(text) == nil)
    }
}
