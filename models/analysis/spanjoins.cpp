// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/spanjoins.h"

#include "analysis/analysisrun.h"
#include "analysis/joinscan.h"
#include "base/log.h"
#include "base/text.h"

#include <bit>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

namespace tailscope::analysis {

namespace {

constexpr std::size_t kMaxTargets = 500'000; ///< lines and plans with a request or query id
constexpr std::size_t kMaxSpansOfTrace = 2'000'000;
constexpr std::size_t kMaxJoinsOfSpan = 10'000; ///< of one value, per span

#define TS_SHOWN(table) table ".source_id IN (SELECT id FROM source_raw WHERE state IN (1, 2))"

/// A row of span_join.
struct Join
{
    std::int64_t span = 0;
    std::string_view kind, target;
    std::int64_t id = 0;
    std::string key;
};

/// A key column as it lies in the tables: bytes, number or text.
struct RawKey
{
    store::ColumnType type = store::ColumnType::Null;
    std::int64_t number = 0;
    std::string text;

    static RawKey of(const store::Statement &row, int column)
    {
        RawKey key;
        key.type = row.type(column);
        if (key.type == store::ColumnType::Integer)
            key.number = row.integer(column);
        else if (key.type == store::ColumnType::Blob)
            key.text = row.blob(column);
        else if (key.type == store::ColumnType::Text)
            key.text = row.text(column);
        return key;
    }
    void bind(store::Statement &statement, int parameter) const
    {
        if (type == store::ColumnType::Integer)
            statement.bind(parameter, number);
        else if (type == store::ColumnType::Blob)
            statement.bindBlob(parameter, text.data(), text.size());
        else
            statement.bind(parameter, std::string_view(text));
    }
    bool operator==(const RawKey &other) const
    {
        return type == other.type && number == other.number && text == other.text;
    }
    /// Text as the views show it.
    std::string shown() const
    {
        if (type != store::ColumnType::Blob)
            return text;
        constexpr std::string_view digits = "0123456789abcdef";
        std::string out;
        for (const char c : text) {
            const auto byte = static_cast<unsigned char>(c);
            out.append(1, digits[byte >> 4]).append(1, digits[byte & 15]);
        }
        return out;
    }
};

/// 32 digits as the sixteen bytes of trace_raw.
RawKey traceKeyOf(std::string_view hex)
{
    RawKey key;
    key.type = store::ColumnType::Blob;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        key.text += static_cast<char>(parseHex64(hex.substr(i, 2)).value_or(0));
    return key;
}

/// The spans of one trace key over all sources, looked up by their keys. One trace at a time is held.
class TraceFinder
{
public:
    explicit TraceFinder(store::Database &reader)
        : m_reader(reader)
    {}
    Result<void> load(const RawKey &trace);
    /// The span, else the root of the trace, else nothing.
    std::optional<std::int64_t> find(const RawKey &span) const;

private:
    store::Database &m_reader;
    std::optional<store::Statement> m_spans, m_root;
    RawKey m_trace;
    std::unordered_map<std::int64_t, std::int64_t> m_byNumber;
    std::unordered_map<std::string, std::int64_t> m_byText;
    std::optional<std::int64_t> m_rootSpan;
};

Result<void> TraceFinder::load(const RawKey &trace)
{
    if (trace == m_trace)
        return {};
    if (!m_spans) {
        Result<store::Statement> spans = m_reader.prepare(
            "SELECT s.id, s.span_key FROM trace_raw AS t JOIN span_raw AS s ON s.trace_id = t.id"
            " WHERE t.trace_key = ?1 AND " TS_SHOWN("t") " ORDER BY s.id");
        if (!spans)
            return fail(std::move(spans.error()));
        Result<store::Statement> root
            = m_reader.prepare("SELECT c.root_span_id FROM trace_raw AS t JOIN trace_calc AS c ON c.id = "
                               "t.id LEFT JOIN span_calc AS r"
                               " ON r.id = c.root_span_id WHERE t.trace_key = ?1 AND " TS_SHOWN(
                                   "t") " ORDER BY ifnull(r.quality, 0) & 16, c.start_ns, t.id LIMIT 1");
        if (!root)
            return fail(std::move(root.error()));
        m_spans = std::move(*spans);
        m_root = std::move(*root);
    }
    m_trace = trace;
    m_byNumber.clear();
    m_byText.clear();
    m_rootSpan.reset();
    m_spans->reset();
    trace.bind(*m_spans, 0);
    for (std::size_t n = 0; n < kMaxSpansOfTrace; ++n) {
        const Result<bool> row = m_spans->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            break;
        const RawKey key = RawKey::of(*m_spans, 1);
        if (key.type == store::ColumnType::Integer)
            m_byNumber.emplace(key.number, m_spans->integer(0));
        else if (key.type == store::ColumnType::Text)
            m_byText.emplace(key.text, m_spans->integer(0));
    }
    m_root->reset();
    trace.bind(*m_root, 0);
    const Result<bool> row = m_root->step();
    if (!row)
        return fail(row.error());
    if (*row && m_root->type(0) == store::ColumnType::Integer)
        m_rootSpan = m_root->integer(0);
    m_spans->reset();
    m_root->reset();
    return {};
}

std::optional<std::int64_t> TraceFinder::find(const RawKey &span) const
{
    if (span.type == store::ColumnType::Integer) {
        if (const auto found = m_byNumber.find(span.number); found != m_byNumber.end())
            return found->second;
    } else if (span.type == store::ColumnType::Text) {
        if (const auto found = m_byText.find(span.text); found != m_byText.end())
            return found->second;
    }
    return m_rootSpan;
}

/// One run over the workspace.
class Joiner
{
public:
    Joiner(store::Database &reader, const JoinKeys &keys, const Progress &progress)
        : m_reader(reader)
        , m_keys(keys)
        , m_progress(progress)
        , m_finder(reader)
    {}
    Result<std::vector<Join>> run();

private:
    /// Calls take(row) -> Result<void> for each row; stops at a bound of rows or when cancelled.
    template<typename Take>
    Result<void> each(std::string_view sql, Take &&take);
    Result<void> byTraceId();
    Result<void> byTraceParent();
    Result<void> parentsElsewhere();
    Result<void> collectTargets();
    Result<void> byValue();
    Result<void> sharedSets(
        std::unordered_map<std::int64_t, std::vector<std::pair<std::string, std::string>>> &sets);
    void addTarget(JoinKeys::Group group, std::string_view value, std::string_view target, std::int64_t id);
    void joinValue(std::int64_t span, std::string_view name, std::string_view value);
    void add(Join join);
    static std::string groupKey(JoinKeys::Group group, std::string_view value)
    {
        return (group == JoinKeys::Group::Query ? 'q' : 'r') + std::string(value);
    }

    struct Target
    {
        std::string_view table;
        std::int64_t id = 0;
    };
    store::Database &m_reader;
    const JoinKeys &m_keys;
    const Progress &m_progress;
    TraceFinder m_finder;
    std::vector<Join> m_joins;
    std::map<std::string_view, std::size_t> m_counts; ///< by kind
    std::unordered_map<std::string, std::vector<Target>> m_targets; ///< by group and value
    std::size_t m_targetCount = 0;
};

void Joiner::add(Join join)
{
    std::size_t &count = m_counts[join.kind];
    if (count++ < kMaxJoins)
        m_joins.push_back(std::move(join));
}

template<typename Take>
Result<void> Joiner::each(std::string_view sql, Take &&take)
{
    Result<store::Statement> query = m_reader.prepare(sql);
    if (!query)
        return fail(std::move(query.error()));
    for (std::size_t n = 0;; ++n) {
        if (n % 4096 == 0 && m_progress.isCancelled())
            return fail(ErrorCode::Cancelled, "span_join", "the analysis was cancelled",
                "It runs again when the workspace is opened.");
        const Result<bool> row = query->step();
        if (!row)
            return fail(row.error());
        if (!*row)
            return {};
        TS_TRY(take(*query));
    }
}

/// Lines that name their trace: the span they name, else the root.
Result<void> Joiner::byTraceId()
{
    return each("SELECT l.id, l.trace_key, l.span_key FROM log_entry_raw AS l WHERE l.trace_key IS NOT NULL"
                " AND " TS_SHOWN("l") " ORDER BY l.trace_key, l.id",
        [&](const store::Statement &row) -> Result<void> {
            const RawKey trace = RawKey::of(row, 1), span = RawKey::of(row, 2);
            const std::int64_t line = row.integer(0);
            TS_TRY(m_finder.load(trace));
            if (const auto found = m_finder.find(span))
                add({*found, "trace_id", "log", line, "trace_id=" + trace.shown()});
            return {};
        });
}

/// Texts that name a traceparent.
Result<void> Joiner::byTraceParent()
{
    struct Text
    {
        TraceParent parent;
        std::string_view table;
        std::int64_t id;
    };
    std::vector<Text> texts;
    const auto collect = [&](std::string_view table) {
        return [&texts, table](const store::Statement &row) -> Result<void> {
            if (const auto parent = traceParentIn(row.text(1)); parent && texts.size() < kMaxJoins)
                texts.push_back({*parent, table, row.integer(0)});
            return {};
        };
    };
    TS_TRY(each(
        "SELECT p.id, p.query_text FROM plan_raw AS p WHERE p.query_text LIKE '%traceparent%' AND " TS_SHOWN(
            "p"),
        collect("plan")));
    // A line that names its trace in a field of its own is joined by that.
    TS_TRY(each("SELECT l.id, coalesce(l.message, '') || ' ' || coalesce(l.detail, '') || ' ' || "
                "coalesce(l.context, '')"
                " || ' ' || coalesce(l.attributes, '') FROM log_entry_raw AS l WHERE l.trace_key IS NULL"
                " AND (l.message LIKE '%traceparent%' OR l.detail LIKE '%traceparent%'"
                " OR l.context LIKE '%traceparent%' OR l.attributes LIKE '%traceparent%') AND " TS_SHOWN("l"),
        collect("log")));
    for (const Text &text : texts) {
        RawKey span;
        span.type = store::ColumnType::Integer;
        span.number = std::bit_cast<std::int64_t>(parseHex64(text.parent.spanId).value_or(0));
        TS_TRY(m_finder.load(traceKeyOf(text.parent.traceId)));
        if (const auto found = m_finder.find(span))
            add({*found, "traceparent", text.table, text.id,
                "traceparent=" + text.parent.traceId + '-' + text.parent.spanId});
    }
    return {};
}

/// Spans whose parent is not in their source but in another one with the same trace.
Result<void> Joiner::parentsElsewhere()
{
    std::vector<RawKey> shared;
    TS_TRY(each("SELECT t.trace_key FROM trace_raw AS t WHERE t.trace_key IS NOT NULL AND " TS_SHOWN(
                    "t") " GROUP BY t.trace_key HAVING count(*) > 1",
        [&](const store::Statement &row) -> Result<void> {
            if (shared.size() < kMaxJoins)
                shared.push_back(RawKey::of(row, 0));
            return {};
        }));
    if (shared.empty())
        return {};
    Result<store::Statement> spans = m_reader.prepare(
        "SELECT s.id, s.parent_key, s.source_id, p.id FROM trace_raw AS t JOIN span_raw AS s ON s.trace_id = "
        "t.id"
        " JOIN span_calc AS c ON c.id = s.id JOIN trace_raw AS o ON o.trace_key = t.trace_key AND o.id <> "
        "t.id"
        " JOIN span_raw AS p ON p.trace_id = o.id AND p.span_key = s.parent_key"
        " WHERE t.trace_key = ?1 AND s.parent_key IS NOT NULL AND c.parent_id IS NULL AND " TS_SHOWN(
            "t") " AND " TS_SHOWN("o") " ORDER BY s.id, p.id");
    if (!spans)
        return fail(std::move(spans.error()));
    for (const RawKey &trace : shared) {
        spans->reset();
        trace.bind(*spans, 0);
        std::int64_t last = 0;
        for (;;) {
            const Result<bool> row = spans->step();
            if (!row)
                return fail(row.error());
            if (!*row)
                break;
            if (spans->integer(0) == std::exchange(last, spans->integer(0)))
                continue; // a third source has the parent too
            add({spans->integer(0), "trace_id", "span", spans->integer(3), "parent in another source"});
        }
    }
    return {};
}

void Joiner::addTarget(JoinKeys::Group group, std::string_view value, std::string_view target,
    std::int64_t id)
{
    if (group == JoinKeys::Group::None || value.empty() || m_targetCount >= kMaxTargets)
        return;
    std::vector<Target> &targets = m_targets[groupKey(group, value)];
    if (targets.size() >= kMaxJoinsOfSpan
        || (!targets.empty() && targets.back().id == id && targets.back().table == target))
        return;
    targets.push_back({target, id});
    ++m_targetCount;
}

/// Lines and plans that carry a request or query id.
Result<void> Joiner::collectTargets()
{
    using Group = JoinKeys::Group;
    TS_TRY(each(
        "SELECT l.id, l.attributes, l.query_id FROM log_entry_raw AS l WHERE (l.attributes IS NOT NULL OR"
        " ifnull(l.query_id, 0) <> 0) AND " TS_SHOWN("l"),
        [&](const store::Statement &row) -> Result<void> {
            const std::int64_t id = row.integer(0);
            eachJsonMember(row.text(1), [&](std::string_view key, std::string_view value) {
                addTarget(m_keys.groupOf(key), value, "log", id);
            });
            if (row.integer(2) != 0)
                addTarget(Group::Query, std::to_string(row.integer(2)), "log", id);
            return {};
        }));
    return each("SELECT p.id, p.query_text, CASE WHEN json_valid(p.extra) THEN"
                " json_extract(p.extra, '$.\"Query Identifier\"') END FROM plan_raw AS p WHERE " TS_SHOWN(
                    "p"),
        [&](const store::Statement &row) -> Result<void> {
            const std::int64_t id = row.integer(0);
            eachSqlComment(row.text(1), [&](std::string_view key, const std::string &value) {
                addTarget(m_keys.groupOf(key), value, "plan", id);
            });
            if (row.type(2) != store::ColumnType::Null)
                addTarget(Group::Query, row.text(2), "plan", id);
            return {};
        });
}

void Joiner::joinValue(std::int64_t span, std::string_view name, std::string_view value)
{
    const JoinKeys::Group group = m_keys.groupOf(name);
    if (group == JoinKeys::Group::None)
        return;
    const auto found = m_targets.find(groupKey(group, value));
    if (found == m_targets.end())
        return;
    for (const Target &target : found->second)
        add({span, group == JoinKeys::Group::Query ? "query_id" : "request_id", target.table, target.id,
            std::string(name) + '=' + std::string(value)});
}

/// Shared attribute sets that hold a value somebody else names.
Result<void> Joiner::sharedSets(
    std::unordered_map<std::int64_t, std::vector<std::pair<std::string, std::string>>> &sets)
{
    std::unordered_map<std::int64_t, std::string> names;
    TS_TRY(each("SELECT id, text FROM string WHERE id IN (SELECT DISTINCT key_id FROM attribute_set_item)",
        [&](const store::Statement &row) -> Result<void> {
            if (m_keys.groupOf(row.text(1)) != JoinKeys::Group::None)
                names.emplace(row.integer(0), row.text(1));
            return {};
        }));
    if (names.empty())
        return {};
    return each("SELECT i.set_id, i.key_id, CASE WHEN i.type = 1 AND typeof(i.value) = 'integer' THEN"
                " (SELECT text FROM string WHERE id = i.value) ELSE i.value END FROM attribute_set_item AS i",
        [&](const store::Statement &row) -> Result<void> {
            const auto name = names.find(row.integer(1));
            if (name == names.end())
                return {};
            const std::string value(row.text(2));
            if (m_targets.contains(groupKey(m_keys.groupOf(name->second), value)))
                sets[row.integer(0)].emplace_back(name->second, value);
            return {};
        });
}

/// The one scan of the spans, and only when there is something to join them with.
Result<void> Joiner::byValue()
{
    TS_TRY(collectTargets());
    if (m_targets.empty())
        return {};
    std::unordered_map<std::int64_t, std::vector<std::pair<std::string, std::string>>> sets;
    TS_TRY(sharedSets(sets));
    return each(
        "SELECT s.id, s.attributes, s.attribute_set, s.resource_set FROM span_raw AS s WHERE (s.attributes IS"
        " NOT NULL OR s.attribute_set IS NOT NULL) AND " TS_SHOWN("s"),
        [&](const store::Statement &row) -> Result<void> {
            const std::int64_t id = row.integer(0);
            if (row.type(1) == store::ColumnType::Text)
                eachJsonMember(row.text(1),
                    [&](std::string_view key, std::string_view value) { joinValue(id, key, value); });
            for (const int column : {2, 3}) {
                if (const auto found = sets.find(row.integer(column)); found != sets.end()) {
                    for (const auto &[name, value] : found->second)
                        joinValue(id, name, value);
                }
            }
            return {};
        });
}

Result<std::vector<Join>> Joiner::run()
{
    for (const auto step :
        {&Joiner::byTraceId, &Joiner::byTraceParent, &Joiner::parentsElsewhere, &Joiner::byValue}) {
        if (Result<void> done = (this->*step)(); !done)
            return fail(std::move(done.error()));
    }
    for (const auto &[kind, count] : m_counts) {
        if (count > kMaxJoins)
            qCWarning(lcAnalysis, "span_join: %zu of %zu joins of one kind were kept", kMaxJoins, count);
    }
    return std::move(m_joins);
}

Result<void> write(const store::Workspace &workspace, const AnalysisRun &run, const std::vector<Join> &joins)
{
    Result<store::Database> writer = workspace.connectWriter();
    if (!writer)
        return fail(std::move(writer.error()));
    TS_TRY(writer->begin());
    const auto fill = [&]() -> Result<void> {
        const Result<std::int64_t> id = recordRun(*writer, run);
        if (!id)
            return fail(id.error());
        TS_TRY(writer->execute("DELETE FROM span_join"));
        Result<store::Statement> insert
            = writer->prepare("INSERT INTO span_join (run_id, span_id, kind, target_kind, target_id, key) "
                              "VALUES (?, ?, ?, ?, ?, ?)");
        if (!insert)
            return fail(std::move(insert.error()));
        for (const Join &join : joins) {
            insert->bind(0, *id);
            insert->bind(1, join.span);
            insert->bind(2, join.kind);
            insert->bind(3, join.target);
            insert->bind(4, join.id);
            insert->bind(5, std::string_view(join.key));
            TS_TRY(insert->run());
        }
        return {};
    };
    Result<void> done = fill();
    if (!done) {
        writer->rollback();
        return done;
    }
    return writer->commit();
}

} // namespace

Result<void> refreshSpanJoins(const store::Workspace &workspace, const JoinKeys &keys,
    const Progress &progress)
{
    AnalysisRun run{"span_join", 1, keys.toText(), 0, 0};
    for (const std::string_view family : {"span", "log", "plan"}) {
        const Result<std::int64_t> generation = workspace.generation(family);
        if (!generation)
            return fail(generation.error());
        run.inputGeneration += *generation;
    }
    Result<store::Database> reader = workspace.connectReader();
    if (!reader)
        return fail(std::move(reader.error()));
    const Result<std::optional<std::int64_t>> finished = finishedRun(*reader, run);
    if (!finished)
        return fail(finished.error());
    if (*finished)
        return {};
    progress.update({"joining sources", 0, 0, 0});
    const Stopwatch watch;
    const Result<std::vector<Join>> joins = Joiner(*reader, keys, progress).run();
    if (!joins)
        return fail(joins.error());
    run.seconds = watch.seconds();
    return write(workspace, run, *joins);
}

} // namespace tailscope::analysis
