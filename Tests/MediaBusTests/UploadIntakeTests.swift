import EventSchema
import Foundation
import MediaBus
import MediaDomain
import MediaStore
import Messaging
import MessagingTesting
import Persistence
import Testing

@Suite(.timeLimit(.minutes(2)))
struct UploadIntakeTests {
    private func envelope(_ job: UploadJob) -> Envelope {
        let payload = MediaUploaded(
            mediaID: job.mediaID,
            userID: job.userID,
            filePath: job.sourceURI,
            contentType: "video/mp4",
            fileSize: 5
        )
        return Envelope(payload, eventID: job.eventID, source: "php-backend")
    }

    private func delivery(_ body: [UInt8], headers: JSONObject = [:]) -> Delivery {
        Delivery(
            message: Message(body: body, headers: headers),
            source: Destination(exchange: Topology.Exchange.events, routingKey: "media.uploaded"),
            queue: Topology.Queue.mediaProcess,
            redelivered: false
        )
    }

    private func intake(_ bench: JobBench, wake: @escaping @Sendable () -> Void = {}) -> EventHandlers {
        UploadIntake(
            consumer: InMemoryBroker(),
            inbox: bench.inbox,
            jobs: bench.jobs,
            announcer: bench.announcer,
            canceller: bench.canceller(wake: wake),
            wake: wake
        )
        .handlers
    }

    @Test func `an upload becomes one job, however often it comes`() async throws {
        let bench = try await JobBench()
        let wakes = Watched(0)
        let intake = intake(bench) { wakes.update { $0 += 1 } }
        let body = envelope(bench.job).encoded
        for _ in 0..<3 {
            let headers: JSONObject = ["traceparent": .string(try #require(bench.job.traceParent))]
            #expect(await intake.handle(delivery(body, headers: headers)) == .acknowledge)
        }
        try await wakes.wait { $0 == 1 }
        let lease = try #require(try await bench.ledger().claim())
        #expect(lease.job.eventID == bench.job.eventID && lease.job.traceParent == bench.job.traceParent)
        #expect(try await bench.ledger().claim() == nil)
    }

    @Test(arguments: [
        ("hello", "JSON"), ("[]", "expected object"),
        (
            #"{"event_type":"media.uploaded","event_id":"00000000-0000-4000-8000-000000000000","#
                + #""timestamp":"2024-01-01T00:00:00Z","source":"x","payload":{"media_id":7}}"#, "payload.media_id"
        ),
    ])
    func `what cannot be read is parked with its reason`(text: String, reason: String) async throws {
        let bench = try await JobBench()
        guard case .park(let said) = await intake(bench).handle(delivery(Array(text.utf8))) else {
            Issue.record("it was not parked")
            return
        }
        #expect(said.contains(reason))
    }

    @Test func `uploads are worked on as they come, and a stop gives back what is unfinished`() async throws {
        let bench = try await JobBench()
        let runner = ScriptedRunner([.failed(MediaError(.notMedia, "no"))], held: true)
        let workers = bench.workers(runner)
        let intake = intake(bench, wake: workers.wake)
        try await bench.whilePublishing {
            let running = Task { try await workers.run() }
            #expect(await intake.handle(delivery(envelope(bench.job).encoded)) == .acknowledge)
            for await _ in runner.began.prefix(1) {}
            #expect(try await bench.state() == "running")
            running.cancel()
            try await running.value
        }
        #expect(try await bench.state() == "waiting")
        #expect(bench.publisher.ends.isEmpty)
    }
}
