import Testing

@testable import ObjectStorage

struct XMLDocumentTests {
    private func root(_ text: String, limits: XMLDocument.Limits = XMLDocument.Limits()) -> XMLElementNode? {
        try? XMLDocument.root(of: Array(text.utf8), limits: limits)
    }

    @Test func `an error of S3 is read`() throws {
        let text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <!-- hello -->
            <Error xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Code>NoSuchKey</Code>
            <Message>a &lt;b&gt; &amp; &#x41;&#66; <![CDATA[<c>&amp;]]></Message><Empty/></Error>
            """
        let error = try #require(root(text))
        #expect(error.name == "Error")
        #expect(error.text(of: "Code") == "NoSuchKey")
        #expect(error.text(of: "Message") == "a <b> & AB <c>&amp;")
        #expect(error.text(of: "Empty") == "")
        #expect(error.text(of: "Other") == nil)
    }

    @Test func `prefixes of namespaces do not count`() throws {
        let list = try #require(root("<s:List xmlns:s='u'><s:Key a='b'>1</s:Key><s:Key>2</s:Key></s:List>"))
        #expect(list.name == "List")
        #expect(list.children(named: "Key").map(\.text) == ["1", "2"])
    }

    @Test(arguments: [
        "", "text", "<a>", "<a></b>", "<a", "<a>&unknown;</a>", "<a>&amp</a>", "<a>&#xD800;</a>", "<a>&#;</a>", "<>",
        "< a></ a>", "<a><![CDATA[</a>", "<a><!-- </a>", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        "<a><!ENTITY b 'c'></a>",
    ])
    func `what is no plain XML is refused`(text: String) {
        #expect(root(text) == nil)
    }

    @Test func `bytes that are no UTF-8 are refused`() {
        #expect(throws: XMLDocument.Malformed.self) { try XMLDocument.root(of: Array("<a>".utf8) + [0xFF]) }
    }

    @Test func `what is too deep or has too many elements is refused, and does not end the process`() {
        let deep = String(repeating: "<a>", count: 100_000) + String(repeating: "</a>", count: 100_000)
        #expect(root(deep) == nil)
        let wide = "<r>" + String(repeating: "<a/>", count: 20) + "</r>"
        #expect(root(wide, limits: XMLDocument.Limits(depth: 2, elements: 21)) != nil)
        #expect(root(wide, limits: XMLDocument.Limits(depth: 2, elements: 20)) == nil)
        #expect(root(wide, limits: XMLDocument.Limits(depth: 1, elements: 21)) == nil)
    }
}
