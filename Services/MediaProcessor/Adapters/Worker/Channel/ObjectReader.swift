import Glibc
import MediaDomain
import ObjectStorage

/// Puts objects together from what a child's socket brings, without ever waiting for the rest of one.
struct ObjectReader {
    struct Object {
        var number: UInt32
        var name: String
        var bytes: [UInt8]
    }

    enum Step {
        /// More has to come.
        case partial
        /// A head was read: nothing of the size that it tells has been taken yet.
        case head(ObjectHead)
        case object(Object)
        /// The object of that name is to be taken away.
        case removal(number: UInt32, name: String)
        /// The child has closed its end.
        case end
        /// No child of ours sends that.
        case nonsense
    }

    private enum Part { case head, name, body }

    private let socket: OpenFile
    private var part = Part.head
    private var buffer = [UInt8](repeating: 0, count: ObjectHead.size)
    private var filled = 0
    private var head: ObjectHead?
    private var name = ""

    init(_ socket: OpenFile) {
        self.socket = socket
    }

    /// Reads once; to be called when there is something to be read.
    mutating func advance() -> Step {
        if filled < buffer.count {
            let socket = socket.descriptor
            let (start, end) = (filled, buffer.count)
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe recv(socket, bytes.baseAddress?.advanced(by: start), end - start, Int32(MSG_DONTWAIT))
            }
            if count < 0, errno == EINTR || errno == EAGAIN { return .partial }
            guard count > 0 else { return .end }
            filled += count
        }
        return filled == buffer.count ? finishPart() : .partial
    }

    private mutating func finishPart() -> Step {
        switch part {
        case .head:
            guard let head = ObjectHead(buffer) else { return .nonsense }
            self.head = head
            expect(head.nameLength, as: .name)
            return .head(head)
        case .name:
            name = String(decoding: buffer, as: UTF8.self)
            if let head, head.isRemoval {
                expect(ObjectHead.size, as: .head)
                return .removal(number: head.number, name: name)
            }
            expect(head?.size ?? 0, as: .body)
            return head?.size == 0 ? finishPart() : .partial
        case .body:
            let object = Object(number: head?.number ?? 0, name: name, bytes: buffer)
            expect(ObjectHead.size, as: .head)
            return .object(object)
        }
    }

    private mutating func expect(_ count: Int, as part: Part) {
        self.part = part
        buffer = [UInt8](repeating: 0, count: count)
        filled = 0
    }
}
