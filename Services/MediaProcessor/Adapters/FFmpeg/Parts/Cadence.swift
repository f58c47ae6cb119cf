import Foundation

/// Keeps the sound, which is read by itself, in step with the pictures, and settles where both end.
///
/// `@unchecked Sendable`: all state is touched with `condition` locked.
final class Cadence: @unchecked Sendable {
    private let condition = NSCondition()
    /// Seconds by which the sound may be ahead: what waits for the pictures' cuts stays small.
    private let lead: Double
    private var pictures = 0.0
    private var picturesAreOver = false
    private var sound = 0.0
    private var soundIsOver = false
    private var end: Double?
    private var isClosed = false

    init(lead: Double, hasSound: Bool) {
        self.lead = lead
        soundIsOver = !hasSound
    }

    /// Ends all waiting: the transcode has failed.
    func close() { change { isClosed = true } }

    // MARK: The pictures' side

    /// The pictures were decoded up to there, in seconds.
    func advancePictures(to seconds: Double) { change { pictures = max(pictures, seconds) } }

    /// No more pictures come: the last one stands for as long as there is sound.
    func endPictures() { change { picturesAreOver = true } }

    /// Waits until the sound has come beyond `seconds` or to its end; `nil` once closed.
    func sound(beyond seconds: Double) -> (end: Double, isOver: Bool)? {
        condition.withLock {
            while !isClosed, !soundIsOver, sound <= seconds { condition.wait() }
            return isClosed ? nil : (sound, soundIsOver)
        }
    }

    /// The presentation ends there, and every cut before it was told.
    func settle(on seconds: Double) { change { (end, picturesAreOver) = (seconds, true) } }

    // MARK: The sound's side

    /// Waits until the sound is wanted that comes after `seconds`; false once closed.
    func admitSound(after seconds: Double) -> Bool {
        condition.withLock {
            sound = seconds
            condition.broadcast()
            while !isClosed, !picturesAreOver, seconds > pictures + lead { condition.wait() }
            return !isClosed
        }
    }

    /// Ends the sound and waits until it is known where the presentation ends; `nil` once closed.
    func endSound(at seconds: Double) -> Double? {
        change { (sound, soundIsOver) = (seconds, true) }
        return condition.withLock {
            while !isClosed, end == nil { condition.wait() }
            return isClosed ? nil : end
        }
    }

    private func change(_ body: () -> Void) {
        condition.withLock {
            body()
            condition.broadcast()
        }
    }
}
