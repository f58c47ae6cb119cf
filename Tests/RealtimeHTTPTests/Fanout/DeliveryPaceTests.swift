import Testing

@testable import RealtimeHTTP

struct DeliveryPaceTests {
    @Test func `one that comes alone goes at once, those that come together wait for one another`() {
        var pace = DeliveryPace()
        // One, then three, which nobody could foresee, then two.
        let turns = [1, 3, 1, 1].map { count in
            let isAlone = (0..<count).map { _ in pace.begin() }
            pace.end()
            return isAlone
        }
        #expect(turns == [[true], [true, false, false], [false], [true]])
    }
}
