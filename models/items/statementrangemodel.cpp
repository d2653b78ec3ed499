// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/statementrangemodel.h"

#include "base/text.h"
#include "items/celltext.h"
#include "items/momentwatch.h"

#include <limits>

namespace tailscope::items {

struct StatementRangeModel::Loaded
{
    std::shared_ptr<const analysis::StatementRange> range;
    QHash<qint64, QString> texts;
    QVector<TableRow> rows; ///< made by the job: up to 50,000
};

namespace {

constexpr std::size_t kMaxRows = 50'000;

QVector<CellTable::Column> columns()
{
    const auto tr = [](const char *text) { return StatementRangeModel::tr(text); };
    return {
        {tr("Statement"), tr("Without its values"), false},
        {tr("Calls/s"), tr("Calls in the range / its seconds"), true},
        {tr("Calls"), tr("Growth of the counter in the range"), true},
        {tr("Total"), tr("Time of the calls that ended in the range"), true},
        {tr("Share"), tr("Of the time of all statements in the range"), true},
        {tr("Cumulative"), tr("Share of this and all statements that took more time"), true},
        {tr("Mean"), tr("Total / calls. No percentiles exist here: the server keeps sums only"), true},
        {tr("Deviation"),
            tr("Standard deviation of the calls in the range, from the sums before and after; unknown where "
               "rounding would drown it"),
            true},
        {tr("Slowest"), tr("Known only where the maximum grew in the range"), true},
        {tr("Rows/Call"), tr("Rows returned or changed by a call"), true},
        {tr("Hit Ratio"), tr("Blocks found in shared buffers / blocks asked for, in the range"), true},
        {tr("Read"), tr("Blocks of 8 KiB that were not in shared buffers"), true},
        {tr("Temp"), tr("Temporary blocks of 8 KiB read and written"), true},
        {tr("WAL"), tr("Bytes of write-ahead log"), true},
        {tr("Planning"), tr("Time of planning (pg_stat_statements.track_planning)"), true},
        {tr("Notes"), tr("Entries that came, went, or began anew in the range"), false},
    };
}

Result<QHash<qint64, QString>> readTexts(store::Database &reader, const analysis::StatementRange &range)
{
    QHash<qint64, QString> out;
    Result<store::Statement> text
        = reader.prepare("SELECT ifnull(normalized, text) FROM statement WHERE id = ?1");
    if (!text)
        return tl::unexpected(std::move(text.error()));
    for (const analysis::StatementInRange &one : range.statements) {
        if (one.statement == 0)
            continue;
        text->bind(0, one.statement);
        const Result<bool> row = text->step();
        if (!row)
            return tl::unexpected(row.error());
        if (*row)
            out.insert(one.statement, cells::fromUtf8(text->text(0)));
        text->reset();
    }
    return out;
}

std::optional<std::int64_t> blockBytes(const std::optional<std::int64_t> &blocks)
{
    return blocks ? std::optional(*blocks * 8192) : std::nullopt;
}

TableRow rowOf(const analysis::StatementInRange &one, qint64 id, const QHash<qint64, QString> &texts)
{
    const analysis::StatementGrowth &sum = one.growth;
    const QString text = one.statement != 0
        ? texts.value(one.statement)
        : StatementRangeModel::tr("(text hidden from the role; query id %1)")
              .arg(cells::fromUtf8(one.queryId));
    QStringList notes;
    if (sum.isNew)
        notes << StatementRangeModel::tr("new");
    if (sum.isGone)
        notes << StatementRangeModel::tr("gone");
    if (sum.resets > 0)
        notes << StatementRangeModel::tr("began anew %n time(s)", nullptr, sum.resets);
    if (sum.isPartial)
        notes << StatementRangeModel::tr("older than its first sample");
    const auto perCall = [&](const std::optional<std::int64_t> &n) {
        return n && sum.calls > 0 ? std::optional(double(*n) / double(sum.calls)) : std::nullopt;
    };
    std::optional<double> hitRatio;
    if (sum.sharedHit && sum.sharedRead && *sum.sharedHit + *sum.sharedRead > 0)
        hitRatio = double(*sum.sharedHit) / double(*sum.sharedHit + *sum.sharedRead);
    TableRow out{id, {}};
    out.cells << cells::text(text.left(1000).simplified(), text.left(2000))
              << cells::real(one.callsPerSecond, QStringLiteral("/s")) << cells::count(sum.calls)
              << cells::millis(sum.totalMs) << cells::share(one.share, true) << cells::share(one.cumulative)
              << cells::millis(sum.calls > 0 ? std::optional(sum.meanMs()) : std::nullopt)
              << cells::millis(sum.calls > 1 ? sum.stddevMs() : std::nullopt) << cells::millis(sum.maxMs)
              << cells::real(perCall(sum.rows), {}) << cells::share(hitRatio)
              << cells::bytes(blockBytes(sum.sharedRead)) << cells::bytes(blockBytes(sum.tempBlocks))
              << cells::bytes(sum.walBytes) << cells::millis(sum.planMs)
              << cells::text(notes.join(QStringLiteral(", ")));
    return out;
}

QVector<TableRow> rowsOf(const analysis::StatementRange &range, const QHash<qint64, QString> &texts)
{
    QVector<TableRow> rows;
    rows.reserve(qsizetype(range.statements.size()));
    for (std::size_t i = 0; i < range.statements.size(); ++i) {
        const analysis::StatementInRange &one = range.statements[i];
        rows << rowOf(one, one.statement != 0 ? one.statement : -1 - qint64(i), texts);
    }
    return rows;
}

} // namespace

StatementRangeModel::StatementRangeModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_watch(new MomentWatch(session, this))
    , m_job(session->jobs())
    , m_historyJob(session->jobs())
    , m_table(new CellTable(columns(), this))
{
    connect(m_watch, &MomentWatch::due, this, &StatementRangeModel::read);
}

void StatementRangeModel::setActive(bool active)
{
    m_watch->setActive(active);
    Q_EMIT busyChanged();
}

bool StatementRangeModel::isBusy() const
{
    // While a recording grows there is always something newer to come.
    return m_job.isRunning() || m_historyJob.isRunning() || (m_watch->isPending() && !m_range);
}

bool StatementRangeModel::isLive() const { return m_watch->isLive(); }

analysis::StatementRangeRequest StatementRangeModel::request() const
{
    return {m_watch->range(), m_server.toStdString(), 0};
}

void StatementRangeModel::read()
{
    m_watch->began();
    m_job.start<Loaded>(
        this, {},
        [workspace = m_session->workspacePtr(), request = request()](
            const Progress &progress) -> Result<Loaded> {
            Result<store::Database> reader = workspace->connectReader();
            if (!reader)
                return tl::unexpected(std::move(reader.error()));
            reader->setCancel(progress.cancel);
            auto range = analysis::readStatementRange(*reader, request, progress);
            if (!range)
                return tl::unexpected(std::move(range.error()));
            if (range->statements.size() > kMaxRows)
                range->statements.resize(kMaxRows);
            auto texts = readTexts(*reader, *range);
            if (!texts)
                return tl::unexpected(std::move(texts.error()));
            QVector<TableRow> rows = rowsOf(*range, *texts);
            return Loaded{std::make_shared<const analysis::StatementRange>(std::move(*range)),
                std::move(*texts), std::move(rows)};
        },
        [this](Result<Loaded> loaded) {
            m_watch->ended();
            if (loaded) {
                m_error.clear();
                m_range = std::move(loaded->range);
                m_texts = std::move(loaded->texts);
                m_rows = std::move(loaded->rows);
                if (m_server.isEmpty()) {
                    m_servers.clear();
                    for (const analysis::StatementCoverage &one : m_range->servers)
                        m_servers << cells::fromUtf8(one.server);
                }
                m_table->setRows(cells::matching(m_rows, m_search));
                readHistory();
            } else if (loaded.error().code != ErrorCode::Cancelled) {
                m_error = QString::fromStdString(loaded.error().toText());
            }
            Q_EMIT changed();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void StatementRangeModel::choose(qint64 id)
{
    if (id == m_chosen)
        return;
    m_chosen = id;
    m_history = {};
    readHistory();
}

void StatementRangeModel::readHistory()
{
    if (m_chosen <= 0 || !m_watch->isActive()) {
        m_historyJob.cancel();
        Q_EMIT historyChanged();
        return;
    }
    m_historyJob.start<analysis::StatementHistory>(
        this, {},
        [workspace = m_session->workspacePtr(), request = request(), id = m_chosen](
            const Progress &progress) -> Result<analysis::StatementHistory> {
            Result<store::Database> reader = workspace->connectReader();
            if (!reader)
                return tl::unexpected(std::move(reader.error()));
            reader->setCancel(progress.cancel);
            return analysis::readStatementHistory(*reader, id, request, progress);
        },
        [this](Result<analysis::StatementHistory> history) {
            if (history)
                m_history = std::move(*history);
            Q_EMIT historyChanged();
            Q_EMIT busyChanged();
        });
}

void StatementRangeModel::setSearch(const QString &words)
{
    if (words == m_search)
        return;
    m_search = words;
    m_table->setRows(cells::matching(m_rows, m_search));
    Q_EMIT changed();
}

void StatementRangeModel::setServer(const QString &label)
{
    if (label == m_server)
        return;
    m_server = label;
    m_watch->invalidate();
}

QString StatementRangeModel::noteText() const
{
    if (!m_range)
        return {};
    QStringList parts;
    if (!m_range->servers.empty()) {
        Nanos from = m_range->servers.front().from, to = m_range->servers.front().to;
        std::int64_t samples = 0;
        for (const analysis::StatementCoverage &one : m_range->servers) {
            from = std::min(from, one.from);
            to = std::max(to, one.to);
            samples += one.samples;
        }
        parts << tr("%1 between the samples of %2 and %3 (%4 samples)")
                     .arg(cells::fromUtf8(humanDuration(to - from)), m_session->context()->timeText(from),
                         m_session->context()->timeText(to), cells::number(double(samples)));
        parts << tr("%1 calls in %2")
                     .arg(cells::number(double(m_range->calls)),
                         cells::fromUtf8(humanMillis(m_range->totalMs)));
    }
    if (m_range->fresh > 0)
        parts << tr("%1 new").arg(m_range->fresh);
    if (m_range->gone > 0)
        parts << tr("%1 gone (evicted or reset)").arg(m_range->gone);
    if (m_range->evictions.value_or(0) > 0)
        parts << tr("entries thrown out %1 times to make room: raise pg_stat_statements.max")
                     .arg(*m_range->evictions);
    if (m_range->resets > 0)
        parts << tr("%n time(s) counters began anew: what ran between the last sample and the reset is lost",
            nullptr, int(m_range->resets));
    parts << tr("no percentiles exist here");
    return parts.join(QStringLiteral(" · "));
}

QString StatementRangeModel::fullText(qint64 id) const { return m_texts.value(id); }

QString StatementRangeModel::sql() const
{
    const TimeRange range = m_watch->range();
    return QStringLiteral(
        "-- Newest counters at both ends of the range; entries that began anew are left out here.\n"
        "WITH ends AS (\n"
        "  SELECT server_id, statement_id, db, user, json_extract(extra, '$.queryid') AS queryid, epoch,\n"
        "    max(ts_ns) FILTER (WHERE ts_ns <= %1) AS first_ns, max(ts_ns) AS last_ns,\n"
        "    max(calls) FILTER (WHERE ts_ns <= %1) AS calls_before, max(calls) AS calls_after,\n"
        "    max(total_ms) FILTER (WHERE ts_ns <= %1) AS ms_before, max(total_ms) AS ms_after\n"
        "  FROM statement_sample WHERE ts_ns < %2 GROUP BY 1, 2, 3, 4, 5, 6\n"
        ")\n"
        "SELECT s.id, ifnull(s.normalized, s.text) AS statement, sum(calls_after - ifnull(calls_before, 0)) "
        "AS calls,\n"
        "  sum(ms_after - ifnull(ms_before, 0)) AS total_ms,\n"
        "  sum(ms_after - ifnull(ms_before, 0)) / sum(calls_after - ifnull(calls_before, 0)) AS mean_ms\n"
        "FROM ends AS e JOIN statement AS s ON s.id = e.statement_id\n"
        "WHERE calls_after > ifnull(calls_before, 0) GROUP BY 1, 2 ORDER BY total_ms DESC")
        .arg(range.begin)
        .arg(range.end);
}

} // namespace tailscope::items
