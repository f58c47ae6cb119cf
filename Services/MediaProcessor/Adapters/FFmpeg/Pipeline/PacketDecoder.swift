import CFFmpeg
import MediaDomain

/// Decodes one stream as far as it can be decoded.
///
/// Used by one thread.
final class PacketDecoder {
    /// After so many refusals in a row at the end of a stream, nothing more is expected.
    private static let mostRefusals = 32

    /// A parser may hold one packet back, and so tells the one before it to be corrupt.
    private static let mostPatience = 2

    private let decoder: Decoder
    private var hasDecoded = false
    /// Packets that may still come before it is certain that a corrupt one was no splice.
    private var patience = 0
    /// Whether something was missing or refused since the first frame: what comes before it is only where the recording began.
    private(set) var isDamaged = false

    /// - Parameter threads: How many pictures are decoded at once.
    init(_ stream: UnsafeMutablePointer<AVStream>, threads: Int = 1) throws(MediaError) {
        decoder = try failing(as: .unsupported) { () throws(AVError) in try Decoder(stream, threads: threads) }
    }

    var timeBase: AVRational { decoder.timeBase }

    /// Takes a packet, or the end (`nil`), and hands on every frame that comes out.
    func decode(_ packet: Packet?, _ take: (Frame) throws(MediaError) -> Void) throws(MediaError) {
        judge(packet)
        var refusals = 0
        guard try attempt({ () throws(AVError) in try decoder.send(packet) }) != nil else { return }
        while refusals < Self.mostRefusals {
            guard let received = try attempt({ () throws(AVError) in try decoder.receive() }) else {
                guard packet == nil else { return }
                refusals += 1
                continue
            }
            guard let frame = received else { return }
            if frame.pointer.pointee.decode_error_flags != 0 { refuse() }
            hasDecoded = true
            try take(frame)
        }
    }

    /// A recording that ends where another begins looks as if something were missing between them.
    private func judge(_ packet: Packet?) {
        if packet?.followsJump == true { patience = 0 }
        if patience > 0 {
            patience -= 1
            if packet == nil || patience == 0 { refuse() }
        }
        if packet?.isCorrupt == true { patience = Self.mostPatience }
    }

    /// Notes damage and goes on, but not without memory.
    private func attempt<Value>(_ call: () throws(AVError) -> Value) throws(MediaError) -> Value? {
        do throws(AVError) {
            return try call()
        } catch {
            guard error.code != AVError.noMemory else { throw error.reported(as: .decodeFailed) }
            refuse()
            return nil
        }
    }

    /// Takes what was missing so far for nothing: nobody was to see it.
    func forgive() { isDamaged = false }

    private func refuse() { isDamaged = isDamaged || hasDecoded }
}
