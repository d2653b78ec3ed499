// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/celltable.h"
#include "items/lockquery.h"
#include "session/session.h"

#include <QObject>

#include <memory>

namespace tailscope::items {

/// Deadlocks of the shared range by the pair of their statements, each with its cycle, and waits for locks.
/// GUI thread.
class LockModel : public QObject
{
    Q_OBJECT
public:
    enum PairColumn { PairCount, PairRelations, PairStatements, PairFirst, PairLast, PairColumns };
    enum DeadlockColumn { DeadlockTime, DeadlockProcesses, DeadlockRelations, DeadlockColumns };
    enum ProcessColumn {
        ProcessPid,
        ProcessMode,
        ProcessLock,
        ProcessRelation,
        ProcessHolder,
        ProcessColumns
    };
    enum WaitColumn {
        WaitTime,
        WaitMs,
        WaitBlocked,
        WaitBlocker,
        WaitMode,
        WaitRelation,
        WaitStatement,
        WaitColumns
    };

    explicit LockModel(session::Session *session, QObject *parent = nullptr);

    /// Nothing is read while nobody looks.
    void setActive(bool active);
    /// Ids of rows: pairs by number, deadlocks and waits by their place in the overview.
    CellTable *pairs() const { return m_pairs; }
    CellTable *deadlocks() const { return m_deadlocks; }
    CellTable *processes() const { return m_processes; }
    CellTable *waits() const { return m_waits; }
    void choosePair(qint64 id); ///< -1 = all
    void chooseDeadlock(qint64 id); ///< -1 = none
    const Deadlock *current() const; ///< null = none
    const LockWait &wait(qint64 id) const { return m_overview->waits[std::size_t(id)]; }
    std::optional<TimeRange> timeOfPair(qint64 id) const;
    /// Null: not read yet.
    std::shared_ptr<const LockOverview> overview() const { return m_overview; }
    bool isBusy() const { return (m_active && m_stale) || m_job.isRunning(); }
    QString errorText() const { return m_error; }
    QString sql() const;
    QString waitSql() const;

Q_SIGNALS:
    void changed(); ///< the overview is new
    void currentChanged();
    void busyChanged();

private:
    void invalidate();
    void refresh();
    void fillPairs();
    void fillDeadlocks();
    void fillProcesses();
    void fillWaits();
    QString rangeSql(const char *column) const;

    session::Session *m_session;
    session::LatestJob m_job;
    CellTable *m_pairs, *m_deadlocks, *m_processes, *m_waits;
    std::shared_ptr<const LockOverview> m_overview;
    std::vector<std::vector<std::size_t>> m_members; ///< deadlocks of each pair
    qint64 m_pair = -1, m_current = -1;
    QString m_error;
    bool m_active = false, m_stale = true;
};

} // namespace tailscope::items
