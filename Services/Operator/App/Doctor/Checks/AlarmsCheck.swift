import EventSchema

/// Whether the broker takes messages now: an alarm on one node stops every publisher.
struct AlarmsCheck: Check {
    func findings(_ context: DoctorContext) async throws(ManagementError) -> [Finding] {
        let nodes = try await ClusterNode.all(context.management)
        let memory = nodes.filter(\.hasMemoryAlarm).map { node in
            Finding.fail(
                .alarms,
                "node \(node.name) is above its memory watermark: publishing stands still",
                mend: "let consumers work queues off, give it memory, or raise vm_memory_high_watermark"
            )
        }
        let disk = nodes.filter(\.hasDiskAlarm).map { node in
            Finding.fail(
                .alarms,
                "node \(node.name) has less disk left than disk_free_limit: publishing stands still",
                mend: "free space on its disk; it goes on by itself then"
            )
        }
        return memory.isEmpty && disk.isEmpty ? [.ok(.alarms, "no memory or disk alarm")] : memory + disk
    }
}
