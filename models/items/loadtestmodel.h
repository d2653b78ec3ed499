// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/comparesets.h"
#include "analysis/loadruns.h"
#include "items/celltable.h"
#include "session/session.h"

#include <QObject>

#include <memory>
#include <vector>

namespace tailscope::items {

/// A run with what its levels tell.
struct LoadRunView
{
    analysis::LoadRun run;
    std::optional<analysis::Knee> knee;
    std::optional<analysis::ScalabilityFit> fit;
    QString kneeText, fitText; ///< in words; why there is none
};

/// Load tests of the workspace: runs, and of the chosen one phases, levels, limits, and a second run beside
/// it. GUI thread.
class LoadTestModel : public QObject
{
    Q_OBJECT
public:
    enum RunColumn {
        RunName,
        RunTool,
        RunStart,
        RunLength,
        RunRequests,
        RunRate,
        RunErrors,
        RunP95,
        RunP99,
        RunLoop,
        RunOmission,
        RunColumns
    };
    enum PhaseColumn {
        PhaseName,
        PhaseKind,
        PhaseLength,
        PhaseUsers,
        PhaseRate,
        PhaseRequests,
        PhaseErrors,
        PhaseP50,
        PhaseP95,
        PhaseP99,
        PhaseMax,
        PhaseColumns
    };
    enum LevelColumn { LevelUsers, LevelMeasured, LevelFitted, LevelResidual, LevelColumns };
    enum GateColumn { GateWhat, GatePhase, GateValue, GateLimit, GateResult, GateColumns };
    enum CompareColumn {
        CompareWhat,
        CompareMeasure,
        CompareFirst,
        CompareSecond,
        CompareRatio,
        CompareVerdict,
        CompareColumns
    };
    static constexpr double kP95LimitMs
        = 500; ///< as the rule loadtest-gate: where the tool states no threshold
    static constexpr double kErrorLimit = 0.01;

    explicit LoadTestModel(session::Session *session, QObject *parent = nullptr);

    void setActive(bool active); ///< nothing is read while nobody looks
    bool isBusy() const { return (m_active && m_stale) || m_job.isRunning() || m_compareJob.isRunning(); }
    QString errorText() const { return m_error; }
    bool isLoaded() const { return m_runs != nullptr; }
    CellTable *runs() const { return m_runTable; }
    CellTable *phases() const { return m_phases; }
    CellTable *levels() const { return m_levels; }
    CellTable *gates() const { return m_gates; } ///< limits, slopes, differences to production
    CellTable *comparison() const { return m_comparison; }
    void choose(qint64 runId);
    void compareWith(qint64 runId); ///< 0 = none
    qint64 comparedWith() const { return m_other; }
    const LoadRunView *current() const; ///< null = no run
    const LoadRunView *run(qint64 id) const;
    const std::vector<LoadRunView> *all() const { return m_runs.get(); }
    QString verdict() const; ///< of the chosen run: loop, omission, knee
    QString comparisonText() const { return m_comparisonText; }
    QString sql() const;

Q_SIGNALS:
    void changed(); ///< the runs are new
    void currentChanged();
    void comparisonChanged();
    void busyChanged();

private:
    void invalidate();
    void refresh();
    void fillRuns();
    void fillPhases();
    void fillLevels();
    void fillGates();
    void startComparison();
    void fillComparison(const analysis::SetComparison *sets);
    void addPhaseRows(QVector<TableRow> &rows) const;

    session::Session *m_session;
    session::LatestJob m_job, m_compareJob;
    std::shared_ptr<const std::vector<LoadRunView>> m_runs;
    CellTable *m_runTable, *m_phases, *m_levels, *m_gates, *m_comparison;
    qint64 m_current = 0, m_other = 0;
    QString m_error, m_comparisonText;
    bool m_active = false, m_stale = true;
};

} // namespace tailscope::items
