import CProcess
import Foundation
import Glibc
package import MediaDomain
import ObjectStorage

/// The child's side: does the one job that it is given and says how it went.
package enum Worker {
    /// Reads the order from standard input, the source from descriptor 3, and answers on standard output.
    ///
    /// Blocks until all is done: call it in a thread of its own. Returns the process's exit code: 0 whenever the answer
    /// is complete, also if the answer is that the media failed.
    package static func main(transcoder: any Transcoder) -> Int32 {
        // A parent that has gone is an error of the write; it ends us anyway.
        signal(SIGPIPE, SIG_IGN)
        guard let order = readOrder() else {
            complain("no order on standard input; this command is for the service's own use")
            return 64
        }
        guard binds(to: order.parent) else { return 1 }
        _ = cprocess_refuse_new_privileges()
        ProcessLimits.apply(order.limits)
        let answers = Answers(to: OpenFile(owning: dup(STDOUT_FILENO)))
        do throws(MediaError) {
            answers.send(try make(order, transcoder, answers, Commands()))
        } catch {
            answers.send(.failed(error))
        }
        return answers.isBroken ? 1 : 0
    }

    private static func make(
        _ order: WorkerOrder,
        _ transcoder: any Transcoder,
        _ answers: Answers,
        _ commands: Commands
    ) throws(MediaError) -> WorkerMessage {
        let store: any ObjectStore
        do throws(ObjectStoreError) {
            store = try ObjectStoreLocation(parsing: order.storeURL).open()
        } catch {
            throw MediaError(.storageFailed, error.message, retryable: true)
        }
        let folder = order.job.mediaID.uuidString.lowercased()
        let builder = AssetBuilder(
            transcoder: transcoder,
            store: ArtifactUploader(store: store, folder: folder),
            mayPublish: { () throws(MediaError) in try askToPublish(answers, commands) }
        )
        let asset = try builder.build(
            order.job,
            from: FileSource(OpenFile(owning: ChildProcess.inheritedDescriptor)),
            finished: order.finished,
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
        events.partStored = { answers.send(.partDone($0)) }
        events.playable = { answers.becomePlayable() }
        events.mustYield = { commands.mustYield }
        return events
    }

    /// Dies when the service does; `false` if it already has.
    private static func binds(to parent: Int32) -> Bool {
        cprocess_die_with_parent() == 0 && getppid() == parent
    }

    private static func readOrder() -> WorkerOrder? {
        guard let text = readLine() else { return nil }
        return try? JSONDecoder().decode(WorkerOrder.self, from: Data(text.utf8))
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
