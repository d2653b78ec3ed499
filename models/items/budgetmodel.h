// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/budgetreport.h"
#include "analysis/budgetwhatif.h"
#include "items/celltable.h"
#include "session/session.h"

#include <QList>
#include <QObject>
#include <QString>
#include <QStringList>

#include <memory>
#include <optional>
#include <vector>

namespace tailscope::items {

/// A bar of the waterfall; times in ms from the begin of the request.
struct BudgetBar
{
    int row = 0; ///< in BudgetReport::rows
    double start = 0;
    std::optional<double> length; ///< at the chosen percentile; nothing = not measured
    std::optional<double> p95, p99, budget, timeout;
    analysis::BudgetState state = analysis::BudgetState::Unmeasured;
    bool isAsync = false, isTotal = false, isUnaccounted = false;
    int parallelGroup = 0;
    QString name, value, toolTip; ///< value: text beside the bar
};

/// A budget of the workspace or a preset, measured over the requests of the shared range and filter, as a
/// waterfall, a table and sums; and what the requests would take with changes. All by jobs. GUI thread.
class BudgetModel : public QObject
{
    Q_OBJECT
public:
    enum class Scope { AllRequests, OneRequest };
    enum class Percentile { P50, P95, P99 };
    struct Choice
    {
        QString key; ///< "id:5", "preset:api-200ms"
        QString title;
        bool isOwn = false; ///< made in the window
        bool isPreset = false;
        Budget budget;
        qint64 id = 0;
    };
    enum Column { Name, Count, P50, P95, P99, BudgetMs, Used, OnPath, Timeout, Verdict, ColumnCount };
    using Report = std::shared_ptr<const analysis::BudgetReport>;

    explicit BudgetModel(session::Session *session, QObject *parent = nullptr);

    void setActive(bool active);
    bool isBusy() const;
    bool hasSpans() const;

    /// Those of the workspace first, then the presets.
    const QList<Choice> &choices() const { return m_choices; }
    bool hasStored() const;
    QString currentKey() const { return m_key; }
    const Choice *current() const;
    void setCurrent(const QString &key);
    Scope scope() const { return m_scope; }
    void setScope(Scope scope);
    Percentile percentile() const { return m_percentile; }
    void setPercentile(Percentile percentile);

    Report report() const { return m_report; } ///< null before the first result
    QString error() const { return m_error; } ///< a pattern that cannot be read
    const std::vector<BudgetBar> &bars() const { return m_bars; }
    CellTable *table() const { return m_table; }
    qint64 exampleTrace(int row) const; ///< of BudgetReport::rows; 0 = none
    QString headline() const; ///< the total against the target, and the floor
    QString sumsText() const; ///< plain sum and critical path side by side
    QString rowText(int row) const; ///< everything about a row, exact
    QString sql() const;
    QString toMarkdown() const;
    QString toToml() const;

    struct Change
    {
        analysis::BudgetEdit edit;
        bool isChecked = true;
    };
    struct Outcome
    {
        std::shared_ptr<const analysis::BudgetWhatIf> alone, together; ///< together: with all checked above
    };
    void setChanges(const QList<Change> &changes);
    const QList<Change> &changes() const { return m_changes; }
    const QList<Outcome> &outcomes() const { return m_outcomes; } ///< as changes(); empty before the result
    QString changeText(const analysis::BudgetEdit &edit) const;
    QString outcomeText(int change) const;
    QString whatIfText() const; ///< the whole: total against the target, plan, gains that do not add up
    void suggest(); ///< replaces the changes by those that suggest themselves

    /// How many spans (or series) a pattern matches: previewReady() follows. Any number of calls; the last
    /// counts.
    void preview(const QString &pattern);

    /// Saves; id 0 = as a new one, which becomes the current one.
    void save(qint64 id, const Budget &budget);
    void remove(qint64 id);

Q_SIGNALS:
    void choicesChanged();
    void changed();
    void whatIfChanged();
    void busyChanged();
    void previewReady(const QString &pattern, const QString &text, bool isBad);

private:
    struct Base;
    struct Answer;
    void readChoices();
    void takeSelection(); ///< a budget that a finding leads to
    void invalidate();
    void refresh();
    void adopt(std::shared_ptr<const Answer> answer);
    void runWhatIf();
    void buildBars();
    void buildTable();
    std::optional<double> shown(const analysis::BudgetFigure &figure) const;
    std::optional<qint64> selectedTrace() const;

    session::Session *m_session;
    session::LatestJob m_listJob, m_job, m_whatIfJob, m_previewJob;
    std::shared_ptr<const Base> m_base;
    std::shared_ptr<const Answer> m_answer;
    Report m_report;
    QString m_error;
    QList<Choice> m_choices;
    QString m_key;
    Scope m_scope = Scope::AllRequests;
    Percentile m_percentile = Percentile::P50;
    std::vector<BudgetBar> m_bars;
    CellTable *m_table;
    QList<Change> m_changes;
    QList<Outcome> m_outcomes;
    bool m_active = false, m_stale = true, m_listed = false, m_userChanges = false;
};

} // namespace tailscope::items
