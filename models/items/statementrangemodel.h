// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/statementrange.h"
#include "items/celltable.h"
#include "session/session.h"

#include <memory>

namespace tailscope::items {

class MomentWatch;

/// What statements did in the chosen range, or in what the playback shows: deltas of the counters of
/// pg_stat_statements, read again while a recording grows. GUI thread.
class StatementRangeModel : public QObject
{
    Q_OBJECT
public:
    enum Column {
        Text,
        CallsPerSecond,
        Calls,
        Total,
        Share,
        Cumulative,
        Mean,
        Deviation,
        Slowest,
        RowsPerCall,
        HitRatio,
        Read,
        Temp,
        Wal,
        PlanTime,
        Notes,
        Columns
    };

    explicit StatementRangeModel(session::Session *session, QObject *parent = nullptr);

    void setActive(bool active); ///< nothing is read while nobody looks
    bool isBusy() const;
    QString errorText() const { return m_error; }
    /// ids: statement.id; of a statement whose text is hidden -1 - its place in range()->statements.
    CellTable *table() const { return m_table; }
    std::shared_ptr<const analysis::StatementRange> range() const { return m_range; } ///< null: not read yet
    bool isLive() const; ///< moves with the playback

    void setSearch(const QString &words);
    QStringList servers() const { return m_servers; } ///< that were sampled at least twice, whatever is shown
    void setServer(const QString &label); ///< empty = all, added up
    QString server() const { return m_server; }

    void choose(qint64 id); ///< the statement whose history is read; -1 = none
    qint64 chosen() const { return m_chosen; }
    const analysis::StatementHistory &history() const { return m_history; }

    QString noteText() const; ///< samples, sums, resets, what cannot be known
    QString sql() const;
    QString fullText(qint64 id) const; ///< of the statement

Q_SIGNALS:
    void changed();
    void historyChanged();
    void busyChanged();

private:
    struct Loaded;
    void read();
    void readHistory();
    analysis::StatementRangeRequest request() const;

    session::Session *m_session;
    MomentWatch *m_watch;
    session::LatestJob m_job, m_historyJob;
    CellTable *m_table;
    QVector<TableRow> m_rows;
    std::shared_ptr<const analysis::StatementRange> m_range;
    QHash<qint64, QString> m_texts;
    analysis::StatementHistory m_history;
    QStringList m_servers;
    QString m_error, m_search, m_server;
    qint64 m_chosen = -1;
};

} // namespace tailscope::items
