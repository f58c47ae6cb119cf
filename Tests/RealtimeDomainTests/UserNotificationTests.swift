import EventSchema
import Foundation
import Testing

@testable import RealtimeDomain

struct UserNotificationTests {
    private func notification(
        title: String = "t",
        data: JSONObject = [:],
        _ additional: JSONObject = [:]
    ) -> UserNotification {
        UserNotification(
            NotificationInApp(
                notificationID: UUID(),
                userID: "u",
                title: title,
                body: "b",
                data: data,
                createdAt: .now,
                additional: additional
            )
        )
    }

    @Test(
        arguments: [
            ([:], [:], "notification"), ([:], ["type": "a"], "a"), (["category": "c"], ["type": "a"], "c"),
            (["type": "t", "category": "c"], ["type": "a"], "t"), (["type": 7], ["type": "a"], "a"),
            (["type": ""], [:], "notification"),
            (["type": .string(String(repeating: "x", count: 256)), "category": "c"], [:], "c"),
        ] as [(JSONObject, JSONObject, String)]
    )
    func `its type is the first that is a word`(_ additional: JSONObject, _ data: JSONObject, _ type: String) {
        #expect(notification(data: data, additional).type == type)
    }

    @Test func `it holds nothing that a database cannot`() {
        #expect(notification(title: "a\0b").title == "ab")
        #expect(notification(["type": "a\0"]).type == "a")
    }

    @Test func `what it weighs counts everything that is stored`() {
        let text = String(repeating: "x", count: UserNotification.maximumWeight)
        #expect(notification().weight < 100)
        #expect(notification(title: text).weight > UserNotification.maximumWeight)
        #expect(notification(data: ["a": .string(text)]).weight > UserNotification.maximumWeight)
    }
}
