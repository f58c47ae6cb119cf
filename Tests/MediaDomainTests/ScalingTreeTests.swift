import MediaDomain
import Testing

struct ScalingTreeTests {
    private static func parents(_ shortSides: [Int], of source: PictureSize) -> [Int?] {
        ScalingTree(of: shortSides.map { source.scaled(toShortSide: $0) }, source: source).parents
    }

    @Test func `a small rung is scaled from the smallest one that is scaled once and large enough`() {
        let source = PictureSize(width: 1920, height: 1080)
        #expect(Self.parents([1080, 720, 480, 360], of: source) == [nil, 0, 1, 1])
        #expect(Self.parents([720, 480, 360], of: source) == [nil, 0, 0])
    }

    @Test func `nothing is scaled more than twice`() {
        let source = PictureSize(width: 3840, height: 2160)
        #expect(Self.parents([2160, 1440, 1080, 720, 480, 360, 240], of: source) == [nil, 0, 0, 2, 2, 2, 2])
        #expect(Self.parents([1080, 720, 480, 360], of: source) == [nil, 0, 0, 0])
    }

    @Test func `too few pixels more are no reason to scale twice`() {
        let source = PictureSize(width: 854, height: 480)
        #expect(Self.parents([480, 360, 240], of: source) == [nil, nil, 1])
    }

    @Test func `upright pictures and ladders in any order are no other`() {
        let source = PictureSize(width: 1080, height: 1920)
        #expect(Self.parents([360, 1080, 480, 720], of: source) == [3, nil, 3, 1])
    }

    @Test func `two rungs of one size have the same parent`() {
        let source = PictureSize(width: 1920, height: 1080)
        #expect(Self.parents([1080, 1080, 720, 720, 480], of: source) == [nil, nil, 1, 1, 3])
    }

    @Test func `without rungs there is nothing to scale`() {
        #expect(ScalingTree(of: [], source: PictureSize(width: 16, height: 16)).parents.isEmpty)
    }
}
