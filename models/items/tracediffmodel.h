// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/tracediff.h"
#include "items/tracelistmodel.h"
#include "items/waterfalltrace.h"
#include "session/session.h"

#include <QAbstractTableModel>

#include <memory>
#include <optional>
#include <vector>

namespace tailscope::items {

/// Two traces compared by time, one row a path. One instance a session (of()): any view marks the baseline A
/// and chooses B. Where none is chosen, A is the median and B the slowest of the listed traces. Reading and
/// comparing is a job; while it runs the old comparison stays. GUI thread.
class TraceDiffModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column {
        Operation,
        Service,
        TotalA,
        TotalB,
        TotalDelta,
        SelfA,
        SelfB,
        SelfDelta,
        CriticalDelta,
        In,
        ColumnCount
    };
    enum Role { BarRole = Qt::UserRole, LevelRole };
    struct Pair
    {
        std::shared_ptr<const WaterfallTrace> a, b;
        analysis::TraceDiff diff;
    };

    static TraceDiffModel *of(session::Session *session);

    void setActive(const QObject *user, bool active);
    void setBaseline(qint64 traceId); ///< A
    void setOther(qint64 traceId); ///< B
    void swap();
    bool hasBaseline() const { return m_baseline.has_value(); } ///< chosen, not the default
    std::optional<qint64> baseline() const { return m_baseline; }
    /// By keys of a stored state.
    void setKeys(const QString &a, const QString &b);
    std::shared_ptr<const Pair> pair() const { return m_pair; } ///< null: nothing to compare
    bool isDefault() const { return !m_baseline && !m_other; }
    bool isBusy() const;
    QString errorText() const { return m_error; }

    /// "B is 1.2 s slower (2.1 times): +1.1 s in pool.acquire (wait), +0.1 s in ...": the largest parts of
    /// the critical paths, which add up to the difference.
    QString words() const;
    /// "A: POST /pay, 100 ms, 13 spans".
    QString sideText(bool isB) const;
    std::uint32_t diffRowAt(int row) const { return m_order[std::size_t(row)]; } ///< index into diff.rows
    std::optional<int> rowOfDiff(std::uint32_t diffRow) const;
    QString nameOf(std::uint32_t diffRow) const; ///< operation
    /// A span of the row in trace B, else A.
    qint64 spanIdOf(std::uint32_t diffRow) const;
    QString toText(const QList<int> &rows) const; ///< with a header, separated by tabs
    QString sql() const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    void sort(int column, Qt::SortOrder order) override;

Q_SIGNALS:
    void pairChanged();
    void busyChanged();

private:
    explicit TraceDiffModel(session::Session *session);
    void load();
    void applyOrder();
    std::pair<std::optional<qint64>, std::optional<qint64>> wanted() const;
    Nanos nanos(std::uint32_t diffRow, int column) const;
    QString serviceOf(std::uint32_t diffRow) const;

    session::Session *m_session;
    TraceListModel *m_list;
    session::LatestJob m_job, m_keyJob;
    QSet<const QObject *> m_users;
    std::optional<qint64> m_baseline, m_other;
    std::shared_ptr<const Pair> m_pair;
    std::vector<std::uint32_t> m_order;
    int m_sortColumn = TotalDelta;
    Qt::SortOrder m_sortOrder = Qt::DescendingOrder;
    QString m_error;
};

} // namespace tailscope::items
