/// When a channel is tried again, and when it is given up.
package struct RetrySchedule: Sendable, Hashable {
    /// What follows from a try.
    package enum Step: Sendable, Hashable {
        case report(Outcome)
        case tryAgain(after: Duration, reason: String)
    }

    /// What a requester is told in the end.
    package enum Outcome: Sendable, Hashable {
        case delivered(attempt: Int)
        case failed(Failure, retryable: Bool)
    }

    /// The tries after the first wait this long; the tiers that the broker has.
    package static let delays: [Duration] = [
        .seconds(5), .seconds(30), .seconds(300), .seconds(1800), .seconds(7200), .seconds(43200),
    ]
    /// The most tries that the delays allow.
    package static let mostAttempts = delays.count + 1

    private let maximumAttempts: Int

    /// - Parameter maximumAttempts: From 1; more than ``mostAttempts`` counts as that.
    package init(maximumAttempts: Int = mostAttempts) {
        self.maximumAttempts = min(max(1, maximumAttempts), Self.mostAttempts)
    }

    /// Decides what follows when try number `attempt`, from 1, came to `outcome`.
    ///
    /// The receiver's own wish for a later time counts, up to the longest delay; its wish for an earlier one does not.
    package func step(after outcome: DeliveryOutcome, attempt: Int) -> Step {
        switch outcome {
        case .delivered: .report(.delivered(attempt: attempt))
        case .failed(let failure): .report(.failed(failure, retryable: false))
        case .postponed(_, let failure) where attempt >= maximumAttempts:
            .report(.failed(Self.givenUp(failure, attempt), retryable: true))
        case .postponed(let wish, let failure):
            .tryAgain(after: max(Self.delay(after: attempt), Self.bounded(wish)), reason: failure.message)
        }
    }

    private static func delay(after attempt: Int) -> Duration {
        delays[min(max(attempt, 1), delays.count) - 1]
    }

    private static func bounded(_ wish: Duration?) -> Duration {
        min(wish ?? .zero, delays.last ?? .zero)
    }

    private static func givenUp(_ failure: Failure, _ attempt: Int) -> Failure {
        Failure(failure.reason, "given up after \(attempt) \(attempt == 1 ? "try" : "tries"): \(failure.message)")
    }
}
