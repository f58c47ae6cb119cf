import DequeModule
import MediaDomain

/// Where one part's pictures go in: to the rungs that are made of the source's, at once or, where some of them are told the
/// pictures' types, as soon as these are known, a few pictures later.
///
/// It blocks while those rungs have enough to do. Used by one thread.
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

    func show(_ picture: Frame, _ slot: Slot) throws(MediaError) {
        guard let decision else { return hand(on: .picture(picture, slot)) }
        held.append((picture, slot))
        release(
            upTo: try failing(as: .encodeFailed) { () throws(AVError) in
                try decision.decide(picture, isKeyframe: slot.isKeyframe)
            }
        )
    }

    /// - Parameter time: Ticks: until then the last picture is shown.
    func end(at time: Int64) throws(MediaError) {
        if let decision {
            release(upTo: try failing(as: .encodeFailed) { () throws(AVError) in try decision.finish() })
        }
        hand(on: .end(time))
    }

    /// - Parameter anchors: The numbers of pictures that are no B-pictures.
    private func release(upTo anchors: [Int]) {
        for anchor in anchors {
            while first <= anchor, var next = held.popFirst() {
                next.slot.isBidirectional = first < anchor
                first += 1
                hand(on: .picture(next.picture, next.slot))
            }
        }
    }

    private func hand(on message: RungWorker.Message) {
        for rung in rungs { rung.push(message) }
    }
}
