import NIOCore

/// A packet whose attachments have not all come.
final class PendingPacket {
    let packet: SocketPacket
    let deadline: NIODeadline
    private let limit: Int
    private var bytes = 0
    private(set) var attachments: [ByteBuffer] = []

    init(_ packet: SocketPacket, until deadline: NIODeadline, limit: Int) {
        self.packet = packet
        self.deadline = deadline
        self.limit = limit
    }

    var isWhole: Bool { attachments.count == packet.attachments }

    func append(_ attachment: ByteBuffer) throws(SocketPacket.Invalid) {
        bytes += attachment.readableBytes
        guard bytes <= limit else { throw SocketPacket.Invalid("attachments are too large") }
        attachments.append(attachment)
    }
}
