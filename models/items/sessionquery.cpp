// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/sessionquery.h"

#include "base/text.h"

#include <algorithm>
#include <limits>
#include <set>

namespace tailscope::items {

using analysis::SessionRow;

namespace {

constexpr std::size_t kMaxLine = 400;
constexpr int kStepsOfGap = 3;

std::string oneLine(std::string_view text)
{
    std::string line;
    for (const char c : utf8Prefix(text, kMaxLine * 2)) {
        const bool blank = c == '\n' || c == '\r' || c == '\t' || c == ' ';
        if (!blank)
            line += c;
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
    }
    return std::string(utf8Prefix(line, kMaxLine));
}

std::string waitText(const SessionRow &row)
{
    return row.waitType.empty() ? std::string()
        : row.waitEvent.empty() ? row.waitType
                                : row.waitType + ": " + row.waitEvent;
}

/// Workers of a parallel query have no connection of their own. Without pg_monitor the server tells of no
/// process what it is; its own ones have no user then.
bool countsAsConnection(const SessionRow &row)
{
    return row.backendType == "client backend" || (row.backendType.empty() && !row.user.empty());
}

} // namespace

Result<void> StatementTexts::load(store::Database &reader, const std::vector<std::int64_t> &ids)
{
    std::vector<std::int64_t> missing;
    {
        const std::lock_guard lock(m_mutex);
        std::copy_if(ids.begin(), ids.end(), std::back_inserter(missing),
            [this](std::int64_t id) { return id != 0 && !m_texts.contains(id); });
    }
    if (missing.empty())
        return {};
    auto query = reader.prepare("SELECT coalesce(normalized, text), text FROM statement WHERE id = ?");
    if (!query)
        return fail(query.error());
    for (const std::int64_t id : missing) {
        query->bind(0, id);
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        const std::lock_guard lock(m_mutex);
        m_texts[id] = *row ? Text{std::string(query->text(0)), std::string(query->text(1))} : Text();
        query->reset();
    }
    return {};
}

StatementTexts::Text StatementTexts::text(std::int64_t id) const
{
    const std::lock_guard lock(m_mutex);
    const auto found = m_texts.find(id);
    return found == m_texts.end() ? Text() : found->second;
}

SessionTone toneOf(const SessionRow &row)
{
    if (row.state.empty()) {
        // Of another user's session the server says nothing but who and since when.
        return row.isClient() && row.waitType.empty() ? SessionTone::Hidden : SessionTone::Background;
    }
    if (row.isActive())
        return row.waitType == "Lock" ? SessionTone::LockWait
            : row.isWaiting()         ? SessionTone::Waiting
                                      : SessionTone::Active;
    if (row.isInTransaction())
        return row.state == "idle in transaction" ? SessionTone::InTransaction : SessionTone::Aborted;
    return SessionTone::Idle;
}

Result<SessionList> sessionList(const store::Workspace &workspace, Nanos moment, StatementTexts &texts,
    const Progress &progress)
{
    auto reader = workspace.connectReader();
    if (!reader)
        return fail(reader.error());
    reader->setCancel(progress.cancel);
    auto servers = analysis::sampledServers(*reader);
    if (!servers)
        return fail(servers.error());
    SessionList list;
    list.moment = moment == kUnknownNanos ? std::numeric_limits<Nanos>::max() / 2 : moment;
    std::vector<std::int64_t> statements;
    for (analysis::SampledServer &server : *servers) {
        if (!server.hasSessions)
            continue;
        auto sessions = analysis::sessionsAt(*reader, server, list.moment, progress);
        if (!sessions)
            return fail(sessions.error());
        const auto locks = analysis::locksAt(*reader, server,
            sessions->sampleNs == kUnknownNanos ? list.moment
                                                : saturatingAdd(sessions->sampleNs, kNanosPerSecond / 2),
            progress);
        if (!locks)
            return fail(locks.error());
        std::map<std::int64_t, std::set<std::int64_t>> above, below;
        for (const analysis::BlockingEdge &edge : locks->edges) {
            above[edge.blocked].insert(edge.blocker);
            below[edge.blocker].insert(edge.blocked);
        }
        SessionServer shown{std::move(server), sessions->sampleNs, 0};
        for (SessionRow &row : sessions->rows) {
            SessionItem item;
            item.server = list.servers.size();
            if (const auto found = above.find(row.pid); found != above.end())
                item.blockedBy.assign(found->second.begin(), found->second.end());
            if (const auto found = below.find(row.pid); found != below.end())
                item.blocks.assign(found->second.begin(), found->second.end());
            shown.connections += countsAsConnection(row) ? 1 : 0;
            statements.push_back(row.statementId);
            item.row = std::move(row);
            list.items.push_back(std::move(item));
        }
        list.servers.push_back(std::move(shown));
    }
    std::sort(statements.begin(), statements.end());
    statements.erase(std::unique(statements.begin(), statements.end()), statements.end());
    TS_TRY(texts.load(*reader, statements));
    for (SessionItem &item : list.items) {
        if (item.row.statementId != 0)
            item.query = oneLine(texts.text(item.row.statementId).normalized);
    }
    return list;
}

Result<std::vector<SessionStretch>> sessionHistory(const store::Workspace &workspace,
    const analysis::SampledServer &server, std::int64_t pid, Nanos backendStart, const TimeRange &range,
    const Progress &progress)
{
    auto reader = workspace.connectReader();
    if (!reader)
        return fail(reader.error());
    reader->setCancel(progress.cancel);
    analysis::SampleTexts texts(*reader);
    std::vector<SessionRow> rows;
    const TimeRange wide{saturatingSub(range.begin, analysis::kSessionKeyframe), range.end};
    TS_TRY(analysis::eachSample(*reader, "session_sample_raw", server, wide, analysis::kSessionColumns,
        " AND r.pid = " + std::to_string(pid), progress, [&](const store::Statement &query, Nanos) {
            SessionRow row = analysis::readSessionRow(query, texts);
            if (backendStart == kUnknownNanos || row.backendStart == kUnknownNanos
                || row.backendStart == backendStart)
                rows.push_back(std::move(row));
        }));
    const auto times = analysis::sessionSampleTimes(*reader, server, wide, progress);
    if (!times)
        return fail(times.error());
    const Nanos step = analysis::sampleStep(*times);
    std::stable_sort(rows.begin(), rows.end(),
        [](const SessionRow &a, const SessionRow &b) { return a.ts < b.ts; });
    std::vector<SessionStretch> out;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const SessionRow &row = rows[i];
        const bool isKept = server.isRecording && !row.isStoredAlways();
        const Nanos most = isKept ? analysis::kSessionKeyframe : kStepsOfGap * step;
        // After the last row one step is known, of an idle one until it would have been stored again.
        const Nanos end = i + 1 < rows.size() && rows[i + 1].ts - row.ts <= most
            ? rows[i + 1].ts
            : saturatingAdd(row.ts, isKept ? most : step);
        const TimeRange time{std::max(row.ts, range.begin), std::min(end, range.end)};
        if (time.isEmpty())
            continue;
        SessionStretch stretch{time, toneOf(row), row.state, waitText(row), row.statementId, 1};
        if (!out.empty() && out.back().time.end == time.begin && out.back().tone == stretch.tone
            && out.back().state == stretch.state && out.back().wait == stretch.wait
            && out.back().statementId == stretch.statementId) {
            out.back().time.end = time.end;
            ++out.back().samples;
        } else {
            out.push_back(std::move(stretch));
        }
    }
    return out;
}

} // namespace tailscope::items
