import EventSchema
import Foundation
import Testing

@testable import RealtimeDomain

struct AscendingIDsTests {
    private let noon = Timestamp(milliseconds: 1_704_110_400_000)

    @Test func `ids of one millisecond ascend by their first eight bytes`() {
        var ids = AscendingIDs()
        // More than the counter can tell apart.
        let orders = (0..<10_000).map { _ in ids.next(at: noon).timeOrder }
        #expect(zip(orders, orders.dropFirst()).allSatisfy(<))
    }

    @Test func `ids ascend when the clock goes back, and follow it when it goes on`() {
        var ids = AscendingIDs()
        let times: [Int64] = [0, 5, -3_600_000, -1, 5, 6, 1000]
        let made = times.map { ids.next(at: Timestamp(milliseconds: noon.milliseconds + $0)) }
        let orders = made.map(\.timeOrder)
        #expect(zip(orders, orders.dropFirst()).allSatisfy(<))
        #expect(orders.last.map { Int64($0 >> 16) } == noon.milliseconds + 1000)
        #expect(made.sorted { $0.uuidString < $1.uuidString } == made)
    }

    @Test func `an id is of version 7 and variant 2, with the time in front`() {
        var ids = AscendingIDs()
        for id in [ids.next(at: noon), .timeOrdered(at: noon)] {
            #expect(id.uuid.6 >> 4 == 7)
            #expect(id.uuid.8 >> 6 == 2)
            #expect(id.timeOrder >> 16 == 1_704_110_400_000)
            #expect(id.lowercased.hasPrefix("018cc4e5-2200-7"))
        }
        let known = UUID(uuidString: "01020304-0506-7708-890A-0B0C0D0E0F10")
        #expect(known?.timeOrder == 0x0102_0304_0506_7708)
    }
}
