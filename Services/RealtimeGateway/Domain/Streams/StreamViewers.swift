package import EventSchema

/// Who watches one stream, on how many devices, and for how long; who came and went since others were last told.
///
/// A user on two devices is one viewer. Times are arguments, and do not go back.
package struct StreamViewers: Sendable {
    /// A viewer who came or went.
    package struct Change: Sendable, Hashable {
        package let profile: Profile
        package let hasCome: Bool
    }

    private struct Viewer: Sendable {
        let profile: Profile
        let since: Timestamp
        var devices = 1
    }

    private var viewers: [String: Viewer] = [:]
    /// Those who came (true) or went since changes were last taken; who did both is not mentioned.
    private var changed: [String: Change] = [:]
    package private(set) var peak = 0
    /// Views that have ended, and how long they were together.
    private var endedCount = 0
    private var endedMilliseconds: Int64 = 0

    package init() {}

    package var count: Int { viewers.count }
    package var hasChanges: Bool { !changed.isEmpty }

    /// A device has come.
    package mutating func enter(_ profile: Profile, at now: Timestamp) {
        if viewers[profile.userID] != nil {
            viewers[profile.userID]?.devices += 1
            return
        }
        viewers[profile.userID] = Viewer(profile: profile, since: now)
        peak = max(peak, viewers.count)
        note(Change(profile: profile, hasCome: true))
    }

    /// A device has gone.
    package mutating func leave(_ userID: String, at now: Timestamp) {
        guard let viewer = viewers[userID] else { return }
        guard viewer.devices == 1 else {
            viewers[userID]?.devices -= 1
            return
        }
        viewers[userID] = nil
        endedCount += 1
        endedMilliseconds += now.milliseconds - viewer.since.milliseconds
        note(Change(profile: viewer.profile, hasCome: false))
    }

    private mutating func note(_ change: Change) {
        let userID = change.profile.userID
        // Nobody has heard of the one before yet, and the two cancel out.
        changed[userID] = changed[userID] == nil ? change : nil
    }

    /// Who came and went since this was last asked, in the order of their ids.
    package mutating func takeChanges() -> [Change] {
        defer { changed = [:] }
        return changed.values.sorted { $0.profile.userID < $1.profile.userID }
    }

    /// Seconds that views have lasted on average, those that go on included.
    package func averageWatchTime(at now: Timestamp) -> Int64 {
        let running = viewers.values.reduce(0) { $0 + now.milliseconds - $1.since.milliseconds }
        let count = Int64(endedCount + viewers.count)
        return count == 0 ? 0 : (endedMilliseconds + running) / count / 1000
    }
}
