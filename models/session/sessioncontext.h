// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/lanequery.h"
#include "analysis/overviewpyramid.h"
#include "analysis/rangestats.h"
#include "analysis/spancolumns.h"
#include "analysis/spanfilter.h"
#include "session/job.h"

#include <QObject>
#include <QString>

#include <memory>
#include <optional>
#include <vector>

namespace tailscope::session {

/// The thing the user looks at. Views set it on click; the details inspector shows it.
struct Selection
{
    enum class Kind {
        None,
        Span,
        Operation,
        PlanNode,
        Plan,
        Source,
        Event,
        Series,
        Frame,
        Finding,
        Trace,
        Statement,
        Pool, ///< text: name of the pool
        Replica, ///< text: name of the replica; id: server id
        Queue, ///< text: name of the queue
        Budget,
        Run,
        Backend, ///< a session of a server; id: pid, text: its server's id
        Table, ///< text: schema.name; id: oid
        Index, ///< text: schema.name; id: oid
    } kind
        = Kind::None;
    qint64 id = 0; ///< span id, plan_node id, plan id, source id, event id, series id, finding id,
                   ///< trace id, statement id, budget id, run id
    QString text; ///< operation or frame name
    friend bool operator==(const Selection &, const Selection &) = default;
};

/// A second set of spans, beside that of the shared range and filter: what the current one is compared with
/// (profile and trace differences, two periods).
struct Baseline
{
    std::optional<TimeRange> range; ///< of starts; nullopt = all times
    QString filterText; ///< filter language (analysis/spanfilter.h); empty = everything
    qint64 sourceId = 0; ///< only this source; 0 = all
    friend bool operator==(const Baseline &, const Baseline &) = default;
};

/// Which requests of the shared range and filter are the slow ones, and which ones they are compared with. A
/// request is a span that passes the filter while its parent does not (without a filter: the roots).
struct Cohort
{
    enum class Slow {
        AbovePercentile, ///< at or above the percentile of all of them
        Durations ///< with a duration in [low, high)
    } slow
        = Slow::AbovePercentile;
    analysis::Quantile percentile = analysis::kP99;
    Nanos low = 0, high = kUnknownNanos; ///< Durations; high kUnknownNanos = no upper bound
    bool ofSelfTime = false; ///< self time instead of duration, for both
    bool everySpan = false; ///< every span that passes, instead of requests
    enum class Rest {
        Others, ///< all that are not slow
        Middle, ///< P40 to P60: the usual ones
        Baseline ///< the set of SessionContext::baseline()
    } rest
        = Rest::Others;
    friend bool operator==(const Cohort &, const Cohort &) = default;
};

/// What all views share: time range, filter, selection, baseline, time display, and the loaded data. Views
/// never talk to each other. Changes of range, filter, selection, baseline and cohort are steps of the
/// navigation history (Alt+Left / Alt+Right). Lives in the GUI thread; all data is shared immutable values.
class SessionContext : public QObject
{
    Q_OBJECT
public:
    explicit SessionContext(JobQueue *jobs, QObject *parent = nullptr);

    JobQueue *jobs() const { return m_jobs; }

    // Data: null until loaded.
    std::shared_ptr<const analysis::SpanColumns> columns() const { return m_columns; }
    std::shared_ptr<const analysis::LanePyramid> pyramid() const { return m_pyramid; }
    std::shared_ptr<const analysis::OverviewPyramid> overview() const { return m_overview; }
    void setColumns(std::shared_ptr<const analysis::SpanColumns> columns,
        std::shared_ptr<const analysis::LanePyramid> pyramid);
    void setOverview(std::shared_ptr<const analysis::OverviewPyramid> overview);
    /// Full time range of everything loaded (spans, series, events, samples); empty range when there is none.
    TimeRange fullRange() const { return m_fullRange; }
    void setFullRange(TimeRange range);
    /// False when no source has an absolute clock: times are shown as offsets from the start.
    bool isAbsoluteTime() const { return m_absolute; }
    void setAbsoluteTime(bool absolute);

    // Shared state.
    std::optional<TimeRange> range() const { return m_state.range; }
    void setRange(std::optional<TimeRange> range); ///< nullopt = everything
    QString filterText() const { return m_state.filterText; }
    /// Errors are reported by filterError(); the old filter stays in force.
    void setFilterText(const QString &text);
    /// Adds or replaces terms, for example narrow("duration>=5ms duration<7ms"): same fields are replaced.
    void narrow(const QString &terms);
    const analysis::Filter &filter() const { return m_filter; }
    QString filterError() const { return m_filterError; }
    /// Rows that pass the filter; nullptr = all. Matches columns() and filterGeneration().
    std::shared_ptr<const analysis::SpanBitmap> filterBitmap() const { return m_bitmap; }
    quint64 filterGeneration() const { return m_filterGeneration; }
    bool isFilterPending() const { return m_filterJob.isRunning(); }
    Selection selection() const { return m_state.selection; }
    void setSelection(const Selection &selection);
    /// The set everything is compared with; nullopt = none chosen.
    const std::optional<Baseline> &baseline() const { return m_state.baseline; }
    void setBaseline(const std::optional<Baseline> &baseline);
    const Cohort &cohort() const { return m_state.cohort; }
    void setCohort(const Cohort &cohort);
    /// Range and filter together, as the analyses take them.
    analysis::SpanSelection spanSelection() const;
    /// The same as a WHERE condition over view span with literal values, for 'Show SQL'; "1" when everything
    /// passes.
    QString whereSql() const;

    // Navigation history.
    bool canUndo() const { return m_position > 0; }
    bool canRedo() const { return m_position + 1 < m_history.size(); }
    void undo();
    void redo();
    void resetNavigation(); ///< everything visible, no filter; itself a step

    // Time display.
    bool isLocalTime() const { return m_localTime; }
    void setLocalTime(bool local);
    /// Full precision ("2026-03-02 12:00:00.123456789 UTC", or "+1.234567890 s" for relative clocks).
    QString timeText(Nanos ns) const;

Q_SIGNALS:
    void dataChanged(); ///< columns, pyramid, overview or full range replaced
    void rangeChanged();
    void filterChanged(); ///< bitmap and filterText are new
    void filterErrorChanged();
    void selectionChanged();
    void baselineChanged();
    void cohortChanged();
    void historyChanged();
    void timeDisplayChanged();

private:
    struct State
    {
        std::optional<TimeRange> range;
        QString filterText;
        Selection selection;
        std::optional<Baseline> baseline;
        Cohort cohort;
        friend bool operator==(const State &, const State &) = default;
    };
    void remember();
    void apply(const State &state);
    void evaluate();

    JobQueue *m_jobs;
    LatestJob m_filterJob;
    std::shared_ptr<const analysis::SpanColumns> m_columns;
    std::shared_ptr<const analysis::LanePyramid> m_pyramid;
    std::shared_ptr<const analysis::OverviewPyramid> m_overview;
    std::shared_ptr<const analysis::SpanBitmap> m_bitmap;
    analysis::Filter m_filter;
    QString m_filterError;
    quint64 m_filterGeneration = 0;
    TimeRange m_fullRange;
    bool m_absolute = true, m_localTime = false;
    State m_state;
    std::vector<State> m_history{State{}};
    std::size_t m_position = 0;
};

} // namespace tailscope::session
