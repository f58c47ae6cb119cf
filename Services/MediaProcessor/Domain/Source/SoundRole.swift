/// What a sound track is there for.
package enum SoundRole: String, Sendable, Hashable, Codable, CaseIterable {
    case main
    /// The words in another language than was spoken.
    case dub
    case commentary
    /// Tells those who cannot see what there is to see.
    case description
    /// Speech made clear for those who hear badly.
    case clearSpeech = "clear_speech"
}
