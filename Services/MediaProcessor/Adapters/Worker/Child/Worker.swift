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
            answers.send(.made(try make(order, transcoder, answers)))
        } catch {
            answers.send(.failed(error))
        }
        return answers.isBroken ? 1 : 0
    }

    private static func make(
        _ order: WorkerOrder,
        _ transcoder: any Transcoder,
        _ answers: Answers
    ) throws(MediaError) -> AssetDescription {
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
            mayPublish: { () throws(MediaError) in try askToPublish(answers) }
        )
        return try builder.build(
            order.job,
            from: FileSource(OpenFile(owning: ChildProcess.inheritedDescriptor)),
            probed: { source in
                ProcessLimits.applyProcessorTime(order.limits.time(for: source.duration))
                answers.send(.probed(source))
            },
            report: { answers.report($0, $1) }
        )
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
    private static func askToPublish(_ answers: Answers) throws(MediaError) {
        answers.send(.stored)
        guard let line = readLine(strippingNewline: false), Array(line.utf8) == WorkerPermission.line else {
            throw MediaError(.crashed, "the service did not let the work be published", retryable: true)
        }
    }

    private static func complain(_ text: String) {
        FileHandle.standardError.write(Data("media-processor worker: \(text)\n".utf8))
    }
}
