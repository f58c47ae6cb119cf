import ServiceBootstrap

@main enum Main {
    static func main() async { await ServiceRunner.run(ServiceGraph.self) }
}
