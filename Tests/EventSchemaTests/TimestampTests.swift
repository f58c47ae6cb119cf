import EventSchema
import Testing

@Suite struct TimestampTests {
    @Test(arguments: [
        ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z"),
        ("2024-01-01T00:00:00.000Z", "2024-01-01T00:00:00Z"),
        ("2024-02-29T23:59:59.5Z", "2024-02-29T23:59:59.500Z"),
        ("2024-01-01T02:30:00.123456+02:30", "2024-01-01T00:00:00.123Z"),
        ("2023-12-31T19:00:00-05:00", "2024-01-01T00:00:00Z"),
        ("2024-01-01t00:00:00z", "2024-01-01T00:00:00Z"),
        ("1969-12-31T23:59:59.25Z", "1969-12-31T23:59:59.250Z"),
    ])
    func `RFC 3339 is read with any offset and written in UTC`(text: String, expected: String) {
        #expect(Timestamp(text)?.description == expected)
    }

    @Test(arguments: [
        "", "2024-01-01", "2024-01-01T00:00:00", "2024-13-01T00:00:00Z", "2024-01-01T00:00:00.Z",
        "yesterday, at noon!!",
        "2024-01-01T00:00:00+2", "1704067200",
    ])
    func `anything else is no time`(text: String) {
        #expect(Timestamp(text) == nil)
    }
}
