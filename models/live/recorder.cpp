// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/recorder.h"

#include "base/text.h"
#include "import/importrecord.h"
#include "live/eventwatch.h"
#include "live/retention.h"
#include "live/servermapper.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <variant>

namespace tailscope::live {

namespace {

using Clock = std::chrono::steady_clock;
using Kind = ServerEvent::Kind;

/// How long the thread sleeps where nothing comes.
constexpr std::chrono::milliseconds kTick{250};
constexpr std::chrono::seconds kSizeEvery{5}, kRetentionEvery{60}, kRateAfter{60};
constexpr double kSecondsPerHour = 3600;

Nanos nowNs()
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::system_clock::now().time_since_epoch())
        .count();
}

std::int64_t fileBytes(const std::filesystem::path &path)
{
    std::int64_t sum = 0;
    for (const char *suffix : {"", "-wal"}) {
        std::error_code error;
        const auto size = std::filesystem::file_size(path.string() + suffix, error);
        sum += error ? 0 : static_cast<std::int64_t>(size);
    }
    return sum;
}

} // namespace

struct Recorder::Impl
{
    /// What waits to be stored.
    struct Item
    {
        std::variant<Sample, ServerEvent> what;
        std::size_t bytes = 0;
        Clock::time_point since{};
    };
    /// Rows up to here are of samples up to this time.
    struct Mark
    {
        std::int64_t rows = 0;
        Nanos firstNs = 0, lastNs = 0;
    };

    Impl(std::shared_ptr<const store::Workspace> at, std::unique_ptr<store::BulkWriter> to, Options with)
        : workspace(std::move(at))
        , writer(std::move(to))
        , options(std::move(with))
    {
        for (const std::string &label : options.labels) {
            servers.push_back(std::make_unique<ServerMapper>(*writer, report, label));
            watches.push_back(std::make_unique<EventWatch>(servers.back()->sink()));
        }
        lostNs.assign(servers.size(), kUnknownNanos);
        told.sourceId = writer->sourceId();
        told.workspaceBytes = rateFromSize = fileBytes(workspace->path());
    }

    void run();
    void take(Item &item);
    void takeSample(Sample &sample);
    void takeEvent(const ServerEvent &notice);
    void event(const ServerMapper &server, std::string_view kind, Nanos from, Nanos to,
        std::string_view title, std::string_view detail);
    void cost(Nanos now);
    void everySoOften();
    void publish();
    Result<void> finish();

    const std::shared_ptr<const store::Workspace> workspace;
    const std::unique_ptr<store::BulkWriter> writer;
    const Options options;
    import::ImportReport report;
    std::vector<std::unique_ptr<ServerMapper>> servers;
    std::vector<std::unique_ptr<EventWatch>> watches;
    std::vector<Nanos> lostNs;
    std::vector<SeriesRef> cpuSeries;
    std::int64_t gaps = 0;
    Nanos firstNs = 0, lastNs = 0;
    std::deque<Mark> marks;
    std::int64_t rateFromSize = 0;
    Clock::time_point rateFrom{};
    Clock::time_point began{}, lastGenerations{}, lastCost{}, lastSize{}, lastRetention{};
    std::int64_t rowsAtGenerations = 0;
    std::optional<Error> retentionError;

    mutable std::mutex mutex; // of what is below
    std::condition_variable changed;
    std::deque<Item> queue;
    std::size_t waiting = 0;
    bool stopping = false, finished = false;
    RecordingStatus told;
    std::thread thread;
};

Recorder::Recorder(std::shared_ptr<const store::Workspace> workspace,
    std::unique_ptr<store::BulkWriter> writer, Options options)
    : m_impl(std::make_unique<Impl>(std::move(workspace), std::move(writer), std::move(options)))
{}

Recorder::~Recorder() { (void)stop(); }

void Recorder::start()
{
    m_impl->began = m_impl->lastGenerations = m_impl->lastRetention = Clock::now();
    m_impl->thread = std::thread([this] { m_impl->run(); });
}

bool Recorder::offer(Sample &&sample)
{
    Impl &impl = *m_impl;
    const std::size_t bytes = sizeof(Impl::Item) + sample.rows.bytes();
    const std::lock_guard guard(impl.mutex);
    const Clock::time_point now = Clock::now();
    const bool isLate = !impl.queue.empty() && now - impl.queue.front().since > kLongestWait;
    // A single answer may be larger than all that may wait.
    if (impl.stopping || isLate || (!impl.queue.empty() && impl.waiting + bytes > kMaxWaitingBytes))
        return false;
    impl.waiting += bytes;
    impl.queue.push_back({std::move(sample), bytes, now});
    impl.changed.notify_one();
    return true;
}

void Recorder::note(ServerEvent &&event)
{
    Impl &impl = *m_impl;
    const std::lock_guard guard(impl.mutex);
    impl.waiting += sizeof(Impl::Item);
    impl.queue.push_back({std::move(event), sizeof(Impl::Item), Clock::now()});
    impl.changed.notify_one();
}

RecordingStatus Recorder::status() const
{
    Impl &impl = *m_impl;
    const std::lock_guard guard(impl.mutex);
    RecordingStatus status = impl.told;
    status.waitingBytes = impl.waiting;
    return status;
}

Result<void> Recorder::stop()
{
    Impl &impl = *m_impl;
    {
        const std::lock_guard guard(impl.mutex);
        if (std::exchange(impl.finished, true))
            return {};
        impl.stopping = true;
        impl.changed.notify_one();
    }
    impl.writer->giveUp(); // a full disk is waited for no longer
    if (impl.thread.joinable())
        impl.thread.join();
    return impl.finish();
}

void Recorder::Impl::run()
{
    for (;;) {
        std::deque<Item> items;
        {
            std::unique_lock lock(mutex);
            changed.wait_for(lock, kTick, [this] { return stopping || !queue.empty(); });
            if (queue.empty() && stopping)
                return;
            items.swap(queue);
        }
        // One at a time: each may have to wait for the writer, and until then it counts as waiting.
        while (!items.empty()) {
            take(items.front());
            const std::size_t bytes = items.front().bytes;
            items.pop_front();
            std::unique_lock lock(mutex);
            waiting -= bytes;
        }
        writer->flush();
        everySoOften();
        publish();
    }
}

void Recorder::Impl::take(Item &item)
{
    if (Sample *sample = std::get_if<Sample>(&item.what))
        takeSample(*sample);
    else
        takeEvent(std::get<ServerEvent>(item.what));
}

void Recorder::Impl::takeSample(Sample &sample)
{
    if (sample.server >= servers.size())
        return;
    ServerMapper &server = *servers[sample.server];
    server.take(sample);
    if (!sample.error)
        watches[sample.server]->take(sample);
    if (server.sawStatementReset())
        event(server, "statistics_reset", sample.sentNs, kUnknownNanos,
            "the counters of pg_stat_statements began anew", {});
    if (firstNs == 0)
        firstNs = sample.sentNs;
    lastNs = std::max(lastNs, sample.receivedNs);
    marks.push_back({writer->rowsTaken(), firstNs, lastNs});
}

void Recorder::Impl::event(const ServerMapper &server, std::string_view kind, Nanos from, Nanos to,
    std::string_view title, std::string_view detail)
{
    EventRow row;
    row.tsNs = from;
    row.endNs = to;
    row.kind = kind;
    row.service = const_cast<ServerMapper &>(server).sink().label();
    row.title = title;
    row.detail = detail;
    writer->event(row);
}

void Recorder::Impl::takeEvent(const ServerEvent &notice)
{
    if (notice.server >= servers.size())
        return;
    ServerMapper &server = *servers[notice.server];
    const bool isNew = notice.kind == Kind::Connected || notice.kind == Kind::Reconnected;
    if (isNew && notice.facts) {
        server.connected(notice.facts, notice.kind == Kind::Connected ? notice.tsNs : notice.endNs);
        watches[notice.server]->connected();
    }
    switch (notice.kind) {
    case Kind::Connected:
        return;
    case Kind::Lost:
        lostNs[notice.server] = notice.tsNs;
        return;
    case Kind::Reconnected:
        // A connection that was given up to ask again leaves no gap worth the name.
        if (lostNs[notice.server] != kUnknownNanos) {
            ++gaps;
            event(server, "gap", std::exchange(lostNs[notice.server], kUnknownNanos), notice.endNs,
                "no connection", notice.detail);
        }
        event(server, "reconnect", notice.endNs, kUnknownNanos, notice.title, notice.detail);
        return;
    case Kind::Gap:
        ++gaps;
        event(server, "gap", notice.tsNs, notice.endNs, notice.title, notice.detail);
        return;
    default:
        event(server, toText(notice.kind), notice.tsNs, notice.endNs, notice.title, notice.detail);
    }
}

void Recorder::Impl::cost(Nanos now)
{
    if (!options.clientCpu || servers.empty())
        return;
    if (cpuSeries.empty()) {
        SeriesRow series;
        series.metric = series.foreignName = "tailscope.live.cpu";
        series.labelsJson = "{}";
        series.unit = "1";
        series.kind = SeriesKind::Gauge;
        cpuSeries.push_back(writer->series(series));
    }
    writer->point(cpuSeries.front(), now, options.clientCpu());
}

void Recorder::Impl::everySoOften()
{
    const Clock::time_point now = Clock::now();
    if (now - lastCost >= kCostEvery) {
        lastCost = now;
        cost(nowNs());
    }
    const std::int64_t rows = writer->rowsCommitted();
    if (now - lastGenerations >= kGenerationsEvery && rows != rowsAtGenerations) {
        lastGenerations = now;
        rowsAtGenerations = rows;
        (void)writer->bumpGenerations(); // the next one tells as much
    }
    // Before there is something that old a look for it walks over what other sources stored.
    const bool hasOld = firstNs != 0
        && nowNs() - firstNs > std::chrono::duration_cast<std::chrono::nanoseconds>(options.keepRaw).count();
    if (options.keepRaw.count() > 0 && hasOld && now - lastRetention >= kRetentionEvery) {
        lastRetention = now;
        Retention retention(*workspace, writer->sourceId(), options.keepRaw, options.keepMinutes);
        const Result<std::int64_t> done = retention.run(nowNs());
        retentionError = done ? std::nullopt : std::optional(done.error());
    }
}

void Recorder::Impl::publish()
{
    const std::int64_t committed = writer->rowsCommitted();
    std::int64_t unchanged = 0;
    for (const auto &server : servers)
        unchanged += server->unchanged();
    const Clock::time_point now = Clock::now();
    std::optional<std::int64_t> size;
    if (now - lastSize >= kSizeEvery) {
        lastSize = now;
        size = fileBytes(workspace->path());
    }
    const std::lock_guard guard(mutex);
    while (!marks.empty() && marks.front().rows <= committed) {
        told.startNs = marks.front().firstNs;
        told.lastNs = marks.front().lastNs;
        marks.pop_front();
    }
    told.rows = committed;
    told.unchangedRows = unchanged;
    told.gaps = gaps;
    told.error = writer->trouble();
    if (!told.error)
        told.error = retentionError;
    if (size) {
        told.workspaceBytes = *size;
        // What is stored first (settings, catalogs, texts, the log of the database) is stored once: from the
        // start on the rate would be ten times what it is.
        if (now - began < kRateAfter) {
            rateFrom = now;
            rateFromSize = *size;
        } else if (now - rateFrom >= kRateAfter) {
            const double hours = std::chrono::duration<double>(now - rateFrom).count() / kSecondsPerHour;
            told.bytesPerHour = std::max(0.0, static_cast<double>(*size - rateFromSize) / hours);
        }
    }
}

Result<void> Recorder::Impl::finish()
{
    const Nanos now = nowNs();
    for (std::size_t i = 0; i < servers.size(); ++i) {
        servers[i]->finish();
        watches[i]->finish(now);
        if (lostNs[i] != kUnknownNanos) {
            ++gaps;
            event(*servers[i], "gap", lostNs[i], now, "no connection", "until the end of the recording");
        }
    }
    store::BulkWriter::Ending ending;
    ending.rowsRead = report.rowsRead();
    ending.rowsSkipped = report.rowsSkipped();
    ending.importedAtNs = now;
    const Result<void> done = writer->finish(ending);
    lastSize = {};
    publish();
    {
        const std::lock_guard guard(mutex);
        told.lastNs = std::max(told.lastNs, done ? lastNs : told.lastNs);
        if (!done)
            told.error = done.error();
    }
    TS_TRY(done);
    return import::storeReport(*workspace, writer->sourceId(), report);
}

} // namespace tailscope::live
