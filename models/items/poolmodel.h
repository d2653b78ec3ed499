// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/celltable.h"
#include "items/poolquery.h"
#include "items/poolwhatif.h"
#include "session/session.h"

#include <QObject>

#include <memory>

namespace tailscope::items {

/// Pools with their verdicts, the samples of the chosen one, what configuration alone says of all of them
/// against their server, and what if one were different. GUI thread; reads by jobs.
class PoolModel : public QObject
{
    Q_OBJECT
public:
    enum PoolColumn {
        PoolName,
        PoolInstance,
        PoolVerdict,
        PoolUse,
        PoolUseCounted,
        PoolActive,
        PoolCeiling,
        PoolLimit,
        PoolWaiting,
        PoolWaitP50,
        PoolWaitP95,
        PoolWaitP99,
        PoolTimeouts,
        PoolThroughput,
        PoolService,
        PoolDemand,
        PoolColumns
    };

    explicit PoolModel(session::Session *session, QObject *parent = nullptr);

    /// Nothing is read while nobody looks.
    void setActive(bool active);
    CellTable *pools() const { return m_pools; } ///< ids: places in overview()->pools
    CellTable *facts() const { return m_facts; } ///< the verdict of the chosen pool, figure by figure
    CellTable *fleet() const { return m_fleet; } ///< from configuration alone
    CellTable *answers() const { return m_answers; } ///< of whatIf()
    std::shared_ptr<const PoolOverview> overview() const { return m_overview; } ///< null: not read yet
    std::shared_ptr<const PoolPicture> picture() const { return m_picture; } ///< null: not read yet
    const FigureRow *current() const; ///< null = none
    void choose(qint64 id);
    qint64 currentId() const { return m_current; }
    /// What the chosen pool is, why, and since when; one or two sentences.
    QString sentence() const;
    std::vector<const FigureRow *> ceilings() const; ///< of the chosen pool

    const std::optional<PoolWhatIf> &measured() const { return m_measured; }
    const PoolWhatIf &whatIf() const { return m_whatIf; }
    void setWhatIf(const PoolWhatIf &input);

    bool isBusy() const { return (m_active && m_stale) || m_job.isRunning() || m_pictureJob.isRunning(); }
    QString errorText() const { return m_error; }
    QString sql() const; ///< samples of the chosen pool
    QString verdictSql() const;

Q_SIGNALS:
    void changed(); ///< the overview is new
    void currentChanged(); ///< another pool is chosen
    void pictureChanged();
    void whatIfChanged();
    void busyChanged();

private:
    void invalidate();
    void refresh();
    void readPicture();
    void fillPools();
    void fillFacts();
    void fillFleet();
    void fillAnswers();

    session::Session *m_session;
    session::LatestJob m_job, m_pictureJob;
    CellTable *m_pools, *m_facts, *m_fleet, *m_answers;
    std::shared_ptr<const PoolOverview> m_overview;
    std::shared_ptr<const PoolPicture> m_picture;
    std::optional<PoolWhatIf> m_measured;
    PoolWhatIf m_whatIf;
    qint64 m_current = -1;
    QString m_error;
    bool m_active = false, m_stale = true;
};

/// "exhausted" as the views say it, and what a cause means.
QString poolVerdictText(const std::string &verdict);
QString poolCauseText(const std::string &cause);

} // namespace tailscope::items
