import CConfined
import CProcess
import Foundation
import Logging
import MediaFFmpeg
import MediaWorker

/// A worker process for tests: it does a job as the service's does, or tries to leave its walls and tells what came of it.
///
/// - `work`: one job.
/// - `escape WALL PORT FOLDER`: every way out behind `none`, `landlock`, `seccomp` or `both`; one line `ERROR-NUMBER NAME` each.
/// - `execute`, `trace`: what is answered with death.
/// - `encode NAME`, `filter CHAIN`: behind both walls; one line with how much came out.
@main
enum WorkerProbe {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        switch arguments.first {
        case "work": exit(Worker.main(transcoder: FFmpegTranscoder(logger: Logger(label: "probe"))))
        case "escape": escape(arguments)
        case "execute": confined { confined_execute() }
        case "trace": confined { confined_trace() }
        case "encode": confined { print(confined_encode(arguments[1])) }
        case "filter": confined { print(confined_filter(arguments[1])) }
        default: exit(64)
        }
    }

    private static func confined(_ work: () -> Void) {
        let confinement = Confinement.confine()
        print("landlock \(confinement.landlock) seccomp \(confinement.seccomp)")
        work()
    }

    private static func escape(_ arguments: [String]) {
        confined_prepare(Int32(arguments[2]) ?? 0, arguments[3])
        switch arguments[1] {
        case "both": _ = Confinement.confine()
        case "landlock":
            _ = cprocess_refuse_new_privileges()
            _ = cprocess_forbid_files()
        case "seccomp":
            _ = cprocess_refuse_new_privileges()
            _ = cprocess_forbid_calls()
        default: break
        }
        var index: Int32 = 0
        while let name = confined_name(index) {
            print(confined_try(index), String(cString: name))
            index += 1
        }
    }
}
