// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
// A workspace in its views, as the user feels it: time to the first useful picture, time until the columns
// are loaded, and the time of each frame while panning and zooming timeline and flame graph at 1600x900,
// drawn in software. A frame = the input and the whole repaint. Prints a table; exits 1 when a bound is
// missed.
//
//   bench_window WORKSPACE [--frames N] [--no-assert]
//   bench_window --open FILE    the time until a flame graph is painted while FILE is still being imported
#include "app/viewregistry.h"
#include "session/session.h"
#include "widgets/flame/flamecanvas.h"
#include "widgets/flame/flamescene.h"
#include "widgets/flame/flameview.h"
#include "widgets/timeline/timelinecanvas.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QTest>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

using namespace tailscope;

namespace {

constexpr double kMedianMs = 8, kP99Ms = 16, kFirstPaintSeconds = 1, kFirstFlameSeconds = 1.2;
bool g_missed = false;

double milliseconds(const QElapsedTimer &clock) { return double(clock.nsecsElapsed()) / 1e6; }

void bound(const char *name, double value, double limit, const char *unit)
{
    const bool held = value <= limit;
    g_missed |= !held;
    std::printf("  %-44s %10.2f %-3s (<= %g)  %s\n", name, value, unit, limit, held ? "ok" : "MISSED");
}

void printFrames(const char *name, std::vector<double> frames)
{
    std::sort(frames.begin(), frames.end());
    const double median = frames[frames.size() / 2];
    const double p99 = frames[std::min(frames.size() - 1, frames.size() * 99 / 100)];
    bound((std::string(name) + ", median").c_str(), median, kMedianMs, "ms");
    bound((std::string(name) + ", 99th").c_str(), p99, kP99Ms, "ms");
}

std::unique_ptr<widgets::View> makeView(session::Session &session, const char *id)
{
    const widgets::ViewDescriptor *row = app::viewById(QString::fromLatin1(id));
    std::unique_ptr<widgets::View> view(row->create(&session, nullptr));
    view->setViewId(row->id);
    view->resize(1600, 900);
    view->show();
    return view;
}

template<typename Ready>
double waitFor(const QElapsedTimer &clock, Ready &&ready)
{
    while (!ready())
        QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 5);
    return milliseconds(clock) / 1000;
}

/// Zooms in around a wandering place and out again, panning on each level: every frame shows other spans.
std::vector<double> timelineFrames(widgets::TimelineCanvas &canvas, int count)
{
    std::vector<double> frames;
    const TimeRange all = canvas.limits();
    for (int i = 0; i < count; ++i) {
        const int level = i % 40 < 20 ? i % 20 : 19 - i % 20;
        const auto length = std::max<Nanos>(1000, all.length() >> level);
        const Nanos room = all.length() - length;
        const Nanos begin = all.begin + Nanos(double(room) * double((i * 7919) % 1000) / 1000.0);
        QElapsedTimer clock;
        clock.start();
        canvas.setWindow({begin, begin + length}, false);
        canvas.repaint();
        frames.push_back(milliseconds(clock));
    }
    return frames;
}

std::vector<double> flameFrames(widgets::FlameCanvas &canvas, int count)
{
    std::vector<double> frames;
    canvas.resetZoom();
    const double low = canvas.low(), all = canvas.high() - low;
    for (int i = 0; i < count; ++i) {
        const int level = i % 32 < 16 ? i % 16 : 15 - i % 16;
        const double length = all / double(1 << level);
        const double begin = low + (all - length) * double((i * 7919) % 1000) / 1000.0;
        QElapsedTimer clock;
        clock.start();
        canvas.setWindow(begin, begin + length, false);
        canvas.repaint();
        frames.push_back(milliseconds(clock));
    }
    return frames;
}

/// From the order to open a file until frames are painted; the rows may still be coming in.
int benchOpening(const std::string &file, bool assertBounds)
{
    auto workspace = store::Workspace::temporary();
    if (!workspace) {
        std::fprintf(stderr, "bench_window: %s\n", workspace.error().toText().c_str());
        return 3;
    }
    session::Session session(std::move(*workspace));
    const auto flame = makeView(session, "flame");
    auto *canvas = flame->findChild<widgets::FlameCanvas *>();
    session.reload();
    QElapsedTimer clock;
    clock.start();
    waitFor(clock, [&] { return session.jobs()->isIdle(); });
    clock.restart();
    session.importFiles({QString::fromStdString(file)});
    waitFor(clock, [&] { return canvas->scene() && canvas->scene()->extent() > 0; });
    canvas->repaint();
    bound("first flame graph after opening a file", milliseconds(clock) / 1000, kFirstFlameSeconds, "s");
    std::printf("  %-44s %10.2f s\n", "everything loaded",
        waitFor(clock, [&] { return session.jobs()->isIdle() && !session.isLoading(); }));
    return g_missed && assertBounds ? 1 : 0;
}

} // namespace

int main(int argc, char **argv)
{
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    std::string file;
    int count = 400;
    bool assertBounds = true, isOpening = false;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--frames") == 0 && i + 1 < argc)
            count = std::max(10, std::atoi(argv[++i]));
        else if (std::strcmp(argv[i], "--no-assert") == 0)
            assertBounds = false;
        else if (std::strcmp(argv[i], "--open") == 0)
            isOpening = true;
        else
            file = argv[i];
    }
    if (isOpening)
        return benchOpening(file, assertBounds);
    QElapsedTimer clock;
    clock.start();
    auto workspace = store::Workspace::open(file);
    if (!workspace) {
        std::fprintf(stderr, "bench_window: %s\n", workspace.error().toText().c_str());
        return 3;
    }
    session::Session session(std::move(*workspace));
    const auto overview = makeView(session, "overview");
    const auto timeline = makeView(session, "timeline");
    session.reload();
    waitFor(clock, [&] { return session.context()->overview() != nullptr; });
    timeline->repaint();
    const double first = milliseconds(clock) / 1000;
    const double columns = waitFor(clock, [&] { return session.context()->columns() != nullptr; });
    const auto loaded = session.context()->columns();
    std::printf("%s: %zu spans, %zu lanes\n", file.c_str(), loaded->size(), loaded->lanes.size());
    bound("first useful paint after opening", first, kFirstPaintSeconds, "s");
    std::printf("  %-44s %10.2f s\n", "columns loaded", columns);
    bound("bytes a span after loading",
        double(loaded->bytes()) / double(std::max<std::size_t>(1, loaded->size())), 64, "B");
    const double ready = waitFor(clock, [&] { return overview->isReady() && timeline->isReady(); });
    std::printf("  %-44s %10.2f s\n", "overview with exact figures", ready);
    auto *lanes = timeline->findChild<widgets::TimelineCanvas *>();
    printFrames("timeline frame", timelineFrames(*lanes, count));

    QElapsedTimer flameClock;
    flameClock.start();
    const auto flame = makeView(session, "flame");
    std::printf("  %-44s %10.2f s\n", "merged flame graph ready",
        waitFor(flameClock, [&] { return flame->isReady(); }));
    auto *frames = flame->findChild<widgets::FlameCanvas *>();
    printFrames("merged flame graph frame", flameFrames(*frames, count));
    auto *view = static_cast<widgets::FlameView *>(flame.get());
    view->setMode(widgets::FlameView::Mode::TimeOrdered);
    waitFor(flameClock, [&] { return flame->isReady(); });
    printFrames("time-ordered flame graph frame", flameFrames(*frames, count));
    return g_missed && assertBounds ? 1 : 0;
}
