// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "session/session.h"

#include <QAbstractTableModel>
#include <QVariant>

#include <vector>

namespace tailscope::items {

/// Result of one read-only SQL query as a table. The query runs as a job on a connection of its own under the
/// read-only authorizer; at most kMaxRows rows are kept (isTruncated() tells). Cells keep their SQLite type.
class QueryModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    static constexpr int kMaxRows = 200'000;
    enum Role {
        SortRole = Qt::UserRole, ///< the raw value
    };

    explicit QueryModel(session::Session *session, QObject *parent = nullptr);

    /// Starts the query; an earlier one still running is cancelled. Values are bound as ?1, ?2, ...
    /// `own`: text of the program itself, which may use table-valued pragmas; text of the user never is.
    void setQuery(const QString &sql, const QVariantList &values = {}, bool own = false);
    void cancel();
    void clear();
    bool isRunning() const { return m_job.isRunning(); }
    bool isTruncated() const { return m_truncated; }
    qint64 milliseconds() const { return m_milliseconds; }
    QString error() const { return m_error; }
    QStringList columns() const { return m_columns; }
    QVariant value(int row, int column) const;
    /// Rows as text: separator '\t' or ',' with RFC 4180 quoting, header first.
    QString toText(QChar separator, const QModelIndexList &selected = {}) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    void sort(int column, Qt::SortOrder order) override;

Q_SIGNALS:
    void finished(); ///< rows or error() are there

private:
    struct Table;
    session::Session *m_session;
    session::LatestJob m_job;
    QStringList m_columns;
    std::vector<std::vector<QVariant>> m_rows;
    QString m_error;
    qint64 m_milliseconds = 0;
    bool m_truncated = false;
};

/// How a column is shown, by the suffix of its name: _ns and _ms as durations, bytes as sizes, counts
/// grouped. Points in time stay numbers, which can be put into the next query; with a context they are
/// written in its time zone (GUI thread).
QString displayText(const QString &column, const QVariant &value,
    const session::SessionContext *context = nullptr);
/// True for columns that hold points in time: ts_ns, start_ns, imported_at_ns...
bool isTimeColumn(const QString &column);
/// A point in time as the context shows it. Wall-clock columns ("..._at_ns") stay UTC where the spans have
/// only a relative clock.
QString timeColumnText(const QString &column, Nanos ns, const session::SessionContext &context);

} // namespace tailscope::items
