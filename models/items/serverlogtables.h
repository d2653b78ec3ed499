// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/serverlogquery.h"
#include "session/session.h"

#include <QAbstractTableModel>
#include <QHash>
#include <QTimer>

#include <set>
#include <vector>

namespace tailscope::items {

/// Words for a kind of line: "slow statements" for slow_statement; unknown kinds as they are.
QString logKindText(const std::string &kind);
/// A time with the UTC offset that the log wrote: "2026-03-02 12:00:00.123 UTC (14:00:00.123 +02:00 in the
/// log)".
QString logTimeText(Nanos ts, std::int32_t offsetSeconds);

/// The patterns of a server's log, sortable. GUI thread.
class LogPatternTable : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Kind, Severity, Pattern, Lines, First, Last, TotalTime, Longest, ColumnCount };
    enum Role { BarRole = Qt::UserRole, LevelRole };

    explicit LogPatternTable(session::Session *session, QObject *parent = nullptr);
    void setPatterns(std::vector<LogPattern> patterns);
    const LogPattern &pattern(int row) const { return m_patterns[std::size_t(row)]; }
    int rowOf(const LogPattern &pattern) const; ///< -1 when it is not there
    QString toText(const QList<int> &rows) const; ///< tab-separated, unrounded

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

private:
    QString text(const LogPattern &pattern, int column) const;
    void applyOrder();

    session::Session *m_session;
    std::vector<LogPattern> m_patterns;
    std::int64_t m_most = 0;
    int m_column = Lines;
    Qt::SortOrder m_order = Qt::DescendingOrder;
};

/// The lines of a pattern or of everything that passes, any number of them: texts are read as rows are shown.
/// GUI thread.
class LogLineTable : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Time, Duration, Severity, Pid, User, Database, Message, Statement, ColumnCount };
    enum Role { BarRole = Qt::UserRole, LevelRole };

    explicit LogLineTable(session::Session *session, QObject *parent = nullptr);
    void setFilter(const LogFilter &filter);
    const LogFilter &filter() const { return m_filter; }
    LogOrder order() const { return m_order; }
    bool isBusy() const { return m_idJob.isRunning() || m_lineJob.isRunning() || !m_wanted.empty(); }
    std::int64_t idAt(int row) const { return m_ids[std::size_t(row)]; }
    int rowOf(std::int64_t id) const; ///< -1 when it is not listed
    QString errorText() const { return m_error; }
    /// The rows with a header, separated by tabs; rows that were never shown give their id only.
    QString toText(const QList<int> &rows) const;
    QString sql() const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

Q_SIGNALS:
    void listed(); ///< the ids are new
    void busyChanged();

private:
    void reload();
    void fetch();
    QString text(const LogLine &line, int column) const;

    session::Session *m_session;
    session::LatestJob m_idJob, m_lineJob;
    LogFilter m_filter;
    LogOrder m_order = LogOrder::Time;
    bool m_descending = true, m_started = false;
    std::vector<std::int64_t> m_ids;
    mutable QHash<qint64, LogLine> m_lines;
    mutable std::set<int> m_wanted; ///< rows
    mutable QTimer m_timer;
    QString m_error;
};

} // namespace tailscope::items
