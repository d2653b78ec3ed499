// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/criticalset.h"
#include "analysis/whatif.h"
#include "session/session.h"

#include <QAbstractTableModel>
#include <QString>
#include <QStringList>

#include <memory>
#include <vector>

namespace tailscope::items {

/// The critical paths of all traces with a span in the shared range and filter, added up by operation, as a
/// sortable table; and what the durations of these traces would be with edits. Both by jobs. GUI thread.
class CriticalPathModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Operation, Service, Place, Class, Traces, Total, Share, P50, P99, ColumnCount };
    enum Role { BarRole = Qt::UserRole, LevelRole };
    using Set = std::shared_ptr<const analysis::CriticalSet>;
    using WhatIf = std::shared_ptr<const analysis::WhatIfResult>;
    using Edits = std::vector<analysis::WhatIfEdit>;

    explicit CriticalPathModel(session::Session *session, QObject *parent = nullptr);

    void setActive(bool active); ///< recomputing waits while nobody looks
    Set set() const { return m_set; } ///< null before the first result
    bool isBusy() const;
    bool hasSpans() const;
    bool isWeighted() const; ///< traces were sampled with different weights

    const analysis::CriticalOperation &operation(int row) const;
    qint64 exampleTrace(int row) const; ///< id of the trace in which it takes longest; 0 = none
    QString filterTerms(int row) const;
    int rowOf(const QString &operation, const QString &service, bool isGap) const; ///< -1 when absent
    QString sql() const;
    QString toText(const QList<int> &rows) const; ///< tab-separated, exact

    /// The edits are run again over the same traces, all at once.
    void setEdits(const Edits &edits);
    const Edits &edits() const { return m_edits; }
    WhatIf whatIf() const { return m_whatIf; } ///< null without edits or before the result
    /// "SELECT stock (shop): 50 % faster".
    static QString editText(const analysis::WhatIfEdit &edit);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

Q_SIGNALS:
    void changed();
    void whatIfChanged();
    void busyChanged();

private:
    struct Base;
    void invalidate();
    void refresh();
    void runWhatIf();
    void adopt(Set set);
    QString text(const analysis::CriticalOperation &row, int column) const;
    QString toolTip(const analysis::CriticalOperation &row, int column) const;
    bool lessThan(int a, int b) const;
    void applyOrder();

    session::Session *m_session;
    session::LatestJob m_job, m_whatIfJob;
    std::shared_ptr<const Base> m_base; ///< what all questions about the loaded spans share
    std::shared_ptr<const std::vector<std::uint32_t>> m_traces;
    Set m_set;
    WhatIf m_whatIf;
    Edits m_edits;
    std::vector<int> m_order;
    int m_sortColumn = Total;
    Qt::SortOrder m_sortOrder = Qt::DescendingOrder;
    bool m_active = false, m_stale = true;
};

} // namespace tailscope::items
