/// The playlists of what can be watched so far.
package struct PlaylistEdition: Sendable, Hashable {
    package struct File: Sendable, Hashable {
        package let name: String
        package let text: String
    }

    /// Of each rendition, to be stored before ``master``.
    package let renditions: [File]
    package let master: File

    init(_ presentation: Presentation) {
        let tracks =
            presentation.video.map { (OutputLayout.videoFolder($0.rung.name), $0.track) }
            + presentation.audio.map { (OutputLayout.audioFolder($0.rendition.name), $0.track) }
        renditions = tracks.map { folder, track in
            let playlist = HLSMediaPlaylist(
                track: track,
                targetDuration: presentation.targetDuration,
                isComplete: false
            )
            return File(name: "\(presentation.prefix)\(folder)/\(OutputLayout.mediaPlaylist)", text: playlist.text)
        }
        master = File(name: OutputLayout.hlsMaster, text: HLSMasterPlaylist(presentation).text)
    }
}
