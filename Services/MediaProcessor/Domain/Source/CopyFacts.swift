/// What a picture stream that could be packaged as it is looks like.
package struct CopyFacts: Sendable, Hashable, Codable {
    /// Seconds from each keyframe to the next, all alike.
    package var keyframeInterval: Double
    /// Bits per second: the most over any run of groups of pictures that lasts four seconds or more.
    package var peakBitrate: Int

    package init(keyframeInterval: Double, peakBitrate: Int) {
        self.keyframeInterval = keyframeInterval
        self.peakBitrate = peakBitrate
    }

    private enum CodingKeys: String, CodingKey {
        case keyframeInterval = "keyframe_interval"
        case peakBitrate = "peak_bitrate"
    }
}

extension TranscodePlan {
    /// The plan with the rung that the source already fits copied instead of encoded.
    ///
    /// - Parameter offered: The rungs as they are before they are fitted to the content: a source that keeps to those
    ///   costs nothing to copy, whatever encoding it would save. The plan's own if not given.
    package func copying(_ source: SourceDescription, offered: [Rung]? = nil) -> TranscodePlan {
        guard let video = source.video, let facts = video.copyFacts, facts.keepsGrid(of: segmentDuration) else {
            return self
        }
        var plan = self
        let fitting = (offered ?? rungs).first { rung in
            rung.codec == .h264 && rung.width == video.displayWidth && rung.height == video.displayHeight
                && facts.peakBitrate <= rung.maxBitrate
        }
        guard let fitting, let index = rungs.firstIndex(where: { $0.name == fitting.name }) else { return self }
        plan.rungs[index] = fitting
        plan.rungs[index].copies = true
        // A copy is there at once; and nobody knows whether a group of the source's ends so early.
        plan.openingDuration = segmentDuration
        return plan
    }

    /// The same plan with everything encoded.
    package var encodingAll: TranscodePlan {
        var plan = self
        for index in plan.rungs.indices { plan.rungs[index].copies = false }
        return plan
    }
}

extension CopyFacts {
    /// Whether every segment can start with one of the source's keyframes, and on time.
    fileprivate func keepsGrid(of segmentDuration: Double) -> Bool {
        guard keyframeInterval > 0, keyframeInterval <= segmentDuration + 0.0001 else { return false }
        let groups = segmentDuration / keyframeInterval
        return abs(groups - groups.rounded()) * keyframeInterval < 0.000_05
    }
}
