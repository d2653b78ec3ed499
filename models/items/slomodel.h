// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/slorequests.h"
#include "items/celltable.h"
#include "session/session.h"

#include <QObject>

#include <array>
#include <memory>
#include <vector>

namespace tailscope::items {

/// A burn alert over the bins that are shown.
struct SloBurn
{
    analysis::BurnAlert alert;
    analysis::BurnHistory history;
};

/// What a job makes of the requests in the shared range.
struct SloContent
{
    analysis::SloDefinition definition;
    std::vector<analysis::SloResult> results; ///< one an origin; the one shown first
    std::array<SloBurn, 3> burns; ///< of the first
};

/// Service level of the workspace: its definition (kept in the workspace) and what the requests in the shared
/// range make of it. GUI thread.
class SloModel : public QObject
{
    Q_OBJECT
public:
    enum DayColumn { Day, DayValid, DayBad, DayAllowed, DayLeft, DayShare, DayColumns };
    enum CauseColumn {
        CauseCategory,
        CauseDetail,
        CauseFailures,
        CauseShare,
        CauseCumulative,
        CauseAfter,
        CauseColumns
    };
    enum OperationColumn {
        OperationName,
        OperationValid,
        OperationBad,
        OperationShare,
        OperationSpent,
        OperationColumns
    };
    enum UserColumn { UserFigure, UserValue, UserSecond, UserMinute, UserHour, UserDay, UserColumns };
    enum BurnColumn { BurnWindows, BurnThreshold, BurnNow, BurnWorst, BurnWorstAt, BurnFired, BurnColumns };

    explicit SloModel(session::Session *session, QObject *parent = nullptr);

    void setActive(bool active); ///< nothing is computed while nobody looks
    const analysis::SloDefinition &definition() const { return m_definition; }
    /// Keeps it in the workspace and judges again, the rules too.
    void setDefinition(const analysis::SloDefinition &definition);
    std::shared_ptr<const SloContent> content() const { return m_content; } ///< null: not computed yet
    const analysis::SloResult *result() const; ///< the one shown; null = no requests
    bool isBusy() const { return (m_active && m_stale) || m_job.isRunning(); }
    QString errorText() const { return m_error; }
    QString headline() const; ///< the counts in one sentence
    QString note() const; ///< what limits the figures, may be empty
    CellTable *days() const { return m_days; }
    CellTable *causes() const { return m_causes; }
    CellTable *operations() const { return m_operations; }
    CellTable *users() const { return m_users; }
    CellTable *burns() const { return m_burns; }
    static QString originText(analysis::SloOrigin origin);
    QString sql() const;

Q_SIGNALS:
    void changed();
    void busyChanged();

private:
    void invalidate();
    void refresh();
    void fill();
    void fillUsers(const analysis::SloResult &result);
    void fillBurns();

    session::Session *m_session;
    session::LatestJob m_job;
    analysis::SloDefinition m_definition;
    std::shared_ptr<const SloContent> m_content;
    CellTable *m_days, *m_causes, *m_operations, *m_users, *m_burns;
    QString m_error;
    bool m_active = false, m_stale = true;
};

} // namespace tailscope::items
