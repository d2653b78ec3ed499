// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "live/probeschedule.h"

#include "base/text.h"

#include <algorithm>
#include <utility>

namespace tailscope::live {

namespace {

using State = ProbeStatus::State;

std::string seconds(ProbeSchedule::Millis interval)
{
    return humanMillis(static_cast<double>(interval.count()));
}

State stateOf(ProbeFit::Kind kind)
{
    switch (kind) {
    case ProbeFit::Kind::Fits:
        return State::Running;
    case ProbeFit::Kind::NotOnThisVersion:
        return State::NotOnThisVersion;
    case ProbeFit::Kind::NotOnThisSide:
        return State::NotOnThisSide;
    case ProbeFit::Kind::NeedsExtension:
        return State::NeedsExtension;
    }
    return State::Running;
}

} // namespace

ProbeSchedule::ProbeSchedule(std::span<const Probe *const> probes)
{
    for (const Probe *probe : probes) {
        Entry entry;
        entry.probe = probe;
        entry.status.probe = probe;
        m_entries.push_back(std::move(entry));
    }
}

ProbeSchedule::Entry *ProbeSchedule::find(const Probe *probe)
{
    const auto found = std::find_if(m_entries.begin(), m_entries.end(),
        [&](const Entry &entry) { return entry.probe == probe; });
    return found == m_entries.end() ? nullptr : &*found;
}

void ProbeSchedule::setOptions(const SamplerOptions &options, Time now)
{
    m_options = options;
    for (Entry &entry : m_entries) {
        entry.doublings = entry.overBudget = entry.fits = 0;
        if (m_facts)
            decide(entry);
        entry.due = std::min(entry.due, now + interval(entry));
    }
}

void ProbeSchedule::setFacts(std::shared_ptr<const ServerFacts> facts, Time now)
{
    m_facts = std::move(facts);
    for (Entry &entry : m_entries) {
        entry.doublings = entry.overBudget = entry.fits = entry.failuresInARow = 0;
        entry.due = now;
        decide(entry);
    }
}

/// What the server cannot answer is not asked: why, in words.
void ProbeSchedule::decide(Entry &entry)
{
    const auto chosen = m_options.intervals.find(entry.probe->id);
    if (chosen != m_options.intervals.end() && chosen->second.count() <= 0) {
        entry.status.state = State::Off;
        entry.status.reason = "switched off";
        return;
    }
    ProbeFit fit = fitOf(*entry.probe, *m_facts);
    entry.status.state = stateOf(fit.kind);
    entry.status.reason = std::move(fit.reason);
}

bool ProbeSchedule::canRun(const Entry &entry) const
{
    switch (entry.status.state) {
    case State::Running:
    case State::NotWanted:
    case State::Denied:
    case State::Failing:
    case State::BackedOff:
        return m_facts != nullptr;
    default:
        return false;
    }
}

/// As asked for, without back-off.
ProbeSchedule::Millis ProbeSchedule::plannedInterval(const Entry &entry) const
{
    const auto chosen = m_options.intervals.find(entry.probe->id);
    if (chosen != m_options.intervals.end() && chosen->second.count() > 0)
        return std::max(chosen->second, kShortest);
    Millis planned = entry.probe->interval * m_options.interval.count() / 1000;
    if (entry.probe->intervalFor && m_facts)
        planned = std::max(planned, entry.probe->intervalFor(*m_facts, state));
    return std::max(planned, kShortest);
}

ProbeSchedule::Millis ProbeSchedule::interval(const Entry &entry) const
{
    return plannedInterval(entry) * (1 << entry.doublings);
}

const Probe *ProbeSchedule::next(Time now)
{
    for (;;) {
        Entry *best = nullptr;
        double longest = -1;
        for (Entry &entry : m_entries) {
            if (!canRun(entry) || entry.due > now)
                continue;
            // By its own measure: a probe of a minute shall not go before one of a second.
            const double waited = std::chrono::duration<double>(now - entry.due).count()
                / std::chrono::duration<double>(interval(entry)).count();
            const double rank = entry.isForced ? 1e9 : waited;
            if (rank > longest) {
                longest = rank;
                best = &entry;
            }
        }
        if (!best)
            return nullptr;
        const bool forced = std::exchange(best->isForced, false);
        // The next turn keeps the beat, unless turns were missed.
        best->due += interval(*best);
        if (best->due <= now)
            best->due = now + interval(*best);
        if (!forced && best->probe->isWanted && !best->probe->isWanted(*m_facts, state)) {
            best->status.state = State::NotWanted;
            best->status.reason = "there is nothing to ask for at the moment";
            continue;
        }
        return best->probe;
    }
}

ProbeSchedule::Time ProbeSchedule::nextDue() const
{
    Time due = Time::max();
    for (const Entry &entry : m_entries) {
        if (canRun(entry))
            due = std::min(due, entry.due);
    }
    return due;
}

void ProbeSchedule::runNow(std::string_view probe, Time now)
{
    for (Entry &entry : m_entries) {
        if (canRun(entry) && (probe.empty() || entry.probe->id == probe)) {
            entry.due = now;
            entry.isForced = true;
        }
    }
}

void ProbeSchedule::count(Entry &entry, std::chrono::nanoseconds took)
{
    ++entry.status.runs;
    entry.status.lastMs = std::chrono::duration<double, std::milli>(took).count();
    entry.sumMs += entry.status.lastMs;
    entry.status.meanMs = entry.sumMs / static_cast<double>(entry.status.runs);
}

std::optional<std::string> ProbeSchedule::succeeded(const Probe *probe, Time now,
    std::chrono::nanoseconds took, std::size_t rows, std::chrono::nanoseconds onTheWay)
{
    Entry *entry = find(probe);
    if (!entry)
        return std::nullopt;
    count(*entry, took);
    entry->status.lastRows = rows;
    entry->failuresInARow = 0;
    const std::string title(probe->title);
    std::optional<std::string> told;
    const Millis planned = interval(*entry);
    const bool isOverBudget = took - onTheWay > probe->budget;
    entry->overBudget = isOverBudget ? entry->overBudget + 1 : 0;
    const bool tooLong = took * kShareOfInterval > planned;
    if ((tooLong || entry->overBudget >= kRunsOverBudget) && entry->doublings < kMaxDoublings) {
        ++entry->doublings;
        entry->overBudget = entry->fits = 0;
        entry->due = now + interval(*entry);
        told = title + " took " + humanMillis(entry->status.lastMs) + ": asked every "
            + seconds(interval(*entry)) + " now";
    } else if (entry->doublings > 0) {
        const bool fits = took * kShareOfInterval <= planned / 2 && !isOverBudget;
        entry->fits = fits ? entry->fits + 1 : 0;
        if (entry->fits >= kRunsToRecover) {
            entry->fits = 0;
            --entry->doublings;
            entry->due = now + interval(*entry);
            told = title + " takes " + humanMillis(entry->status.lastMs) + ": asked every "
                + seconds(interval(*entry)) + " again";
        }
    }
    if (entry->doublings > 0) {
        entry->status.state = State::BackedOff;
        entry->status.reason
            = "it took " + humanMillis(entry->status.lastMs) + " of an interval of " + seconds(planned);
    } else {
        entry->status.state = State::Running;
        entry->status.reason.clear();
    }
    return told;
}

void ProbeSchedule::failed(const Probe *probe, Time now, std::chrono::nanoseconds took,
    std::string_view sqlState, std::string reason)
{
    Entry *entry = find(probe);
    if (!entry)
        return;
    count(*entry, took);
    ++entry->status.failures;
    entry->status.reason = std::move(reason);
    if (sqlState == "42501") {
        entry->status.state = State::Denied;
        entry->due = now + kAfterDenial;
        return;
    }
    entry->status.state = State::Failing;
    entry->failuresInARow = std::min(entry->failuresInARow + 1, 12);
    entry->due = now + std::min<Millis>(interval(*entry) * (1 << entry->failuresInARow), kLongestPause);
}

void ProbeSchedule::putOff(const Probe *probe, Time now, Millis pause, std::string reason)
{
    Entry *entry = find(probe);
    if (!entry || !canRun(*entry))
        return;
    entry->status.state = State::Failing;
    entry->status.reason = std::move(reason);
    entry->due = now + pause;
}

std::vector<ProbeStatus> ProbeSchedule::status() const
{
    std::vector<ProbeStatus> out;
    for (const Entry &entry : m_entries) {
        out.push_back(entry.status);
        out.back().interval = interval(entry);
    }
    return out;
}

ProbeSchedule::Millis ProbeSchedule::fastest() const
{
    Millis shortest = std::chrono::hours(24);
    for (const Entry &entry : m_entries) {
        if (entry.status.state == State::Running || entry.status.state == State::BackedOff)
            shortest = std::min(shortest, interval(entry));
    }
    return shortest;
}

} // namespace tailscope::live
