// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/tracetable.h"
#include "session/session.h"

#include <QAbstractTableModel>
#include <QHash>
#include <QSet>
#include <QTimer>

#include <memory>
#include <optional>
#include <vector>

namespace tailscope::items {

/// The traces of which a span passes the shared range and filter, sorted and searched by jobs: any number of
/// rows. One instance a session (of()), so that the list, its picture, and next and previous trace mean the
/// same order. Trace ids (keys) are read as rows are shown. GUI thread.
class TraceListModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column {
        Start,
        Duration,
        Service,
        Operation,
        Spans,
        Services,
        Errors,
        Wait,
        Network,
        Processing,
        LargestGap,
        Weight,
        Key,
        ColumnCount
    };
    enum Role {
        BarRole = Qt::UserRole, ///< share of the largest duration
        LevelRole, ///< 2 = has errors
        TraceIdRole
    };
    using Table = std::shared_ptr<const TraceTable>;
    using Scatter = std::shared_ptr<const TraceScatter>;

    /// That of the session, made at the first call.
    static TraceListModel *of(session::Session *session);

    /// Nothing is computed while nobody looks: each view says when it does.
    void setActive(const QObject *user, bool active);
    void setSearch(const QString &text);
    QString search() const { return m_order.search; }
    void setOrder(TraceField field, bool descending);
    TraceField field() const { return m_order.field; }
    bool isDescending() const { return m_order.descending; }
    /// Size of the picture in cells; the density follows by a job.
    void setScatterSize(int columns, int rows);

    Table table() const { return m_table; } ///< null: not computed yet
    const std::vector<std::uint32_t> &listed() const { return m_listing->listed; }
    /// Entries of the table in order, with the slowest and the median; never null.
    std::shared_ptr<const TraceListing> listing() const { return m_listing; }
    Scatter scatter() const { return m_scatter; }
    /// True while anything shown is older than the context, or active and not yet computed.
    bool isBusy() const;
    bool isListing() const; ///< the same for the rows alone
    QString errorText() const { return m_error; }

    std::optional<int> rowOfId(qint64 traceId) const; ///< nullopt: not listed
    qint64 idAt(int row) const { return m_table->id(listed()[std::size_t(row)]); }
    std::uint32_t entryAt(int row) const { return listed()[std::size_t(row)]; }
    /// The listed trace that took longest, nullopt when the list is empty.
    std::optional<qint64> slowest() const;
    /// Known once the row was shown; empty until then (keysChanged() follows).
    QString keyAt(int row) const;
    /// Rows with a header, separated by tabs, values unrounded in nanoseconds.
    QString toText(const QList<int> &rows) const;
    /// The list as a query of the public schema.
    QString sql() const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    void sort(int column, Qt::SortOrder order) override;

Q_SIGNALS:
    void listChanged(); ///< table, order or search result are new
    void scatterChanged();
    void keysChanged();
    void busyChanged();

private:
    using Listing = std::shared_ptr<const TraceListing>;
    using Built = std::pair<Table, Listing>;
    explicit TraceListModel(session::Session *session);
    void invalidate();
    void build();
    void applyOrder();
    void take(const Table &table, const Listing &listing);
    void computeScatter();
    void fetchKeys();
    QString text(std::size_t entry, int column) const;
    QString toolTip(std::size_t entry, int column) const;
    Nanos nanos(std::size_t entry, int column) const;

    session::Session *m_session;
    session::LatestJob m_buildJob, m_orderJob, m_scatterJob, m_keyJob;
    QSet<const QObject *> m_users;
    Table m_table;
    Listing m_listing = std::make_shared<const TraceListing>();
    Scatter m_scatter;
    TraceOrder m_order;
    QString m_error;
    int m_scatterColumns = 0, m_scatterRows = 0;
    bool m_stale = true;
    mutable QHash<qint64, QString> m_keys;
    mutable QSet<qint64> m_wantedKeys;
    mutable QTimer m_keyTimer;
};

} // namespace tailscope::items
