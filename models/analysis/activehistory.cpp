// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/activehistory.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <unordered_map>

namespace tailscope::analysis {

namespace {

constexpr std::size_t kMostParts = 5'000;
constexpr std::size_t kMostSessions = 100'000; // distinct ones that are told apart
constexpr const char *kCpu = "CPU";
constexpr Nanos kMinute = 60 * kNanosPerSecond;

/// Puts counts into parts and bins.
class Adder
{
public:
    using Session = std::pair<std::int64_t, Nanos>; ///< process number and server, start; first 0 = none
    Adder(ActivityHistory &out, const ActivityRequest &request)
        : m_out(out)
        , m_request(request)
    {}
    /// ofBin, ofRange: what it adds to the average of its bin and of the whole range.
    void add(const std::string &key, std::int64_t statement, Nanos ts, double samples, double ofBin,
        double ofRange, const Session &session)
    {
        // Statements are told apart by id: their texts are read when they are shown.
        const std::string name
            = m_request.group == ActivityGroup::Statement ? '#' + std::to_string(statement) : key;
        auto found = m_places.find(name);
        if (found == m_places.end()) {
            if (m_out.parts.size() >= kMostParts) {
                m_out.leftOut += ofRange; // part of the whole all the same
                m_sampledLeftOut += samples;
                return;
            }
            found = m_places.emplace(name, m_out.parts.size()).first;
            m_out.parts.push_back({});
            m_out.parts.back().key = key;
            m_out.parts.back().statementId = statement;
            m_out.parts.back().bins.assign(m_out.bins, 0.0);
            m_sessions.emplace_back();
        }
        ActivityPart &part = m_out.parts[found->second];
        part.samples += samples;
        part.average += ofRange;
        const auto bin = std::size_t((ts - m_out.range.begin) / m_out.binNs);
        if (bin < part.bins.size())
            part.bins[bin] += ofBin;
        if (session.first != 0 && m_sessions[found->second].size() < kMostSessions)
            m_sessions[found->second].insert(session);
    }
    void finish(const std::vector<bool> &sampledBins)
    {
        for (std::size_t i = 0; i < m_out.parts.size(); ++i) {
            ActivityPart &part = m_out.parts[i];
            part.sessions = std::int64_t(m_sessions[i].size());
            m_out.sampled += part.samples;
            m_out.average += part.average;
            for (std::size_t bin = 0; bin < part.bins.size(); ++bin) {
                if (!sampledBins[bin])
                    part.bins[bin] = std::numeric_limits<double>::quiet_NaN();
            }
        }
        m_out.sampled += m_sampledLeftOut;
        m_out.average += m_out.leftOut;
        std::stable_sort(m_out.parts.begin(), m_out.parts.end(),
            [](const ActivityPart &a, const ActivityPart &b) {
                return a.average != b.average ? a.average > b.average : a.key < b.key;
            });
    }

private:
    ActivityHistory &m_out;
    const ActivityRequest &m_request;
    std::unordered_map<std::string, std::size_t> m_places;
    std::vector<std::set<Session>> m_sessions;
    double m_sampledLeftOut = 0;
};

std::string waitKey(const ActivityRequest &request, const std::string &type, const std::string &event)
{
    if (type.empty() && event.empty())
        return kCpu;
    return request.group == ActivityGroup::WaitType || event.empty() ? type : type + ": " + event;
}

bool passes(const ActivityRequest &request, const std::string &type, const std::string &event)
{
    if (request.waitType.empty())
        return true;
    if (request.waitType == kCpu)
        return type.empty() && event.empty();
    return type == request.waitType && (request.waitEvent.empty() || event == request.waitEvent);
}

/// Samples of a server by bin.
struct Clock
{
    std::vector<double> bins;
    double all = 0;
};
Clock clockOf(const std::vector<Nanos> &times, const ActivityHistory &out)
{
    Clock clock;
    clock.bins.assign(out.bins, 0.0);
    for (const Nanos ts : times) {
        const auto bin = std::size_t((ts - out.range.begin) / out.binNs);
        if (bin < clock.bins.size()) {
            ++clock.bins[bin];
            ++clock.all;
        }
    }
    return clock;
}

/// A minute that is kept no longer by the second (table session_minute).
struct Minute
{
    Nanos ts = 0;
    SessionRow row; ///< what is kept of it: all but the single session and its times
    double samples = 0, moments = 0;
};
Result<std::vector<Minute>> readMinutes(store::Database &reader, const SampledServer &server,
    const TimeRange &range, const Progress &progress)
{
    SampleTexts texts(reader);
    std::vector<Minute> minutes;
    TS_TRY(eachSample(reader, "session_minute_raw", server, range,
        "r.state_id, r.wait_event_type_id, r.wait_event_id, r.backend_type_id, r.statement_id, r.samples, "
        "r.moments, r.application_id, r.user_id, r.db_id",
        progress, [&](const store::Statement &row, Nanos ts) {
            Minute minute;
            minute.ts = ts;
            minute.row.state = texts.text(row, 1);
            minute.row.waitType = texts.text(row, 2);
            minute.row.waitEvent = texts.text(row, 3);
            minute.row.backendType = texts.text(row, 4);
            minute.row.statementId = row.integer(5);
            minute.samples = row.real(6);
            minute.moments = row.real(7);
            minute.row.application = texts.text(row, 8);
            minute.row.user = texts.text(row, 9);
            minute.row.db = texts.text(row, 10);
            if (minute.moments > 0)
                minutes.push_back(std::move(minute));
        }));
    return minutes;
}

/// Bins that a minute covers.
Nanos binsOfMinute(const ActivityHistory &out) { return std::max<Nanos>(1, kMinute / out.binNs); }

/// Adds the samples that minutes were made of, each minute once.
void addMinutesTo(Clock &clock, const std::vector<Minute> &minutes, const ActivityHistory &out)
{
    Nanos before = kUnknownNanos;
    const Nanos spread = binsOfMinute(out);
    for (const Minute &minute : minutes) {
        if (minute.ts == before)
            continue;
        before = minute.ts;
        clock.all += minute.moments;
        for (Nanos i = 0; i < spread; ++i) {
            const auto bin = std::size_t((minute.ts + i * out.binNs - out.range.begin) / out.binNs);
            if (bin < clock.bins.size())
                clock.bins[bin] += minute.moments / double(spread);
        }
    }
}

bool counts(const SessionRow &row, const ActivityRequest &request)
{
    const bool background = !row.isClient();
    const bool works = row.isActive() || (background && row.isStoredAlways() && row.state.empty());
    return works && (!background || request.withBackground) && row.waitType != "Activity"
        && passes(request, row.waitType, row.waitEvent);
}

std::string keyOf(const SessionRow &row, const ActivityRequest &request)
{
    switch (request.group) {
    case ActivityGroup::WaitType:
    case ActivityGroup::WaitEvent:
        return waitKey(request, row.waitType, row.waitEvent);
    case ActivityGroup::Statement:
        break;
    case ActivityGroup::Application:
        return row.application;
    case ActivityGroup::User:
        return row.user;
    case ActivityGroup::Database:
        return row.db;
    }
    return {};
}

void addMinutes(const std::vector<Minute> &minutes, const Clock &clock, const ActivityRequest &request,
    Adder &adder, const ActivityHistory &out)
{
    const Nanos spread = binsOfMinute(out);
    for (const Minute &minute : minutes) {
        if (minute.samples <= 0 || !counts(minute.row, request))
            continue;
        for (Nanos i = 0; i < spread; ++i) {
            const Nanos ts = minute.ts + i * out.binNs;
            const auto bin = std::size_t((ts - out.range.begin) / out.binNs);
            if (bin >= clock.bins.size() || clock.bins[bin] <= 0)
                continue;
            adder.add(keyOf(minute.row, request),
                request.group == ActivityGroup::Statement ? minute.row.statementId : 0, ts,
                i == 0 ? minute.samples : 0, minute.samples / double(spread) / clock.bins[bin],
                i == 0 ? minute.samples / clock.all : 0, {});
        }
    }
}

Result<void> addSessions(store::Database &reader, const SampledServer &server, const Clock &clock,
    const ActivityRequest &request, const Progress &progress, Adder &adder, const ActivityHistory &out)
{
    SampleTexts texts(reader);
    return eachSample(reader, "session_sample_raw", server, request.range, kSessionColumns, progress,
        [&](const store::Statement &query, Nanos ts) {
            const SessionRow row = readSessionRow(query, texts);
            const auto bin = std::size_t((ts - out.range.begin) / out.binNs);
            if (!counts(row, request) || bin >= clock.bins.size() || clock.bins[bin] <= 0)
                return;
            const Adder::Session session{row.pid + (server.ids.front() << 32), row.backendStart};
            adder.add(keyOf(row, request), request.group == ActivityGroup::Statement ? row.statementId : 0,
                ts, 1, 1.0 / clock.bins[bin], 1.0 / clock.all, session);
        });
}

/// Counts between two reads of the profile: samples x interval is time; it is put where the read was.
Result<std::vector<Nanos>> addWaitSampling(store::Database &reader, const SampledServer &server,
    const ActivityRequest &request, const Progress &progress, Adder &adder, const ActivityHistory &out,
    std::vector<bool> &sampledBins)
{
    struct Count
    {
        Nanos ts;
        std::string type, event;
        std::int64_t statement;
        double samples, intervalMs;
    };
    std::vector<Count> counts;
    std::vector<Nanos> times;
    SampleTexts texts(reader);
    TS_TRY(eachSample(reader, "wait_sample_raw", server, request.range,
        "r.wait_event_type_id, r.wait_event_id, r.statement_id, r.samples, r.interval_ms, r.origin", progress,
        [&](const store::Statement &row, Nanos ts) {
            if (row.text(6) != "pg_wait_sampling" || row.isNull(4) || row.isNull(5))
                return;
            if (times.empty() || times.back() != ts)
                times.push_back(ts);
            Count count{ts, texts.text(row, 1), {}, row.integer(3), row.real(4), row.real(5)};
            count.event = texts.text(row, 2);
            counts.push_back(std::move(count));
        }));
    std::sort(times.begin(), times.end());
    times.erase(std::unique(times.begin(), times.end()), times.end());
    // A read tells of the time since the one before it; where old reads were summed up that is a minute.
    const Nanos step = sampleStep(times);
    std::vector<Nanos> lengths(times.size(), step);
    for (std::size_t i = 1; i < times.size(); ++i) {
        if (times[i] - times[i - 1] <= kUsualStepLimit)
            lengths[i] = times[i] - times[i - 1];
    }
    double covered = 0;
    for (const Nanos length : lengths)
        covered += double(length);
    const auto lengthAt = [&](Nanos ts) {
        return lengths[std::size_t(std::lower_bound(times.begin(), times.end(), ts) - times.begin())];
    };
    const auto spreadOf = [&](Nanos length) { return std::max<Nanos>(1, length / out.binNs); };
    const Clock reads = clockOf(times, out);
    const auto binOf = [&](Nanos ts) { return std::size_t((ts - out.range.begin) / out.binNs); };
    for (const Nanos ts : times) {
        for (Nanos i = 0; i < spreadOf(lengthAt(ts)) && ts - i * out.binNs >= out.range.begin; ++i)
            sampledBins[binOf(ts - i * out.binNs)] = true;
    }
    for (const Count &count : counts) {
        // Sessions that wait for their client, or for work, are idle.
        const bool idle = count.type == "Activity" || (count.type == "Client" && count.event == "ClientRead");
        if (idle || !passes(request, count.type, count.event))
            continue;
        const Nanos length = lengthAt(count.ts), spread = spreadOf(length);
        const double average = count.samples * count.intervalMs * double(kNanosPerMilli) / double(length);
        const std::string key = waitKey(request, count.type, count.event);
        const double perRead = spread > 1 ? 1 : 1.0 / std::max(1.0, reads.bins[binOf(count.ts)]);
        for (Nanos i = 0; i < spread && count.ts - i * out.binNs >= out.range.begin; ++i) {
            adder.add(key, request.group == ActivityGroup::Statement ? count.statement : 0,
                count.ts - i * out.binNs, i == 0 ? count.samples : 0, average * perRead,
                i == 0 ? average * double(length) / covered : 0, {});
        }
    }
    return times;
}

/// Leaves of each server the rows that a source has of it.
Result<void> keepSource(store::Database &reader, std::int64_t source, std::vector<SampledServer> &servers)
{
    auto query = reader.prepare("SELECT id FROM server WHERE source_id = ?1");
    if (!query)
        return fail(query.error());
    query->bind(0, source);
    std::set<std::int64_t> ids{0}; // samples that name no server may be of any
    for (;;) {
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            break;
        ids.insert(query->integer(0));
    }
    for (SampledServer &server : servers)
        std::erase_if(server.ids, [&](std::int64_t id) { return !ids.contains(id); });
    std::erase_if(servers, [](const SampledServer &server) { return server.ids.empty(); });
    return {};
}

} // namespace

double ActivityPart::relativeBound() const
{
    return samples > 0 ? 1 / std::sqrt(samples) : std::numeric_limits<double>::quiet_NaN();
}

Nanos activityBin(Nanos length, Nanos step, int most)
{
    constexpr std::array<Nanos, 16> kSeconds{1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1'800, 3'600, 7'200,
        21'600, 86'400};
    const auto least = std::max<Nanos>({1, length / std::max(1, most), step});
    for (const Nanos seconds : kSeconds) {
        if (seconds * kNanosPerSecond >= least)
            return seconds * kNanosPerSecond;
    }
    return (least / (86'400 * kNanosPerSecond) + 1) * 86'400 * kNanosPerSecond;
}

Result<ActivityHistory> readActivity(store::Database &reader, const ActivityRequest &request,
    const Progress &progress)
{
    ActivityHistory out;
    out.range = request.range;
    auto servers = sampledServers(reader);
    if (!servers)
        return fail(servers.error());
    if (request.source != 0)
        TS_TRY(keepSource(reader, request.source, *servers));
    const auto sampling = reader.integer("SELECT EXISTS (SELECT 1 FROM wait_sample WHERE origin = "
                                         "'pg_wait_sampling')");
    if (!sampling)
        return fail(sampling.error());
    out.hasWaitSampling = sampling->value_or(0) != 0;
    std::vector<std::vector<Nanos>> times;
    for (const SampledServer &server : *servers) {
        out.hasSessions = out.hasSessions || server.hasSessions;
        auto sampled = sessionSampleTimes(reader, server, request.range, progress);
        if (!sampled)
            return fail(sampled.error());
        const Nanos step = sampled->size() > 1 ? sampleStep(*sampled) : 0;
        out.stepNs = out.stepNs == 0 ? step : step == 0 ? out.stepNs : std::min(out.stepNs, step);
        times.push_back(std::move(*sampled));
    }
    if (request.range.isEmpty())
        return out;
    out.binNs = activityBin(request.range.length(), out.stepNs, request.mostBins);
    out.bins = std::size_t((request.range.length() + out.binNs - 1) / out.binNs);
    std::vector<bool> sampledBins(out.bins);
    Adder adder(out, request);
    for (std::size_t i = 0; i < servers->size(); ++i) {
        if (request.fromWaitSampling) {
            const auto read
                = addWaitSampling(reader, (*servers)[i], request, progress, adder, out, sampledBins);
            if (!read)
                return fail(read.error());
            out.sampleCount += std::int64_t(read->size());
            continue;
        }
        Clock clock = clockOf(times[i], out);
        const auto minutes = readMinutes(reader, (*servers)[i], request.range, progress);
        if (!minutes)
            return fail(minutes.error());
        addMinutesTo(clock, *minutes, out);
        out.sampleCount += std::llround(clock.all);
        for (std::size_t bin = 0; bin < out.bins; ++bin)
            sampledBins[bin] = sampledBins[bin] || clock.bins[bin] > 0;
        TS_TRY(addSessions(reader, (*servers)[i], clock, request, progress, adder, out));
        addMinutes(*minutes, clock, request, adder, out);
    }
    adder.finish(sampledBins);
    return out;
}

} // namespace tailscope::analysis
