// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "items/serverlogtables.h"

#include "base/text.h"

#include <QDateTime>
#include <QTimeZone>

#include <algorithm>
#include <cmath>

namespace tailscope::items {

namespace {

constexpr std::size_t kPage = 200;
constexpr int kMaxKept = 20'000;

QString fromUtf8(std::string_view text) { return QString::fromUtf8(text.data(), qsizetype(text.size())); }
QString oneLine(std::string_view text) { return fromUtf8(text).simplified(); }
QString tr(const char *text) { return LogPatternTable::tr(text); }

int levelOf(const std::string &severity)
{
    if (severity == "FATAL" || severity == "PANIC")
        return 3;
    return severity == "ERROR" || severity == "WARNING" ? 2 : 0;
}

QString cell(QString text) { return text.replace(QLatin1Char('\t'), QLatin1Char(' ')).simplified(); }
QString number(double value) { return std::isnan(value) ? QString() : QString::number(value, 'g', 15); }

} // namespace

QString logKindText(const std::string &kind)
{
    static const QHash<QString, QString> words{{QStringLiteral("slow_statement"), tr("slow statement")},
        {QStringLiteral("statement"), tr("statement")}, {QStringLiteral("plan"), tr("plan")},
        {QStringLiteral("lock_wait"), tr("lock wait")}, {QStringLiteral("deadlock"), tr("deadlock")},
        {QStringLiteral("checkpoint"), tr("checkpoint")}, {QStringLiteral("autovacuum"), tr("autovacuum")},
        {QStringLiteral("temp_file"), tr("temporary file")}, {QStringLiteral("error"), tr("error")},
        {QStringLiteral("connection"), tr("connection")}, {QStringLiteral("replication"), tr("replication")},
        {QStringLiteral("other"), tr("other")}};
    return kind.empty() ? tr("unknown") : words.value(fromUtf8(kind), fromUtf8(kind));
}

QString logTimeText(Nanos ts, std::int32_t offsetSeconds)
{
    const QDateTime utc = QDateTime::fromMSecsSinceEpoch(ts / 1'000'000, Qt::UTC);
    QString text = utc.toString(QStringLiteral("yyyy-MM-dd HH:mm:ss.zzz")) + QStringLiteral(" UTC");
    if (offsetSeconds != 0) {
        const QDateTime there = utc.addSecs(offsetSeconds);
        const int minutes = std::abs(offsetSeconds) / 60;
        text += tr(" (%1 %2%3:%4 in the log)")
                    .arg(there.toString(QStringLiteral("yyyy-MM-dd HH:mm:ss.zzz")),
                        QString(QLatin1Char(offsetSeconds < 0 ? '-' : '+')),
                        QString::number(minutes / 60).rightJustified(2, QLatin1Char('0')),
                        QString::number(minutes % 60).rightJustified(2, QLatin1Char('0')));
    }
    return text;
}

LogPatternTable::LogPatternTable(session::Session *session, QObject *parent)
    : QAbstractTableModel(parent)
    , m_session(session)
{}

void LogPatternTable::setPatterns(std::vector<LogPattern> patterns)
{
    beginResetModel();
    m_patterns = std::move(patterns);
    m_most = 0;
    for (const LogPattern &pattern : m_patterns)
        m_most = std::max(m_most, pattern.n);
    applyOrder();
    endResetModel();
}

int LogPatternTable::rowOf(const LogPattern &pattern) const
{
    const auto found = std::find(m_patterns.begin(), m_patterns.end(), pattern);
    return found == m_patterns.end() ? -1 : int(found - m_patterns.begin());
}

int LogPatternTable::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_patterns.size());
}

int LogPatternTable::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QString LogPatternTable::text(const LogPattern &pattern, int column) const
{
    const auto time = [this](const std::optional<Nanos> &ts) {
        return ts ? m_session->context()->timeText(*ts) : tr("unknown");
    };
    switch (column) {
    case Kind:
        return logKindText(pattern.kind);
    case Severity:
        return fromUtf8(pattern.severity);
    case Pattern:
        return oneLine(pattern.pattern);
    case Lines:
        return fromUtf8(groupedCount(pattern.n));
    case First:
        return time(pattern.first);
    case Last:
        return time(pattern.last);
    case TotalTime:
        return std::isnan(pattern.totalMs) ? QString() : fromUtf8(humanMillis(pattern.totalMs));
    case Longest:
        return std::isnan(pattern.longestMs) ? QString() : fromUtf8(humanMillis(pattern.longestMs));
    default:
        return {};
    }
}

QVariant LogPatternTable::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount() || index.column() >= ColumnCount)
        return {};
    const LogPattern &at = pattern(index.row());
    switch (role) {
    case Qt::DisplayRole:
        return text(at, index.column());
    case Qt::ToolTipRole:
        return QStringList{fromUtf8(at.pattern), tr("%1 lines").arg(fromUtf8(groupedCount(at.n))),
            tr("first %1").arg(text(at, First)), tr("last %1").arg(text(at, Last)),
            std::isnan(at.totalMs)
                ? tr("these lines tell no durations")
                : tr("%1 ms in all, %2 ms the longest").arg(number(at.totalMs), number(at.longestMs))}
            .join(QLatin1Char('\n'));
    case Qt::TextAlignmentRole:
        return int((index.column() == Lines || index.column() >= TotalTime ? Qt::AlignRight : Qt::AlignLeft)
            | Qt::AlignVCenter);
    case BarRole:
        return index.column() == Lines && m_most > 0 ? QVariant(double(at.n) / double(m_most)) : QVariant();
    case LevelRole:
        return index.column() == Severity ? levelOf(at.severity) : 0;
    default:
        return {};
    }
}

QVariant LogPatternTable::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    static const QStringList titles{tr("Kind"), tr("Severity"), tr("Pattern"), tr("Lines"), tr("First"),
        tr("Last"), tr("Total Time"), tr("Longest")};
    static const QStringList tips{tr("What the line is about"), tr("As the server wrote it"),
        tr("The message without what differs from line to line"), tr("Lines of this pattern that pass"),
        tr("Time of the first of them"), tr("Time of the last of them"),
        tr("Sum of the durations in these lines"), tr("The longest of them")};
    if (role == Qt::DisplayRole)
        return titles.value(section);
    if (role == Qt::ToolTipRole)
        return tips.value(section);
    if (role == Qt::TextAlignmentRole)
        return int(
            (section == Lines || section >= TotalTime ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    return {};
}

void LogPatternTable::applyOrder()
{
    const auto less = [this](const LogPattern &a, const LogPattern &b) {
        // Unknown values are the smallest.
        const auto real = [](double x, double y) { return std::isnan(x) ? !std::isnan(y) : x < y; };
        switch (m_column) {
        case Kind:
        case Severity:
        case Pattern:
            return text(a, m_column).localeAwareCompare(text(b, m_column)) < 0;
        case First:
            return a.first < b.first;
        case Last:
            return a.last < b.last;
        case TotalTime:
            return real(a.totalMs, b.totalMs);
        case Longest:
            return real(a.longestMs, b.longestMs);
        default:
            return a.n < b.n;
        }
    };
    std::stable_sort(m_patterns.begin(), m_patterns.end(), [&](const LogPattern &a, const LogPattern &b) {
        return m_order == Qt::AscendingOrder ? less(a, b) : less(b, a);
    });
}

void LogPatternTable::sort(int column, Qt::SortOrder order)
{
    if (column < 0 || column >= ColumnCount)
        return;
    Q_EMIT layoutAboutToBeChanged({}, QAbstractItemModel::VerticalSortHint);
    const QModelIndexList before = persistentIndexList();
    std::vector<LogPattern> kept;
    for (const QModelIndex &index : before)
        kept.push_back(pattern(index.row()));
    m_column = column;
    m_order = order;
    applyOrder();
    QModelIndexList after;
    for (qsizetype i = 0; i < before.size(); ++i)
        after << createIndex(rowOf(kept[std::size_t(i)]), before[i].column());
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged({}, QAbstractItemModel::VerticalSortHint);
}

QString LogPatternTable::toText(const QList<int> &rows) const
{
    QStringList lines{
        QStringLiteral("kind\tseverity\tsqlstate\tpattern\tn\tfirst_ns\tlast_ns\ttotal_ms\tlongest_ms")};
    const auto time = [](const std::optional<Nanos> &ts) { return ts ? QString::number(*ts) : QString(); };
    for (const int row : rows) {
        const LogPattern &at = pattern(row);
        lines << QStringList{fromUtf8(at.kind), fromUtf8(at.severity), fromUtf8(at.sqlstate),
            cell(fromUtf8(at.pattern)), QString::number(at.n), time(at.first), time(at.last),
            number(at.totalMs), number(at.longestMs)}
                     .join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n'));
}

LogLineTable::LogLineTable(session::Session *session, QObject *parent)
    : QAbstractTableModel(parent)
    , m_session(session)
    , m_idJob(session->jobs())
    , m_lineJob(session->jobs())
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(0);
    connect(&m_timer, &QTimer::timeout, this, &LogLineTable::fetch);
}

void LogLineTable::setFilter(const LogFilter &filter)
{
    m_filter = filter;
    m_started = true;
    reload();
}

int LogLineTable::rowOf(std::int64_t id) const
{
    const auto found = std::find(m_ids.begin(), m_ids.end(), id);
    return found == m_ids.end() ? -1 : int(found - m_ids.begin());
}

void LogLineTable::reload()
{
    const auto workspace = m_session->workspacePtr();
    m_lineJob.cancel();
    m_wanted.clear();
    m_idJob.start<std::vector<std::int64_t>>(
        this, {},
        [workspace, filter = m_filter, order = m_order, descending = m_descending](
            const Progress &progress) { return logLineIds(*workspace, filter, order, descending, progress); },
        [this](Result<std::vector<std::int64_t>> ids) {
            if (!ids && ids.error().code == ErrorCode::Cancelled)
                return;
            beginResetModel();
            m_error = ids ? QString() : QString::fromStdString(ids.error().toText());
            m_ids = ids ? std::move(*ids) : std::vector<std::int64_t>();
            m_lines.clear();
            endResetModel();
            Q_EMIT listed();
            Q_EMIT busyChanged();
        });
    Q_EMIT busyChanged();
}

void LogLineTable::fetch()
{
    if (m_wanted.empty() || m_lineJob.isRunning())
        return;
    std::vector<std::int64_t> ids;
    while (!m_wanted.empty() && ids.size() < kPage) {
        const int row = *m_wanted.rbegin(); // what was asked for last is on the screen
        m_wanted.erase(row);
        if (row < int(m_ids.size()) && !m_lines.contains(idAt(row)))
            ids.push_back(idAt(row));
    }
    const auto workspace = m_session->workspacePtr();
    m_lineJob.start<std::vector<LogLine>>(
        this, {}, [workspace, ids](const Progress &progress) { return logLines(*workspace, ids, progress); },
        [this](Result<std::vector<LogLine>> lines) {
            if (lines) {
                if (m_lines.size() > kMaxKept)
                    m_lines.clear();
                for (const LogLine &line : *lines)
                    m_lines.insert(line.id, line);
                if (!m_ids.empty())
                    Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
            } else if (lines.error().code != ErrorCode::Cancelled) {
                m_error = QString::fromStdString(lines.error().toText());
            }
            if (!m_wanted.empty())
                m_timer.start();
            Q_EMIT busyChanged();
        });
}

int LogLineTable::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_ids.size());
}

int LogLineTable::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QString LogLineTable::text(const LogLine &line, int column) const
{
    switch (column) {
    case Time:
        return line.ts ? m_session->context()->timeText(*line.ts) : tr("unknown");
    case Duration:
        return std::isnan(line.durationMs) ? QString() : fromUtf8(humanMillis(line.durationMs));
    case Severity:
        return fromUtf8(line.severity);
    case Pid:
        return line.pid ? QString::number(*line.pid) : QString();
    case User:
        return fromUtf8(line.user);
    case Database:
        return fromUtf8(line.db);
    case Message:
        return oneLine(line.message);
    case Statement:
        return oneLine(line.statement);
    default:
        return {};
    }
}

QVariant LogLineTable::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount() || index.column() >= ColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int((index.column() == Duration || index.column() == Pid ? Qt::AlignRight : Qt::AlignLeft)
            | Qt::AlignVCenter);
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole && role != LevelRole)
        return {};
    const auto found = m_lines.constFind(idAt(index.row()));
    if (found == m_lines.constEnd()) {
        m_wanted.insert(index.row());
        m_timer.start();
        return role == Qt::DisplayRole && index.column() == Time ? QVariant(QStringLiteral("…")) : QVariant();
    }
    if (role == LevelRole)
        return index.column() == Severity ? levelOf(found->severity) : 0;
    if (role == Qt::DisplayRole)
        return text(*found, index.column());
    if (index.column() == Time && found->ts)
        return logTimeText(*found->ts, found->offsetSeconds);
    if (index.column() == Duration && !std::isnan(found->durationMs))
        return tr("%1 ms").arg(number(found->durationMs));
    return text(*found, index.column());
}

QVariant LogLineTable::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    static const QStringList titles{tr("Time"), tr("Duration"), tr("Severity"), tr("Process"), tr("User"),
        tr("Database"), tr("Message"), tr("Statement")};
    if (role == Qt::DisplayRole)
        return titles.value(section);
    if (role == Qt::ToolTipRole)
        return section == Time || section == Duration ? QVariant(tr("Click to sort by it")) : QVariant();
    if (role == Qt::TextAlignmentRole)
        return int(
            (section == Duration || section == Pid ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    return {};
}

void LogLineTable::sort(int column, Qt::SortOrder order)
{
    if (column != Time && column != Duration)
        return; // texts of lines that are not shown are not known
    m_order = column == Time ? LogOrder::Time : LogOrder::Duration;
    m_descending = order == Qt::DescendingOrder;
    if (m_started)
        reload();
}

QString LogLineTable::sql() const
{
    return QStringLiteral(
        "SELECT e.id, e.ts_ns, e.severity, e.pid, e.user, e.db, e.duration_ms, e.message, e.detail,"
        " s.text AS statement\nFROM log_entry AS e LEFT JOIN statement AS s ON s.id = e.statement_id\n"
        "WHERE %1\nORDER BY %2%3 LIMIT 1000;")
        .arg(fromUtf8(logCondition(m_filter).literal()),
            m_order == LogOrder::Time ? QStringLiteral("e.ts_ns") : QStringLiteral("e.duration_ms"),
            m_descending ? QStringLiteral(" DESC") : QString());
}

QString LogLineTable::toText(const QList<int> &rows) const
{
    QStringList lines{QStringLiteral("id\tts_ns\tduration_ms\tseverity\tpid\tuser\tdb\tmessage\tstatement")};
    for (const int row : rows) {
        const auto found = m_lines.constFind(idAt(row));
        if (found == m_lines.constEnd()) {
            lines << QString::number(idAt(row));
            continue;
        }
        lines << QStringList{QString::number(found->id), found->ts ? QString::number(*found->ts) : QString(),
            number(found->durationMs), fromUtf8(found->severity),
            found->pid ? QString::number(*found->pid) : QString(), cell(fromUtf8(found->user)),
            cell(fromUtf8(found->db)), cell(fromUtf8(found->message)), cell(fromUtf8(found->statement))}
                     .join(QLatin1Char('\t'));
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace tailscope::items
