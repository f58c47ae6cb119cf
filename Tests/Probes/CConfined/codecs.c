#include "CConfined.h"

#include <libavcodec/avcodec.h>
#include <libavfilter/avfilter.h>
#include <libavfilter/buffersink.h>
#include <libavfilter/buffersrc.h>
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
#include <libavutil/samplefmt.h>

static int drain(AVCodecContext *codec, AVPacket *packet) {
    int count = 0;
    while (avcodec_receive_packet(codec, packet) == 0) {
        count++;
        av_packet_unref(packet);
    }
    return count;
}

static void describe(AVCodecContext *codec, const AVCodec *encoder) {
    if (encoder->type == AVMEDIA_TYPE_AUDIO) {
        codec->sample_rate = 48000;
        codec->sample_fmt = encoder->sample_fmts[0];
        codec->time_base = (AVRational){1, 48000};
        av_channel_layout_default(&codec->ch_layout, 2);
    } else {
        codec->width = 320;
        codec->height = 180;
        codec->pix_fmt = encoder->id == AV_CODEC_ID_MJPEG ? AV_PIX_FMT_YUVJ420P
                         : encoder->id == AV_CODEC_ID_PNG ? AV_PIX_FMT_RGB24
                                                          : AV_PIX_FMT_YUV420P;
        codec->time_base = (AVRational){1, 30};
        codec->gop_size = 30;
    }
}

static void fill(AVFrame *frame, const AVCodecContext *codec, int index) {
    frame->format = codec->codec_type == AVMEDIA_TYPE_AUDIO ? (int)codec->sample_fmt : (int)codec->pix_fmt;
    frame->width = codec->width;
    frame->height = codec->height;
    frame->nb_samples = codec->frame_size ? codec->frame_size : codec->codec_type == AVMEDIA_TYPE_AUDIO ? 1024 : 0;
    frame->sample_rate = codec->sample_rate;
    if (codec->codec_type == AVMEDIA_TYPE_AUDIO) av_channel_layout_copy(&frame->ch_layout, &codec->ch_layout);
    frame->pts = codec->codec_type == AVMEDIA_TYPE_AUDIO ? (int64_t)index * frame->nb_samples : index;
}

int confined_encode(const char *name) {
    const AVCodec *encoder = avcodec_find_encoder_by_name(name);
    if (!encoder) return AVERROR_ENCODER_NOT_FOUND;
    AVCodecContext *codec = avcodec_alloc_context3(encoder);
    describe(codec, encoder);
    /* As many threads as the encoder makes by itself: each of them has to start behind the walls. */
    av_opt_set(codec->priv_data, "preset", encoder->id == AV_CODEC_ID_AV1 ? "12" : "ultrafast", 0);
    av_opt_set(codec->priv_data, "cpu-used", "8", 0);
    av_opt_set(codec->priv_data, "usage", "realtime", 0);
    int count = avcodec_open2(codec, encoder, NULL);
    AVPacket *packet = av_packet_alloc();
    for (int index = 0; index < 12 && count >= 0; index++) {
        AVFrame *frame = av_frame_alloc();
        fill(frame, codec, index);
        int code = av_frame_get_buffer(frame, 0);
        if (code >= 0 && codec->codec_type == AVMEDIA_TYPE_AUDIO)
            av_samples_set_silence(frame->extended_data, 0, frame->nb_samples, codec->ch_layout.nb_channels, codec->sample_fmt);
        if (code >= 0) code = avcodec_send_frame(codec, frame);
        count = code < 0 ? code : count + drain(codec, packet);
        av_frame_free(&frame);
    }
    if (count >= 0 && avcodec_send_frame(codec, NULL) >= 0) count += drain(codec, packet);
    av_packet_free(&packet);
    avcodec_free_context(&codec);
    return count;
}

int confined_filter(const char *chain) {
    AVFilterGraph *graph = avfilter_graph_alloc();
    AVFilterContext *source = NULL, *sink = NULL;
    AVFilterInOut *inputs = avfilter_inout_alloc(), *outputs = avfilter_inout_alloc();
    const char *format = "video_size=320x180:pix_fmt=0:time_base=1/30:pixel_aspect=1/1";
    int code = avfilter_graph_create_filter(&source, avfilter_get_by_name("buffer"), "in", format, NULL, graph);
    if (code >= 0) code = avfilter_graph_create_filter(&sink, avfilter_get_by_name("buffersink"), "out", NULL, NULL, graph);
    outputs->name = av_strdup("in");
    outputs->filter_ctx = source;
    inputs->name = av_strdup("out");
    inputs->filter_ctx = sink;
    if (code >= 0) code = avfilter_graph_parse_ptr(graph, chain, &inputs, &outputs, NULL);
    if (code >= 0) code = avfilter_graph_config(graph, NULL);
    int count = 0;
    for (int index = 0; index < 12 && code >= 0; index++) {
        AVFrame *frame = av_frame_alloc();
        frame->format = AV_PIX_FMT_YUV420P;
        frame->width = 320;
        frame->height = 180;
        frame->pts = index;
        code = av_frame_get_buffer(frame, 0);
        if (code >= 0) code = av_buffersrc_add_frame(source, frame);
        while (code >= 0 && av_buffersink_get_frame(sink, frame) >= 0) {
            count++;
            av_frame_unref(frame);
        }
        av_frame_free(&frame);
    }
    avfilter_inout_free(&inputs);
    avfilter_inout_free(&outputs);
    avfilter_graph_free(&graph);
    return code < 0 ? code : count;
}
