// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "analysis/spanscan.h"

#include "analysis/rowscan.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <optional>
#include <system_error>

namespace tailscope::analysis {

namespace {

constexpr std::int64_t kRowsWorthAThread = 100'000;

// More rows than bytes / 8 cannot be in the file: whoever says so wants us to reserve memory for nothing.
std::int64_t plausibleRows(const store::Database &database)
{
    std::error_code error;
    std::uintmax_t bytes = std::filesystem::file_size(database.path(), error);
    if (error)
        bytes = 0;
    const std::uintmax_t log = std::filesystem::file_size(database.path().string() + "-wal", error);
    if (!error)
        bytes += log;
    return std::int64_t(std::min<std::uintmax_t>(bytes / 8, std::numeric_limits<std::int64_t>::max()));
}

// Steps span_calc along; it may lack rows, or have rows of other sources in between.
class CalcCursor
{
public:
    explicit CalcCursor(store::Statement &statement)
        : m_statement(statement)
    {}
    void begin() { m_state = State::BeforeFirst; }
    /// True when the statement stands on the row of this id. Ids ascend.
    Result<bool> moveTo(std::int64_t id)
    {
        while (m_state == State::BeforeFirst || (m_state == State::OnRow && m_id < id)) {
            const Result<bool> row = m_statement.step();
            if (!row)
                return tl::unexpected(row.error());
            m_state = *row ? State::OnRow : State::Done;
            if (*row)
                m_id = m_statement.integer(0);
        }
        return m_state == State::OnRow && m_id == id;
    }

private:
    enum class State { BeforeFirst, OnRow, Done } m_state = State::BeforeFirst;
    store::Statement &m_statement;
    std::int64_t m_id = 0;
};

template<typename T>
T clamped(std::int64_t value, std::int64_t last)
{
    return T(value < 0 || value > last ? 0 : value);
}

void fill(ScannedSpan &span, const store::Statement &raw, const ScanSource &source)
{
    span.id = raw.integer(0);
    span.track = raw.integer(1);
    span.trace = raw.integer(2);
    span.operation = -1;
    if (const store::ColumnType type = raw.type(3); type == store::ColumnType::Integer)
        span.operation = std::max<std::int64_t>(0, raw.integer(3));
    else
        span.operationText = type == store::ColumnType::Null ? std::string_view() : raw.text(3);
    span.kind = clamped<std::uint8_t>(raw.integer(4), 5);
    span.status = clamped<std::uint8_t>(raw.integer(5), 2);
    span.httpStatus = clamped<std::uint16_t>(raw.integer(6), 0xffff);
    // INT64_MIN marks "unknown"; no real time may look like it.
    span.start = std::max(saturatingAdd(raw.integer(7), source.offsetNs), kUnknownNanos + 1);
    const std::int64_t duration = raw.integer(8);
    span.duration = duration < 0 || (duration == 0 && raw.isNull(8)) ? kUnknownNanos : duration;
}

void fillDerived(ScannedSpan &span, const store::Statement *calc)
{
    span.parent = 0;
    span.depth = span.lane = 0;
    span.self = kUnknownNanos;
    if (!calc)
        return;
    span.parent = calc->integer(1);
    span.depth = std::uint16_t(std::clamp<std::int64_t>(calc->integer(2), 0, 0xffff));
    const std::int64_t self = calc->integer(3);
    span.self = self < 0 || (self == 0 && calc->isNull(3)) ? kUnknownNanos : self;
    span.lane = std::uint16_t(std::clamp<std::int64_t>(calc->integer(4), 0, 0xffff));
}

} // namespace

Result<std::vector<ScanSource>> visibleSources(store::Database &database)
{
    Result<store::Statement> statement
        = database.prepare("SELECT id, offset_ns, clock, offset_method FROM source ORDER BY id");
    if (!statement)
        return tl::unexpected(std::move(statement.error()));
    std::vector<ScanSource> sources;
    for (;;) {
        const Result<bool> row = statement->step();
        if (!row)
            return tl::unexpected(row.error());
        if (!*row)
            return sources;
        const std::string_view method = statement->text(3);
        sources.push_back({statement->integer(0), statement->integer(1),
            statement->text(2) == "utc" || (!method.empty() && method != "none")});
    }
}

Result<std::vector<IdRun>> idRuns(store::Database &database, const std::vector<ScanSource> &sources,
    store::Family family)
{
    Result<store::Statement> statement
        = database.prepare("SELECT first_id, count FROM source_run WHERE source_id = ? AND family = ? AND "
                           "count > 0 AND first_id > 0");
    if (!statement)
        return tl::unexpected(std::move(statement.error()));
    std::int64_t room = plausibleRows(database);
    std::vector<IdRun> runs;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        statement->bind(0, sources[i].id);
        statement->bind(1, std::int64_t(family));
        for (;;) {
            const Result<bool> row = statement->step();
            if (!row)
                return tl::unexpected(row.error());
            if (!*row)
                break;
            const IdRun run{statement->integer(0), statement->integer(1), i};
            if (run.count > room || run.first > std::numeric_limits<std::int64_t>::max() - run.count)
                return fail(ErrorCode::Damaged, database.path().string(),
                    "source " + std::to_string(sources[i].id) + " claims more rows than the file can hold",
                    "Remove the source and import its file again.");
            room -= run.count;
            runs.push_back(run);
        }
        statement->reset();
    }
    std::sort(runs.begin(), runs.end(), [](const IdRun &a, const IdRun &b) { return a.first < b.first; });
    return runs;
}

std::int64_t rowsOf(const std::vector<IdRun> &runs)
{
    std::int64_t rows = 0;
    for (const IdRun &run : runs)
        rows += run.count;
    return rows;
}

SourceChoice chooseSources(const std::vector<ScanSource> &sources, const std::vector<IdRun> &runs)
{
    std::vector<bool> hasRows(sources.size(), false);
    for (const IdRun &run : runs)
        hasRows[run.source] = true;
    bool anyAligned = false;
    std::size_t withRows = 0;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        anyAligned |= hasRows[i] && sources[i].isAligned;
        withRows += hasRows[i] ? 1 : 0;
    }
    SourceChoice choice;
    std::vector<std::optional<std::size_t>> place(sources.size());
    for (std::size_t i = 0; i < sources.size(); ++i) {
        if (!hasRows[i])
            continue;
        if (!sources[i].isAligned && withRows > 1)
            choice.unaligned.push_back(sources[i].id);
        place[i] = choice.sources.size();
        choice.sources.push_back(sources[i]);
        choice.sources.back().isOnAxis = sources[i].isAligned || !anyAligned;
    }
    for (IdRun run : runs) {
        if (!place[run.source])
            continue;
        run.source = *place[run.source];
        choice.runs.push_back(run);
    }
    return choice;
}

std::vector<std::vector<IdRun>> splitRuns(const std::vector<IdRun> &runs, std::int64_t chunk)
{
    const std::int64_t rows = rowsOf(runs);
    std::vector<std::vector<IdRun>> parts(rows < kRowsWorthAThread ? 1 : 2);
    std::int64_t before = 0;
    for (const IdRun &run : runs) {
        for (std::int64_t at = 0; at < run.count;) {
            std::int64_t length = std::min(chunk, run.count - at);
            const std::size_t part = parts.size() == 2 && before >= rows / 2 ? 1 : 0;
            if (part == 0 && parts.size() == 2)
                length = std::min(length, rows / 2 - before);
            parts[part].push_back({run.first + at, length, run.source});
            at += length;
            before += length;
        }
    }
    return parts;
}

SpanScan::SpanScan(const store::Workspace &workspace, std::vector<ScanSource> sources,
    std::vector<IdRun> runs)
    : m_workspace(workspace)
    , m_sources(std::move(sources))
    , m_parts(splitRuns(runs, kChunk))
    , m_rows(rowsOf(runs))
{}

Result<void> SpanScan::run(const Progress &progress, std::string_view phase,
    const std::function<void(int, const ScannedSpan &)> &body)
{
    m_done = 0;
    std::vector<Result<void>> results(m_parts.size());
    runParts(parts(), [&](int part) {
        Progress own = progress;
        if (part + 1 < parts())
            own.report = nullptr;
        results[std::size_t(part)] = runPart(part, own, phase, body);
    });
    for (Result<void> &result : results)
        TS_TRY(std::move(result));
    return {};
}

Result<void> SpanScan::runPart(int part, const Progress &progress, std::string_view phase,
    const std::function<void(int, const ScannedSpan &)> &body)
{
    Result<store::Database> database = m_workspace.connectReader();
    if (!database)
        return tl::unexpected(std::move(database.error()));
    database->setCancel(progress.cancel);
    Result<store::Statement> raw = database->prepare(
        "SELECT id, track_id, trace_id, operation_id, kind, status, http_status, start_ns,"
        " duration_ns FROM span_raw WHERE id BETWEEN ? AND ? ORDER BY id");
    if (!raw)
        return tl::unexpected(std::move(raw.error()));
    Result<store::Statement> calc = database->prepare(
        "SELECT id, parent_id, depth, self_ns, lane FROM span_calc WHERE id BETWEEN ? AND ? ORDER BY id");
    if (!calc)
        return tl::unexpected(std::move(calc.error()));

    CalcCursor cursor(*calc);
    ScannedSpan span;
    for (const IdRun &chunk : m_parts[std::size_t(part)]) {
        if (progress.isCancelled())
            return fail(ErrorCode::Cancelled, database->path().string(),
                "cancelled while " + std::string(phase));
        raw->bind(0, chunk.first);
        raw->bind(1, chunk.first + chunk.count - 1);
        calc->bind(0, chunk.first);
        calc->bind(1, chunk.first + chunk.count - 1);
        cursor.begin();
        span.source = chunk.source;
        for (;;) {
            const Result<bool> row = raw->step();
            if (!row)
                return tl::unexpected(row.error());
            if (!*row)
                break;
            fill(span, *raw, m_sources[chunk.source]);
            const Result<bool> derived = cursor.moveTo(span.id);
            if (!derived)
                return tl::unexpected(derived.error());
            fillDerived(span, *derived ? &*calc : nullptr);
            body(part, span);
        }
        raw->reset();
        calc->reset();
        const std::int64_t done = m_done += chunk.count;
        progress.update(
            {std::string(phase), std::uint64_t(done), std::uint64_t(m_rows), std::uint64_t(done)});
    }
    return {};
}

} // namespace tailscope::analysis
