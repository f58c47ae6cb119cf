import Testing

@testable import RealtimeHTTP

struct DeliveryPaceTests {
    @Test func `one that comes alone goes at once, those that come together wait for one another`() {
        var pace = DeliveryPace()
        #expect(pace.begin())
        #expect(pace.isFirst)
        pace.end()
        // A turn of three, which nobody could foresee, and one after it.
        let together = (0..<3).map { _ in pace.begin() }
        #expect(together == [true, false, false])
        pace.end()
        #expect(!pace.begin())
        pace.end()
        #expect(pace.begin())
    }
}
