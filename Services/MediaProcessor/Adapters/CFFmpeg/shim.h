#pragma once

#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/channel_layout.h>
#include <libavutil/display.h>
#include <libavutil/error.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libavutil/samplefmt.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
#include <linux/capability.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// What Swift's importer cannot see: function-like macros.
static inline int cffmpeg_averror(int posixCode) { return AVERROR(posixCode); }
static inline int cffmpeg_averror_eof(void) { return AVERROR_EOF; }
static inline int cffmpeg_averror_invaliddata(void) { return AVERROR_INVALIDDATA; }
static inline int64_t cffmpeg_nopts(void) { return AV_NOPTS_VALUE; }
static inline AVRational cffmpeg_time_base_q(void) { return AV_TIME_BASE_Q; }

// What is spelled differently from FFmpeg 5.1 to 7.

// 7.0 made the buffer of a write callback const.
typedef int (*cffmpeg_write)(void *opaque, const uint8_t *bytes, int count);
static inline AVIOContext *cffmpeg_alloc_writer(unsigned char *buffer, int size, void *opaque, cffmpeg_write write) {
#if LIBAVFORMAT_VERSION_MAJOR >= 61
    return avio_alloc_context(buffer, size, 1, opaque, NULL, write, NULL);
#else
    return avio_alloc_context(buffer, size, 1, opaque, NULL, (int (*)(void *, uint8_t *, int))write, NULL);
#endif
}

// 6.0 renamed a frame's duration, and moved its flags into one field.
static inline int64_t cffmpeg_frame_duration(const AVFrame *frame) {
#if LIBAVUTIL_VERSION_MAJOR >= 58
    return frame->duration;
#else
    return frame->pkt_duration;
#endif
}
static inline int cffmpeg_frame_is_interlaced(const AVFrame *frame) {
#ifdef AV_FRAME_FLAG_INTERLACED
    return (frame->flags & AV_FRAME_FLAG_INTERLACED) != 0;
#else
    return frame->interlaced_frame;
#endif
}
static inline void cffmpeg_frame_set_progressive(AVFrame *frame) {
#ifdef AV_FRAME_FLAG_INTERLACED
    frame->flags &= ~AV_FRAME_FLAG_INTERLACED;
#else
    frame->interlaced_frame = 0;
#endif
}

// 6.1 moved a stream's side data into its codec parameters. NULL if the stream has no display matrix.
static inline const int32_t *cffmpeg_display_matrix(const AVStream *stream) {
#if LIBAVFORMAT_VERSION_MAJOR >= 61
    const AVPacketSideData *side = av_packet_side_data_get(
        stream->codecpar->coded_side_data, stream->codecpar->nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
    return side && side->size >= 9 * sizeof(int32_t) ? (const int32_t *)side->data : NULL;
#else
    size_t size = 0;
    const uint8_t *data = av_stream_get_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, &size);
    return data && size >= 9 * sizeof(int32_t) ? (const int32_t *)data : NULL;
#endif
}

// SVT-AV1 writes to standard error, whatever its caller says, unless its environment forbids it.
static inline void cffmpeg_quiet_encoders(void) { setenv("SVT_LOG", "-1", 1); }

// As root, SVT-AV1 makes its threads real-time ones, which leave nothing to anybody else. A thread that may not do so gets usual ones.
static inline void cffmpeg_refuse_realtime(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
    if (syscall(SYS_capget, &header, sets) != 0) return;
    sets[0].effective &= ~(1u << CAP_SYS_NICE);
    syscall(SYS_capset, &header, sets);
}

// Whether it is who decodes pictures that has something to say.
static inline int cffmpeg_decodes_pictures(void *context) {
    if (context == NULL || *(const AVClass **)context != avcodec_get_class()) return 0;
    const AVCodecContext *codec = context;
    return codec->codec_type == AVMEDIA_TYPE_VIDEO && (codec->codec == NULL || av_codec_is_decoder(codec->codec));
}

// What tools show of the calling thread: at most 15 bytes.
static inline void cffmpeg_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

// glibc keeps what one thread freed in that thread's heap; with few heaps, and large blocks outside of them, it goes back to the system.
// x264 asks for huge pages, of which the last of each of its planes is half empty; it is no faster with them.
static inline void cffmpeg_spare_memory(void) {
#ifdef __GLIBC__
    mallopt(M_ARENA_MAX, 2);
    mallopt(M_MMAP_THRESHOLD, 256 << 10);
#endif
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
}
