import EventSchema
import Testing

@Suite struct JSONTests {
    @Test func `a text of more values than fit in memory is refused where they become too many`() throws {
        let few = "[" + String(repeating: "0,", count: 1000) + "0]"
        #expect(try JSONParser.parse(few).arrayValue?.count == 1001)
        // The array itself is the first.
        let many = "[" + String(repeating: "0,", count: JSONParser.maximumValues - 1) + "0]"
        let error = #expect(throws: JSONError.self) { try JSONParser.parse(many) }
        #expect(error?.description.contains("more than 1000000 values") == true)
    }

    @Test(arguments: [
        #"null"#, #"true"#, #"false"#, #"0"#, #"-7"#, #"9223372036854775807"#, #"18446744073709551616"#, #"0.1"#,
        #"1e9"#, #"-2.5E-3"#, #""""#, #""a\"b\\c\n\u0001""#, #""héllo 👋""#, #"[]"#, #"[1,[2,[]],{}]"#,
        #"{"a":1,"b":{"c":[true,null]}}"#,
    ])
    func `text in our spelling is read and written without a change`(text: String) throws {
        #expect(try JSONParser.parse(text).description == text)
    }

    @Test(arguments: [
        (#" { "b" : 1 , "a" : [ ] } "#, #"{"a":[],"b":1}"#),
        (#""\/\b\f\t\r\u00e9\ud83d\udc4b""#, "\"/\\u0008\\u000c\\t\\ré👋\""),
        (#"{"a":1,"a":2}"#, #"{"a":2}"#),
    ])
    func `other spellings become ours`(text: String, expected: String) throws {
        #expect(try JSONParser.parse(text).description == expected)
    }

    @Test(arguments: [
        "", " ", "{", "[1,", "[1 2]", "{1:2}", #"{"a" 1}"#, #"{"a":1,}"#, "[1,]", "01", "1.", "1e", "-", "+1", ".5",
        "tru",
        "nul", "True", "'a'", #""a"#, #""\x""#, #""\u12""#, #""\ud800""#, "\"\u{01}\"", "1 2", "{} x", "NaN", "//1",
    ])
    func `what is not JSON is refused`(text: String) {
        #expect(throws: JSONError.self) { try JSONParser.parse(text) }
    }

    @Test func `a body that is not UTF-8 is refused`() {
        #expect(throws: JSONError.self) { try JSONParser.parse([0x22, 0xFF, 0xFE, 0x22]) }
        #expect(throws: JSONError.self) { try JSONParser.parse([0x22, 0xC0, 0x80, 0x22]) }
    }

    @Test func `nesting is bounded, and the bound itself is read`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try JSONParser.parse(nested(JSONScanner.maximumDepth))
        #expect(throws: JSONError.self) { try JSONParser.parse(nested(JSONScanner.maximumDepth + 1)) }
        #expect(throws: JSONError.self) { try JSONParser.parse(nested(1_000_000)) }
    }

    @Test(arguments: [#"{"a":[1,"x\"]"]}"#, #"[true,null]"#, #""s""#, "12.5"])
    func `a skipped value has the range of its text`(value: String) throws {
        let bytes = Array(" \(value) ,".utf8)
        var scanner = JSONScanner()
        let range = try scanner.skipValue(in: bytes.span)
        #expect(String(decoding: bytes[range], as: UTF8.self) == value)
        let commaFollows = scanner.consume(UInt8(ascii: ","), in: bytes.span)
        #expect(commaFollows)
    }

    @Test(arguments: [
        (JSONValue.integer(3), Int64?.some(3)), (.number("3.0"), 3), (.number("3.5"), nil), (.string("3"), nil),
        (.number("1e300"), nil),
    ])
    func `an integer is one by value, not by spelling`(value: JSONValue, expected: Int64?) {
        #expect(value.integerValue == expected)
    }

    @Test func `floating-point numbers are written so that they read back equal`() {
        for value in [0.1, 20.053333333333335, 1e-7, 123_456_789.125, -0.5] {
            #expect(JSONValue.double(value).doubleValue == value)
        }
        #expect(JSONValue.double(20) == .integer(20))
        #expect(JSONValue.double(.nan) == .null)
    }
}
