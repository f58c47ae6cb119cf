/// The nodes of a cluster in turn: from one of them at random, so that clients spread, to the next after each loss.
struct NodeRotation {
    private let nodes: [AMQPURL.Node]
    private var turn: Int

    init(_ nodes: [AMQPURL.Node]) {
        precondition(!nodes.isEmpty, "an address without a node")
        self.nodes = nodes
        turn = .random(in: nodes.indices)
    }

    mutating func next() -> AMQPURL.Node {
        defer { turn = (turn + 1) % nodes.count }
        return nodes[turn]
    }
}
