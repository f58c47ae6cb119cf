import NIOCore

/// Takes the requests of one connection out of what comes, one after another; between two of them it holds no memory.
struct RequestReader {
    private var bytes = ByteBuffer()
    private var parser = HeadParser()
    private var isInHead = false
    /// Bytes of content that nobody wants, most of which may have to come yet.
    private var unwanted = 0

    /// Bytes that have come and were not taken.
    var waitingBytes: Int { bytes.readableBytes }
    /// Whether nothing of another request has come.
    var isEmpty: Bool { bytes.readableBytes == 0 && unwanted == 0 }

    mutating func append(_ more: ByteBuffer) {
        var more = more
        let dropped = min(unwanted, more.readableBytes)
        unwanted -= dropped
        more.moveReaderIndex(forwardBy: dropped)
        guard more.readableBytes > 0 else { return }
        if bytes.readableBytes == 0 { bytes = more } else { bytes.writeImmutableBuffer(more) }
    }

    /// The head of the next request, once it is there wholly; ``takeHead(_:)`` or ``takeAll()`` has to follow.
    mutating func head() throws(HeadParser.Fault) -> RequestHead? {
        guard unwanted == 0, isInHead || begins() else { return nil }
        return try parser.read(bytes)
    }

    /// Whether there is anything but empty lines, which mean nothing before a request (RFC 9112 section 2.2).
    private mutating func begins() -> Bool {
        while bytes.readableBytesView.starts(with: "\r\n".utf8) { bytes.moveReaderIndex(forwardBy: 2) }
        isInHead = bytes.readableBytes > 0 && !bytes.readableBytesView.elementsEqual("\r".utf8)
        if !isInHead { release() }
        return isInHead
    }

    mutating func takeHead(_ head: RequestHead) {
        bytes.moveReaderIndex(forwardBy: head.length)
        parser = HeadParser()
        isInHead = false
        release()
    }

    /// Content of `length` bytes, once it is there wholly.
    mutating func takeContent(_ length: Int) -> ByteBuffer? {
        defer { release() }
        return bytes.readSlice(length: length)
    }

    /// Passes over the next `length` bytes.
    mutating func skip(_ length: Int) {
        let here = bytes
        bytes = ByteBuffer()
        unwanted = length
        append(here)
    }

    /// All that has come and was not taken.
    mutating func takeAll() -> ByteBuffer {
        let all = bytes
        self = RequestReader()
        return all
    }

    /// An idle connection keeps no buffer.
    private mutating func release() {
        if bytes.readableBytes == 0 { bytes = ByteBuffer() }
    }
}
