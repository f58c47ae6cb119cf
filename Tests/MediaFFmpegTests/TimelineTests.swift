import MediaDomain
import Testing

@testable import MediaFFmpeg

struct TimelineTests {
    private static func grid(opening: Double = 4) -> SegmentGrid {
        SegmentGrid(segmentDuration: 4, openingDuration: opening)
    }

    private static func timeline(opening: Double = 4) -> PictureTimeline {
        PictureTimeline(timescale: 1000, keyframeInterval: 2, grid: grid(opening: opening))
    }

    @Test func `the first picture is shown from the start`() {
        var timeline = Self.timeline()
        let (repeats, slot) = timeline.place(340)
        #expect(repeats.isEmpty)
        #expect(slot == Slot(time: 0, isKeyframe: true, startsSegment: true))
    }

    @Test func `keyframes and segments wait for the first picture at or after their time`() {
        var timeline = Self.timeline()
        var slots: [Slot] = []
        for time in stride(from: Int64(0), through: 9000, by: 300) {
            slots += timeline.place(time).slot.map { [$0] } ?? []
        }
        #expect(slots.filter(\.isKeyframe).map(\.time) == [0, 2100, 4200, 6000, 8100])
        #expect(slots.filter(\.startsSegment).map(\.time) == [0, 4200, 8100])
    }

    @Test func `the first segment may end with its first group`() {
        var timeline = Self.timeline(opening: 2)
        let slots = stride(from: Int64(0), through: 9000, by: 250).compactMap { timeline.place($0).slot }
        #expect(slots.filter(\.startsSegment).map(\.time) == [0, 2000, 4000, 8000])
    }

    @Test func `a picture a rounding too early counts`() {
        var timeline = Self.timeline()
        _ = timeline.place(0)
        let placed = timeline.place(500).slot
        #expect(placed?.isKeyframe == false)
        #expect(timeline.hold(until: 1999).map(\.time) == [1000, 1500])
        #expect(timeline.place(1999).slot?.isKeyframe == true)
    }

    @Test func `a picture that stands long is repeated`() {
        var timeline = Self.timeline()
        _ = timeline.place(0)
        let (repeats, slot) = timeline.place(2700)
        #expect(repeats.map(\.time) == [500, 1000, 1500, 2000, 2500])
        #expect(repeats.filter(\.isKeyframe).map(\.time) == [2000])
        #expect(slot == Slot(time: 2700, isKeyframe: false, startsSegment: false))
    }

    @Test func `pictures that go back in time are left out`() {
        var timeline = Self.timeline()
        _ = timeline.place(0)
        _ = timeline.place(100)
        #expect(timeline.place(100).slot == nil)
        #expect(timeline.place(40).slot == nil)
        #expect(timeline.place(140).slot != nil)
    }

    @Test func `stills are the pictures on show at their times`() {
        let plan = TranscodePlan(
            rungs: [],
            audio: [],
            segmentDuration: 4,
            keyframeInterval: 2,
            thumbnailTimes: [0.5, 3],
            thumbnailWidth: 2,
            thumbnailHeight: 2,
            storyboard: StoryboardPlan(interval: 1, tileWidth: 2, tileHeight: 2, columns: 1, rows: 1)
        )
        var schedule = StillSchedule(plan)
        #expect(schedule.due(before: 0.5) == StillSchedule.Due(tiles: 0..<1))
        #expect(schedule.due(before: 0.6) == StillSchedule.Due(thumbnails: [1]))
        #expect(schedule.due(before: 0.9).isEmpty)
        #expect(schedule.due(before: 3.1) == StillSchedule.Due(thumbnails: [2], tiles: 1..<4))
        #expect(schedule.poster() == nil)
    }

    @Test func `decoding times rise, end where the next group starts, and exceed no picture's own`() {
        // Shown 0 1 2 3 with pauses, decoded 0 3 1 2.
        let shown: [Int64] = [0, 9000, 3000, 3100]
        let decoding = DecodingOrder.times(for: shown, delay: 200)
        #expect(decoding.first == -200)
        #expect(zip(decoding, decoding.dropFirst()).allSatisfy { $0 < $1 })
        #expect(zip(decoding, shown).allSatisfy { $0 <= $1 })
    }

    @Test func `sound is cut at the nearest packet, and never one segment more or less`() {
        var cuts = SoundCuts(grid: Self.grid(), packetDuration: 0.02, followsPictures: true)
        #expect(cuts.place(3.9, isLast: false) == .write)
        #expect(cuts.place(3.995, isLast: false) == .wait)
        cuts.cut(at: 4.004)
        #expect(cuts.place(3.98, isLast: false) == .write)
        #expect(cuts.place(4.0, isLast: false) == .cut)
        #expect(cuts.place(4.02, isLast: false) == .write)
        cuts.cut(at: 8.008)
        cuts.end()
        #expect(cuts.place(7.98, isLast: false) == .write)
        // The next packet would be nearer, but there is none.
        #expect(cuts.place(7.99, isLast: true) == .cut)
        #expect(cuts.place(8.01, isLast: true) == .write)
    }

    @Test func `sound waits for the first cut where the first segment is shorter`() {
        var cuts = SoundCuts(grid: Self.grid(opening: 2), packetDuration: 0.02, followsPictures: true)
        #expect(cuts.place(1.9, isLast: false) == .write)
        #expect(cuts.place(2.0, isLast: false) == .wait)
        cuts.cut(at: 2)
        #expect(cuts.place(2.0, isLast: false) == .cut)
        #expect(cuts.place(3.9, isLast: false) == .write)
        #expect(cuts.place(4.0, isLast: false) == .wait)
    }
}
