// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/statementspans.h"

#include "analysis/attributecolumns.h"
#include "analysis/calltexts.h"
#include "analysis/quantiles.h"
#include "analysis/spanscan.h"
#include "analysis/statementverdict.h"
#include "base/log.h"
#include "base/text.h"
#include "store/fingerprint.h"
#include "store/fingerprintcache.h"
#include "store/sqlcomments.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

namespace tailscope::analysis {

namespace {

constexpr std::array<std::string_view, 3> kTextKeys{"db.query.text", "db.statement", "sql.query"};
constexpr std::array<std::string_view, 3> kSystemKeys{"db.system.name", "db.system", "db.type"};
// Names of one execution, not of who runs it.
constexpr std::array<std::string_view, 6> kSingleTags{"traceparent", "tracestate", "trace_id", "span_id",
    "request_id", "requestid"};

/// What the attributes of a span say of its statement.
struct SpanText
{
    std::string text;
    std::size_t rank = kTextKeys.size(); ///< place of its key; the first wins
    bool isCache = false;

    void take(std::string_view key, std::string_view value)
    {
        for (std::size_t i = 0; i < kTextKeys.size() && i < rank; ++i) {
            if (key == kTextKeys[i] && !value.empty()) {
                rank = i;
                text = value;
            }
        }
        if (std::find(kSystemKeys.begin(), kSystemKeys.end(), key) != kSystemKeys.end())
            isCache = isCache || namesCache(value);
    }
};

/// Placeholders whose values nobody tells: equal texts may be different questions.
bool hasPlaceholder(std::string_view sql)
{
    return sql.find('$') != std::string_view::npos || sql.find('?') != std::string_view::npos
        || sql.find("%s") != std::string_view::npos || sql.find(" :") != std::string_view::npos;
}

class SpanStatements
{
public:
    SpanStatements(store::Database &reader, const Progress &progress)
        : m_reader(reader)
        , m_progress(progress)
    {}
    Result<std::vector<StatementFigures>> run();

private:
    struct Group
    {
        StatementFigures figures;
        std::vector<Nanos> durations;
        std::unordered_set<std::uint64_t> questions;
        bool questionsKnown = true;
    };

    Result<bool> hasTexts();
    Result<void> readSets();
    Result<void> scan(const IdRun &run, Nanos offset);
    void takeSpan(const store::Statement &row, Nanos offset);
    void add(const std::string &text, Nanos start, Nanos duration);
    Group *groupOf(std::string_view text);
    Result<std::vector<StatementFigures>> finish();

    store::Database &m_reader;
    const Progress &m_progress;
    std::unordered_map<std::int64_t, SpanText> m_sets; ///< attribute sets that name a statement or a system
    store::FingerprintCache m_fingerprints;
    std::unordered_map<std::string, std::size_t> m_index; ///< by fingerprint
    std::vector<Group> m_groups;
    std::int64_t m_left = 0; ///< spans of statements beyond the bound
    std::int64_t m_done = 0;
};

Result<bool> SpanStatements::hasTexts()
{
    // Keys are interned before anything is decided about their values, unless the table of strings is full.
    Result<store::Statement> keys = m_reader.prepare(
        "SELECT EXISTS (SELECT 1 FROM string WHERE text IN ('db.query.text', 'db.statement', 'sql.query'))"
        " OR (SELECT count(*) FROM (SELECT 1 FROM string LIMIT 500000)) = 500000");
    if (!keys)
        return tl::unexpected(std::move(keys.error()));
    const Result<bool> row = keys->step();
    if (!row)
        return tl::unexpected(row.error());
    return *row && keys->integer(0) != 0;
}

Result<void> SpanStatements::readSets()
{
    Result<store::Statement> rows
        = m_reader.prepare("SELECT i.set_id, k.text, CASE WHEN i.type = 1 AND typeof(i.value) = 'integer'"
                           " THEN (SELECT text FROM string WHERE id = i.value) ELSE i.value END"
                           " FROM attribute_set_item AS i JOIN string AS k ON k.id = i.key_id"
                           " WHERE i.key_id IN (SELECT id FROM string WHERE text IN ('db.query.text', "
                           "'db.statement', 'sql.query',"
                           " 'db.system.name', 'db.system', 'db.type')) ORDER BY i.set_id, i.position");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    for (;;) {
        const Result<bool> row = rows->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return {};
        m_sets[rows->integer(0)].take(rows->text(1), rows->text(2));
    }
}

SpanStatements::Group *SpanStatements::groupOf(std::string_view text)
{
    store::FingerprintCache::Known &known = m_fingerprints.find(text);
    if (known.fingerprint.empty())
        return nullptr;
    if (known.mark == 1)
        return &m_groups[static_cast<std::size_t>(known.index)];
    const auto found = m_index.find(known.fingerprint);
    std::size_t index = found == m_index.end() ? m_groups.size() : found->second;
    if (found == m_index.end()) {
        if (m_groups.size() >= kMaxSpanStatements) {
            ++m_left;
            return nullptr;
        }
        m_index.emplace(known.fingerprint, index);
        Group group;
        group.figures.origin = StatementOrigin::Span;
        group.figures.fingerprint = known.fingerprint;
        group.figures.text = text;
        m_groups.push_back(std::move(group));
    }
    known.mark = 1;
    known.index = static_cast<std::int64_t>(index);
    return &m_groups[index];
}

void SpanStatements::add(const std::string &text, Nanos start, Nanos duration)
{
    Group *group = groupOf(text);
    if (!group)
        return;
    StatementFigures &sum = group->figures;
    ++sum.calls;
    const bool isTimed = duration != kUnknownNanos && duration >= 0;
    const double ms = isTimed ? double(duration) / 1e6 : 0;
    if (isTimed) {
        ++sum.timed;
        sum.totalMs += ms;
        group->durations.push_back(duration);
    }
    if (start != kUnknownNanos) {
        sum.firstNs = sum.firstNs == kUnknownNanos ? start : std::min(sum.firstNs, start);
        sum.lastNs = sum.lastNs == kUnknownNanos ? start : std::max(sum.lastNs, start);
    }
    group->questionsKnown = group->questionsKnown && !hasPlaceholder(text);
    if (group->questionsKnown && group->questions.size() <= std::size_t(kFewQuestions))
        group->questions.insert(hash64(text));
    addStatementTags(sum.tags, text, ms);
}

void SpanStatements::takeSpan(const store::Statement &row, Nanos offset)
{
    const auto set = m_sets.find(row.integer(1));
    const bool hasOwn = !row.isNull(2) && row.text(2).find("db.") != std::string_view::npos;
    const bool hasQuery = !row.isNull(2) && row.text(2).find("sql.query") != std::string_view::npos;
    if (set == m_sets.end() && !hasOwn && !hasQuery)
        return;
    const Nanos start = row.isNull(3) ? kUnknownNanos : saturatingAdd(row.integer(3), offset);
    const Nanos duration = row.isNull(4) ? kUnknownNanos : row.integer(4);
    if (!hasOwn && !hasQuery) {
        if (!set->second.isCache && !set->second.text.empty())
            add(set->second.text, start, duration);
        return;
    }
    SpanText span = set == m_sets.end() ? SpanText{} : set->second;
    JsonMembers members(row.text(2));
    std::string_view key, value;
    while (members.next(key, value))
        span.take(key, value);
    if (!span.isCache && !span.text.empty())
        add(span.text, start, duration);
}

Result<void> SpanStatements::scan(const IdRun &run, Nanos offset)
{
    Result<store::Statement> rows = m_reader.prepare(
        "SELECT id, attribute_set, attributes, start_ns, duration_ns FROM span_raw WHERE id BETWEEN ? AND ?");
    if (!rows)
        return tl::unexpected(std::move(rows.error()));
    // Snapshots are given up between chunks, so that a writer's log can be folded back.
    for (std::int64_t at = 0; at < run.count; at += SpanScan::kChunk) {
        rows->bind(0, run.first + at);
        rows->bind(1, run.first + std::min(run.count, at + SpanScan::kChunk) - 1);
        for (;;) {
            const Result<bool> row = rows->step();
            if (!row)
                return tl::unexpected(row.error());
            if (!*row)
                break;
            takeSpan(*rows, offset);
            if (++m_done % 65536 != 0)
                continue;
            m_progress.update({"statements of spans", std::uint64_t(m_done), 0, 0});
            if (m_progress.isCancelled())
                return fail(ErrorCode::Cancelled, "statements", "cancelled");
        }
        rows->reset();
    }
    return {};
}

Result<std::vector<StatementFigures>> SpanStatements::finish()
{
    if (m_left > 0)
        qCWarning(lcAnalysis, "statements: %lld spans of statements beyond the first %zu were left out",
            static_cast<long long>(m_left), kMaxSpanStatements);
    Result<store::Statement> known = m_reader.prepare("SELECT id FROM statement WHERE fingerprint = ?");
    if (!known)
        return tl::unexpected(std::move(known.error()));
    std::vector<StatementFigures> out;
    for (Group &group : m_groups) {
        StatementFigures &figures = group.figures;
        known->bind(0, figures.fingerprint);
        const Result<bool> row = known->step();
        if (!row)
            return tl::unexpected(row.error());
        figures.statement = *row ? known->integer(0) : 0;
        known->reset();
        setDurations(figures, group.durations);
        if (group.questionsKnown)
            figures.questions = static_cast<std::int64_t>(group.questions.size());
        out.push_back(std::move(figures));
        group = {};
    }
    std::sort(out.begin(), out.end(),
        [](const auto &a, const auto &b) { return a.fingerprint < b.fingerprint; });
    return out;
}

Result<std::vector<StatementFigures>> SpanStatements::run()
{
    const Result<bool> has = hasTexts();
    if (!has)
        return tl::unexpected(has.error());
    if (!*has)
        return std::vector<StatementFigures>{};
    TS_TRY(readSets());
    const Result<std::vector<ScanSource>> sources = visibleSources(m_reader);
    if (!sources)
        return tl::unexpected(sources.error());
    const Result<std::vector<IdRun>> runs = idRuns(m_reader, *sources, store::Family::Span);
    if (!runs)
        return tl::unexpected(runs.error());
    for (const IdRun &run : *runs)
        TS_TRY(scan(run, (*sources)[run.source].offsetNs));
    return finish();
}

} // namespace

void addStatementTags(StatementTags &tags, std::string_view sql, double ms)
{
    for (store::SqlTag &tag : store::sqlTags(sql)) {
        if (std::find(kSingleTags.begin(), kSingleTags.end(), toLowerAscii(tag.key)) != kSingleTags.end())
            continue;
        std::pair<std::string, std::string> name(std::move(tag.key), std::move(tag.value));
        auto found = tags.find(name);
        if (found == tags.end() && tags.size() >= kMaxTagsOfStatement)
            continue;
        StatementTagSum &sum = found == tags.end() ? tags[std::move(name)] : found->second;
        ++sum.calls;
        sum.totalMs += ms;
    }
}

void setDurations(StatementFigures &figures, std::vector<Nanos> &durations)
{
    if (durations.empty())
        return;
    const auto ms = [&](Quantile q) { return double(*percentile(durations, q)) / 1e6; };
    figures.p50Ms = ms(kP50);
    figures.p99Ms = ms(kP99);
    figures.maxMs = double(*std::max_element(durations.begin(), durations.end())) / 1e6;
}

Result<std::vector<StatementFigures>> statementsOfSpans(const store::Workspace &workspace,
    const Progress &progress)
{
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return tl::unexpected(std::move(reader.error()));
    return SpanStatements(*reader, progress).run();
}

} // namespace tailscope::analysis
