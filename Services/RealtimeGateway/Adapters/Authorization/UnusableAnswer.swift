/// Why what a backend answered is no answer.
struct UnusableAnswer: Error, CustomStringConvertible {
    let description: String
}
