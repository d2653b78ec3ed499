// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/recordingsmodel.h"

#include "base/text.h"
#include "items/celltext.h"
#include "items/recordingsquery.h"

#include <QFileInfo>

#include <cmath>

namespace tailscope::items {

struct RecordingsModel::Loaded
{
    std::vector<analysis::RecordingItem> recordings;
    RecordingComparison comparison;
};

namespace {

using analysis::Change;
using cells::fromUtf8;
using Page = RecordingsModel::Page;

QString tr(const char *text) { return RecordingsModel::tr(text); }

QVector<CellTable::Column> columnsOf(Page page)
{
    const auto pair = [](QVector<CellTable::Column> &out, const QString &title, const QString &toolTip) {
        out << CellTable::Column{tr("%1 A").arg(title), toolTip, true}
            << CellTable::Column{tr("%1 B").arg(title), toolTip, true};
    };
    QVector<CellTable::Column> out;
    switch (page) {
    case RecordingsModel::Figures:
        out << CellTable::Column{tr("Figure"), {}, false} << CellTable::Column{tr("Server"), {}, false};
        pair(out, tr("In"), tr("Mean over the samples of the side"));
        out << CellTable::Column{tr("B / A"), {}, true};
        break;
    case RecordingsModel::Statements:
        out << CellTable::Column{tr("Statement"), {}, false};
        out << CellTable::Column{tr("Time Gained"),
            tr("Time of all its calls in a second of B less that in a second of A"), true};
        pair(out, tr("Mean"), tr("Time of a call. No percentiles exist here"));
        out << CellTable::Column{tr("Mean B / A"), {}, true}
            << CellTable::Column{tr("Mean"),
                   tr("Welch's test of the two means: p below 0.01 and more than 5 %"), false};
        pair(out, tr("Calls/s"), {});
        out << CellTable::Column{tr("Calls"),
            tr("Test of the two rates as if calls came by themselves (Poisson): p below 0.01 and more than 5 "
               "%"),
            false};
        pair(out, tr("Share"), tr("Of the time of all statements of the side"));
        pair(out, tr("Rows/Call"), {});
        pair(out, tr("Read/Call"), tr("Blocks of 8 KiB that were not in shared buffers"));
        pair(out, tr("Temp/Call"), tr("Temporary blocks of 8 KiB"));
        break;
    case RecordingsModel::Waits:
        out << CellTable::Column{tr("Wait"), tr("Type and event; CPU = at work"), false};
        pair(out, tr("Sessions"), tr("Average active sessions in it: sessions seen / samples"));
        out << CellTable::Column{tr("Difference"), {}, true}
            << CellTable::Column{tr("Verdict"), tr("Beyond twice the error of both samples"), false};
        break;
    case RecordingsModel::Tables:
        out << CellTable::Column{tr("Table"), {}, false};
        pair(out, tr("Seq. Scans/s"), {});
        pair(out, tr("Index Scans/s"), {});
        pair(out, tr("Rows Read/s"), tr("By sequential scans"));
        pair(out, tr("Written/s"), tr("Rows inserted, updated and deleted"));
        pair(out, tr("Blocks Read/s"), tr("That were not in shared buffers"));
        pair(out, tr("Dead"), tr("At the end"));
        pair(out, tr("Size"), tr("At the end"));
        break;
    default:
        out << CellTable::Column{tr("Setting"), {}, false} << CellTable::Column{tr("Server"), {}, false}
            << CellTable::Column{tr("In A"), {}, false} << CellTable::Column{tr("In B"), {}, false};
        break;
    }
    return out;
}

TableCell ratioCell(const std::optional<double> &ratio)
{
    TableCell cell = cells::real(ratio, QStringLiteral("×"));
    return cell;
}

QString wordOf(Change change, bool isMean)
{
    switch (change) {
    case Change::Same:
        return tr("no sure change");
    case Change::More:
        return isMean ? tr("slower") : tr("more often");
    case Change::Less:
        return isMean ? tr("faster") : tr("less often");
    case Change::OnlyFirst:
        return tr("only in A");
    case Change::OnlySecond:
        return tr("only in B");
    case Change::NotComparable:
        return tr("not comparable");
    }
    return {};
}

TableCell verdictCell(const analysis::StatementChange &one, bool isMean)
{
    const Change change = isMean ? one.mean : one.rate;
    TableCell cell = cells::text(wordOf(change, isMean));
    if (change == Change::NotComparable)
        cell.toolTip = fromUtf8(one.why);
    else if (isMean && one.meanTest)
        cell.toolTip = tr("t = %1, %2 degrees of freedom, p = %3")
                           .arg(one.meanTest->t, 0, 'g', 4)
                           .arg(one.meanTest->freedom, 0, 'g', 4)
                           .arg(one.meanTest->p, 0, 'g', 3);
    else if (!isMean && one.rateP)
        cell.toolTip = tr("p = %1").arg(*one.rateP, 0, 'g', 3);
    else if (change == Change::Same)
        cell.toolTip = tr("Not known whether it is chance: too few calls, or no deviation");
    cell.level = isMean && change == Change::More ? 2 : 0;
    return cell;
}

TableRow statementRow(const analysis::StatementChange &one, const QString &text, qint64 id)
{
    const auto side
        = [](const std::optional<analysis::StatementInRange> &from, auto &&take) -> std::optional<double> {
        return from ? take(*from) : std::optional<double>();
    };
    using In = analysis::StatementInRange;
    const auto perCall = [](const In &from, const std::optional<std::int64_t> &n) {
        return n && from.growth.calls > 0 ? std::optional(double(*n) / double(from.growth.calls))
                                          : std::nullopt;
    };
    const auto mean = [](const In &from) { return std::optional(from.growth.meanMs()); };
    const auto rate = [](const In &from) { return std::optional(from.callsPerSecond); };
    const auto share = [](const In &from) { return std::optional(from.share); };
    const auto rows = [&](const In &from) { return perCall(from, from.growth.rows); };
    const auto read = [&](const In &from) { return perCall(from, from.growth.sharedRead); };
    const auto temp = [&](const In &from) { return perCall(from, from.growth.tempBlocks); };
    TableCell gained = cells::real(one.timeGainedMs, tr(" ms/s"));
    gained.level = one.timeGainedMs > 10 ? 2 : 0;
    TableRow row{id, {}};
    row.cells << cells::text(text.left(1000).simplified(), text.left(2000)) << gained
              << cells::millis(side(one.first, mean)) << cells::millis(side(one.second, mean))
              << ratioCell(one.meanRatio) << verdictCell(one, true) << cells::real(side(one.first, rate), {})
              << cells::real(side(one.second, rate), {}) << verdictCell(one, false)
              << cells::share(side(one.first, share)) << cells::share(side(one.second, share))
              << cells::real(side(one.first, rows), {}) << cells::real(side(one.second, rows), {})
              << cells::real(side(one.first, read), {}) << cells::real(side(one.second, read), {})
              << cells::real(side(one.first, temp), {}) << cells::real(side(one.second, temp), {});
    return row;
}

TableCell figureCell(const std::optional<double> &value, const std::string &unit)
{
    if (unit == "share")
        return cells::share(value);
    if (unit == "bytes/s" && value) {
        TableCell cell = cells::bytes(std::int64_t(std::llround(*value)));
        cell.text += QStringLiteral("/s");
        cell.value = *value;
        return cell;
    }
    return cells::real(value, fromUtf8(unit));
}

QVector<TableRow> figureRows(const RecordingComparison &from)
{
    QVector<TableRow> out;
    for (const analysis::Headline &one : from.figures) {
        std::optional<double> ratio;
        if (one.first && one.second && *one.first > 0)
            ratio = *one.second / *one.first;
        TableRow row{qint64(out.size()), {}};
        row.cells << cells::text(fromUtf8(one.name)) << cells::text(fromUtf8(one.server))
                  << figureCell(one.first, one.unit) << figureCell(one.second, one.unit) << ratioCell(ratio);
        out << row;
    }
    return out;
}

QVector<TableRow> waitRows(const RecordingComparison &from)
{
    QVector<TableRow> out;
    for (const analysis::WaitChange &one : from.waits) {
        TableRow row{qint64(out.size()), {}};
        TableCell verdict = cells::text(!one.isSure ? tr("no sure change")
                : one.second > one.first            ? tr("more")
                                                    : tr("less"));
        verdict.level = one.isSure && one.second > one.first && one.wait != "CPU" ? 2 : 0;
        row.cells << cells::text(one.wait.empty() ? tr("(unknown)") : fromUtf8(one.wait))
                  << cells::real(one.first, {}) << cells::real(one.second, {})
                  << cells::real(one.second - one.first, {}) << verdict;
        out << row;
    }
    return out;
}

QVector<TableRow> tableRowsOf(const RecordingComparison &from)
{
    QVector<TableRow> out;
    for (const auto &[name, both] : from.tables) {
        const auto &[a, b] = both;
        TableRow row{qint64(out.size()), {}};
        row.cells << cells::text(fromUtf8(name));
        const TableRates before = tableRates(a), after = tableRates(b);
        for (const auto rate : {&TableRates::seqScans, &TableRates::indexScans, &TableRates::rowsRead,
                 &TableRates::written, &TableRates::blocksRead})
            row.cells << cells::real(before.*rate, {}) << cells::real(after.*rate, {});
        row.cells << cells::count(a ? a->deadRows : std::nullopt)
                  << cells::count(b ? b->deadRows : std::nullopt)
                  << cells::bytes(a ? a->tableBytes : std::nullopt)
                  << cells::bytes(b ? b->tableBytes : std::nullopt);
        out << row;
    }
    return out;
}

} // namespace

RecordingsModel::RecordingsModel(session::Session *session, QObject *parent)
    : QObject(parent)
    , m_session(session)
    , m_job(session->jobs())
{
    for (int page = 0; page < PageCount; ++page)
        m_tables[std::size_t(page)] = new CellTable(columnsOf(Page(page)), this);
    connect(session, &session::Session::loaded, this, &RecordingsModel::invalidate);
}

const std::vector<analysis::RecordingItem> &RecordingsModel::recordings() const
{
    static const std::vector<analysis::RecordingItem> none;
    return m_loaded ? m_loaded->recordings : none;
}

void RecordingsModel::setActive(bool active)
{
    m_active = active;
    if (m_active && m_stale)
        read();
}

void RecordingsModel::invalidate()
{
    m_stale = true;
    if (m_active)
        read();
}

void RecordingsModel::setSide(Side side, const analysis::RecordingSide &what)
{
    m_sidesChosen = true;
    m_sides[side] = what;
    invalidate();
}

void RecordingsModel::swapSides()
{
    m_sidesChosen = true;
    std::swap(m_sides[First], m_sides[Second]);
    invalidate();
}

void RecordingsModel::read()
{
    m_stale = false;
    m_job.start<std::shared_ptr<const Loaded>>(
        this, {},
        [workspace = m_session->workspacePtr(), sides = m_sides, chosen = m_sidesChosen](
            const Progress &progress) -> Result<std::shared_ptr<const Loaded>> {
            auto out = std::make_shared<Loaded>();
            auto recordings = comparableRecordings(*workspace);
            if (!recordings)
                return tl::unexpected(recordings.error());
            out->recordings = std::move(*recordings);
            auto compared = compareRecordings(*workspace, out->recordings, sides[First], sides[Second],
                chosen, progress);
            if (!compared)
                return tl::unexpected(compared.error());
            out->comparison = std::move(*compared);
            return std::shared_ptr<const Loaded>(std::move(out));
        },
        [this](Result<std::shared_ptr<const Loaded>> loaded) {
            if (loaded) {
                m_error.clear();
                m_loaded = std::move(*loaded);
                m_sides = {m_loaded->comparison.first, m_loaded->comparison.second};
                fill();
            } else if (loaded.error().code != ErrorCode::Cancelled) {
                m_error = QString::fromStdString(loaded.error().toText());
            }
            Q_EMIT changed();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

QVector<TableRow> RecordingsModel::rowsOf(Page page) const
{
    const RecordingComparison &from = m_loaded->comparison;
    QVector<TableRow> out;
    switch (page) {
    case Figures:
        return figureRows(from);
    case Statements:
        for (const analysis::StatementChange &one : from.statements) {
            const auto text = from.texts.find(one.statement);
            out << statementRow(one,
                text != from.texts.end() ? fromUtf8(text->second)
                                         : tr("(text hidden; query id %1)").arg(fromUtf8(one.queryId)),
                qint64(out.size()));
        }
        return out;
    case Waits:
        return waitRows(from);
    case Tables:
        return tableRowsOf(from);
    default:
        for (const SettingChange &one : from.settings) {
            TableRow row{qint64(out.size()), {}};
            row.cells << cells::text(fromUtf8(one.name)) << cells::text(fromUtf8(one.server))
                      << cells::text(one.first ? fromUtf8(*one.first) : tr("not known"))
                      << cells::text(one.second ? fromUtf8(*one.second) : tr("not known"));
            out << row;
        }
        return out;
    }
}

void RecordingsModel::fill()
{
    for (int page = 0; page < PageCount; ++page)
        m_tables[std::size_t(page)]->setRows(cells::matching(rowsOf(Page(page)), m_search));
}

void RecordingsModel::setSearch(const QString &words)
{
    if (words == m_search)
        return;
    m_search = words;
    if (m_loaded)
        fill();
    Q_EMIT changed();
}

QString RecordingsModel::sideText(Side side) const
{
    QString name = tr("all sources");
    for (const analysis::RecordingItem &one : recordings()) {
        if (one.source == m_sides[side].source)
            name = QFileInfo(fromUtf8(one.name)).fileName();
    }
    const TimeRange range = m_sides[side].range;
    return tr("%1, %2 from %3")
        .arg(name, fromUtf8(humanDuration(range.length())), m_session->context()->timeText(range.begin));
}

QString RecordingsModel::noteText() const
{
    if (!m_loaded || m_loaded->recordings.empty())
        return {};
    QStringList parts;
    if (!m_sidesChosen && m_loaded->recordings.size() == 1)
        parts << tr("The halves of the one recording, until ranges are chosen");
    const RecordingComparison &from = m_loaded->comparison;
    parts << tr("A %1").arg(sideText(First)) << tr("B %1").arg(sideText(Second));
    if (from.firstSeconds <= 0 || from.secondSeconds <= 0)
        parts << tr("a side has fewer than two samples of statements");
    return parts.join(QStringLiteral(" · "));
}

QString RecordingsModel::sql(Page page) const
{
    const auto between = [&](Side side) {
        return QStringLiteral("ts_ns >= %1 AND ts_ns < %2")
            .arg(m_sides[side].range.begin)
            .arg(m_sides[side].range.end);
    };
    if (page == Waits)
        return QStringLiteral(
            "SELECT wait_event_type, wait_event, count(*) FILTER (WHERE %1) AS sessions_a,\n"
            "  count(*) FILTER (WHERE %2) AS sessions_b\nFROM session_sample WHERE state = 'active'\n"
            "GROUP BY 1, 2 ORDER BY 4 DESC")
            .arg(between(First), between(Second));
    if (page == SettingsPage)
        return QStringLiteral("SELECT name, max(setting) FILTER (WHERE ts_ns < %1) AS a, max(setting) FILTER "
                              "(WHERE ts_ns < %2) AS b\n"
                              "FROM setting GROUP BY server_id, name HAVING a IS NOT b ORDER BY name")
            .arg(m_sides[First].range.end)
            .arg(m_sides[Second].range.end);
    if (page == Tables)
        return QStringLiteral(
            "SELECT schemaname, relname, max(seq_scan) FILTER (WHERE %1) - min(seq_scan) FILTER (WHERE %1) "
            "AS scans_a,\n"
            "  max(seq_scan) FILTER (WHERE %2) - min(seq_scan) FILTER (WHERE %2) AS scans_b\n"
            "FROM table_sample GROUP BY 1, 2 ORDER BY scans_b DESC")
            .arg(between(First), between(Second));
    if (page == Figures)
        return QStringLiteral(
            "SELECT coalesce(s.service, s.instance) AS server, s.metric, max(value) FILTER (WHERE %1) - "
            "min(value) FILTER (WHERE %1) AS a,\n"
            "  max(value) FILTER (WHERE %2) - min(value) FILTER (WHERE %2) AS b\n"
            "FROM series AS s JOIN point AS p ON p.series_id = s.id\n"
            "WHERE s.metric IN ('postgresql.commits', 'postgresql.rollbacks', 'postgresql.wal.position')\n"
            "GROUP BY 1, 2")
            .arg(between(First), between(Second));
    return QStringLiteral(
        "SELECT statement_id, max(calls) FILTER (WHERE %1) - min(calls) FILTER (WHERE %1) AS calls_a,\n"
        "  max(total_ms) FILTER (WHERE %1) - min(total_ms) FILTER (WHERE %1) AS ms_a,\n"
        "  max(calls) FILTER (WHERE %2) - min(calls) FILTER (WHERE %2) AS calls_b,\n"
        "  max(total_ms) FILTER (WHERE %2) - min(total_ms) FILTER (WHERE %2) AS ms_b\n"
        "FROM statement_sample GROUP BY server_id, statement_id, db, user ORDER BY ms_b DESC")
        .arg(between(First), between(Second));
}

} // namespace tailscope::items
