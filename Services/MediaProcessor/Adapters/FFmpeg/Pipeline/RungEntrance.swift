import DequeModule
import MediaDomain

/// Where one part's pictures go in: to the rungs that are made of the source's, at once or, where some of them are told the
/// pictures' types, as soon as these are known, a few pictures later.
///
/// It holds back no more than four, and blocks while those rungs have enough to do. Used by one thread.
final class RungEntrance {
    private let rungs: [BoundedQueue<RungWorker.Message>]
    private let decision: PictureTypeDecision?
    private var held: Deque<(picture: Frame, slot: Slot)> = []
    /// The number of the first one held, from 0.
    private var first = 0

    init(_ rungs: [BoundedQueue<RungWorker.Message>], decision: PictureTypeDecision?) {
        self.rungs = rungs
        self.decision = decision
    }

    /// - Throws: ``TranscodeJob/stopped`` once a rung takes no more.
    func show(_ picture: Frame, _ slot: Slot) throws(MediaError) {
        guard let decision else { return try hand(on: .picture(picture, slot)) }
        held.append((picture, slot))
        try release(
            upTo: failing(as: .encodeFailed) { () throws(AVError) in
                try decision.decide(picture, isKeyframe: slot.isKeyframe)
            }
        )
    }

    /// - Parameter time: Ticks: until then the last picture is shown.
    func end(at time: Int64) throws(MediaError) {
        if let decision {
            try release(upTo: failing(as: .encodeFailed) { () throws(AVError) in try decision.finish() })
        }
        guard held.isEmpty else { throw MediaError(.encodeFailed, "\(held.count) pictures were never decided about") }
        try hand(on: .end(time))
    }

    /// - Parameter anchors: The numbers of pictures that are no B-pictures.
    private func release(upTo anchors: [Int]) throws(MediaError) {
        for anchor in anchors {
            while first <= anchor, var next = held.popFirst() {
                next.slot.isBidirectional = first < anchor
                first += 1
                try hand(on: .picture(next.picture, next.slot))
            }
        }
    }

    private func hand(on message: RungWorker.Message) throws(MediaError) {
        for rung in rungs {
            guard rung.push(message) else { throw TranscodeJob.stopped }
        }
    }
}
