import CProcess
import Glibc

/// What keeps a process that reads strangers' files from doing anything but computing.
package struct Confinement: Sendable, Hashable, Codable {
    /// The version of Landlock that forbids it all files and TCP; 0 where the kernel has none.
    package var landlock: Int
    /// Whether a filter forbids it all system calls but those of computing.
    package var seccomp: Bool

    package init(landlock: Int, seccomp: Bool) {
        self.landlock = landlock
        self.seccomp = seccomp
    }

    /// Whether every wall that we know stands.
    package var isWhole: Bool { landlock > 0 && seccomp }

    /// Confines the calling process for ever: what is open stays open, and nothing else can be reached.
    ///
    /// To be called while it has one thread: Landlock holds for the calling thread and those that it starts. Where the
    /// kernel lacks a wall, the others stand, and the answer says so.
    package static func confine() -> Confinement {
        // The C library reads the local time's rules once, from a file.
        tzset()
        guard cprocess_refuse_new_privileges() == 0 else { return Confinement(landlock: 0, seccomp: false) }
        let isAlone = cprocess_thread_count() == 1
        let landlock = isAlone ? max(0, Int(cprocess_forbid_files())) : 0
        return Confinement(landlock: landlock, seccomp: cprocess_forbid_calls() == 1)
    }
}
