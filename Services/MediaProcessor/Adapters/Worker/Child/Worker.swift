import CProcess
import Dispatch
import Foundation
import Glibc
package import MediaDomain
import ObjectStorage

/// The child's side: does the one job that it is given and says how it went.
package enum Worker {
    /// A decoder's; those of the pipeline are their own.
    private static let stackSize = 8 << 20

    /// Reads the order from standard input and answers on standard output; source and results go over the descriptors
    /// that it inherits, see ``ChildProcess``.
    ///
    /// Before it reads a byte of the source, the process gives up all else: files, network, other processes. To be called
    /// first thing in the process's main thread, while there is no other; blocks until all is done. Returns the process's
    /// exit code: 0 whenever the answer is complete, also if the answer is that the media failed.
    package static func main(transcoder: any Transcoder & Sendable) -> Int32 {
        // A parent that has gone is an error of the write; it ends us anyway.
        signal(SIGPIPE, SIG_IGN)
        let input = LineReader(STDIN_FILENO)
        guard let order = readOrder(input) else {
            complain("no order on standard input; this command is for the service's own use")
            return 64
        }
        guard binds(to: order.parent) else { return 1 }
        ProcessLimits.apply(order.limits, slots: order.slots)
        let answers = Answers(to: OpenFile(owning: dup(STDOUT_FILENO)))
        answers.send(.confined(Confinement.confine()))
        // The main thread's stack cannot be measured without a file.
        let slots = PartSlots(order.slots)
        let commands = Commands(input) { count in
            ProcessLimits.applyMemory(order.limits, slots: count)
            slots.change(to: count)
        }
        runToEnd { work(order, transcoder, answers, commands, slots) }
        return answers.isBroken ? 1 : 0
    }

    private static func work(
        _ order: WorkerOrder,
        _ transcoder: any Transcoder & Sendable,
        _ answers: Answers,
        _ commands: Commands,
        _ slots: PartSlots
    ) {
        let heartbeat = Heartbeat(every: min(1, order.limits.stall / 4)) { answers.send(.beat($0)) }
        defer { heartbeat.stop() }
        do throws(MediaError) {
            answers.send(try make(order, transcoder, answers, commands, slots))
        } catch {
            answers.send(.failed(error))
        }
    }

    private static func make(
        _ order: WorkerOrder,
        _ transcoder: any Transcoder,
        _ answers: Answers,
        _ commands: Commands,
        _ slots: PartSlots
    ) throws(MediaError) -> WorkerMessage {
        let builder = AssetBuilder(
            transcoder: transcoder,
            store: ChannelArtifactStore(OpenFile(owning: ChildProcess.objectsDescriptor)),
            mayPublish: { () throws(MediaError) in try askToPublish(answers, commands) }
        )
        let asset = try builder.build(
            order.job,
            from: order.source.opened,
            parts: PartWork(finished: order.finished, slots: slots),
            events: events(order, answers, commands)
        )
        return asset.map(WorkerMessage.made) ?? .yielded
    }

    private static func events(_ order: WorkerOrder, _ answers: Answers, _ commands: Commands) -> BuildEvents {
        var events = BuildEvents()
        events.probed = { source in
            ProcessLimits.applyProcessorTime(order.limits.time(for: source.duration))
            answers.send(.probed(source))
        }
        events.progressed = { answers.report($0, $1) }
        events.partsCounted = { answers.count($0) }
        events.partStored = { part in
            answers.send(.partDone(part))
            // If it will not be heard, the service is ending us.
            _ = commands.awaitNote()
        }
        events.playable = { answers.becomePlayable() }
        events.mustYield = { commands.mustYield }
        return events
    }

    private static func runToEnd(_ work: @escaping @Sendable () -> Void) {
        let hasEnded = DispatchSemaphore(value: 0)
        let thread = Thread {
            work()
            hasEnded.signal()
        }
        thread.name = "job"
        thread.stackSize = stackSize
        thread.start()
        hasEnded.wait()
    }

    /// Dies when the service does; `false` if it already has.
    private static func binds(to parent: Int32) -> Bool {
        cprocess_die_with_parent() == 0 && getppid() == parent
    }

    private static func readOrder(_ input: LineReader) -> WorkerOrder? {
        guard let line = input.next() else { return nil }
        return try? JSONDecoder().decode(WorkerOrder.self, from: Data(line))
    }

    /// Waits for the service's word that nobody else works on the media by now; the service ends us if it is no.
    private static func askToPublish(_ answers: Answers, _ commands: Commands) throws(MediaError) {
        answers.send(.stored)
        guard commands.awaitPermission() else {
            throw MediaError(.crashed, "the service did not let the work be published", retryable: true)
        }
    }

    private static func complain(_ text: String) {
        FileHandle.standardError.write(Data("media-processor worker: \(text)\n".utf8))
    }
}

extension WorkerOrder.Source {
    /// What the child inherits, as a source.
    fileprivate var opened: any ByteSource {
        let file = OpenFile(owning: ChildProcess.sourceDescriptor)
        return switch self {
        case .file: FileSource(file)
        case .channel(let size): ChannelSource(file, size: size)
        }
    }
}
