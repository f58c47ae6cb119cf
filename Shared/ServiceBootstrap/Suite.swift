/// The programs of this suite as a whole.
package enum Suite {
    /// What `--version`, logs and metrics say; the programs are released together.
    package static let version = "0.1.0"
}
