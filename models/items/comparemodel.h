// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/comparesets.h"
#include "session/session.h"

#include <QAbstractTableModel>
#include <QObject>
#include <QString>

#include <memory>
#include <vector>

namespace tailscope::items {

/// Two sets of spans by operation. Immutable.
struct CompareContent
{
    QString firstName, secondName;
    analysis::SetSample first, second;
    analysis::SetComparison comparison;

    /// Cumulative shares of an operation (nullopt: all spans) of one set: share and value, at most 600
    /// points.
    struct Curve
    {
        std::vector<double> share, value;
        std::int64_t n = 0;
    };
    Curve curve(bool second, const analysis::OperationComparison *operation) const;
};

/// Compares the baseline of the context (or the spans of another file) with the shared range and filter, by a
/// job, whenever one of them changes. Without a baseline there is nothing to compare. GUI thread.
class CompareModel : public QObject
{
    Q_OBJECT
public:
    explicit CompareModel(session::Session *session, QObject *parent = nullptr);

    void setActive(bool active); ///< nothing is computed while nobody looks
    std::shared_ptr<const CompareContent> content() const { return m_content; } ///< null: none yet
    QString error() const { return m_error; }
    bool isBusy() const;
    bool hasSpans() const;
    bool hasBaseline() const { return m_external != nullptr || m_session->context()->baseline().has_value(); }

    /// The first set is another workspace (read only) or file, read by a job; an empty path: the baseline of
    /// the context again.
    void setExternalFile(const QString &path);
    QString externalFile() const { return m_externalPath; }

    /// Sets that can be the baseline: the time before the range; the other sources, when there are several.
    struct Choice
    {
        QString title;
        session::Baseline baseline;
    };
    QList<Choice> choices() const;
    /// What the second set is: the shared range and filter.
    session::Baseline current() const;
    QString nameOf(const session::Baseline &baseline) const;
    /// Percentiles of both sets by operation; empty when the first is another file.
    QString sql() const;

Q_SIGNALS:
    void changed();
    void busyChanged();

private:
    void invalidate();
    void refresh();
    QString where(const session::Baseline &baseline) const;

    session::Session *m_session;
    session::LatestJob m_job, m_loadJob;
    std::shared_ptr<const analysis::SpanColumns> m_external;
    QString m_externalPath, m_error;
    std::shared_ptr<const CompareContent> m_content;
    bool m_active = false, m_stale = true;
};

/// One row an operation, worse ones first.
class CompareTable : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Operation, VerdictColumn, Spans, P50, P95, P99, Errors, Change, ColumnCount };
    enum Role { BarRole = Qt::UserRole + 1, LevelRole };

    explicit CompareTable(QObject *parent = nullptr);
    void setContent(std::shared_ptr<const CompareContent> content);
    const analysis::OperationComparison *operation(int row) const; ///< nullptr outside
    QString rowText(int row) const; ///< cells, tab-separated

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    std::shared_ptr<const CompareContent> m_content;
};

} // namespace tailscope::items
