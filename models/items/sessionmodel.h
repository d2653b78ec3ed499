// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/celltable.h"
#include "items/sessionquery.h"
#include "session/session.h"

#include <QAbstractTableModel>

#include <memory>
#include <optional>
#include <set>

namespace tailscope::items {

class MomentWatch;

/// Which sessions are listed.
struct SessionFilter
{
    QString words; ///< all of them occur in the row's texts
    bool onlyActive = false, onlyWaiting = false, onlyInTransaction = false;
    bool withBackground = false; ///< the server's own processes too
    int groupColumn = -1; ///< only rows whose text of this column is ...
    QString groupValue;
    friend bool operator==(const SessionFilter &, const SessionFilter &) = default;
};

/// The sessions of all servers at the moment that playback shows, filtered and sorted; rows keep their place
/// in selections while the moment moves. Read by a job, one at a time. GUI thread.
class SessionModel : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column {
        Server,
        Pid,
        Leader,
        User,
        Database,
        Application,
        Client,
        Type,
        State,
        Wait,
        TransactionAge,
        QueryAge,
        StateAge,
        BackendStart,
        XminAge,
        XidAge,
        BlockedBy,
        Blocks,
        Query,
        ColumnCount
    };
    /// ToneRole: SessionTone as int, of the state column.
    enum Role { BarRole = Qt::UserRole, LevelRole, ToneRole };

    explicit SessionModel(session::Session *session, QObject *parent = nullptr);

    /// Nothing is read while nobody looks.
    void setActive(bool active);
    bool isBusy() const;
    QString errorText() const { return m_error; }
    /// Null: not read yet.
    std::shared_ptr<const SessionList> list() const { return m_list; }
    bool hasAny() const { return m_list && !m_list->servers.empty(); }

    void setFilter(const SessionFilter &filter);
    const SessionFilter &filter() const { return m_filter; }
    /// Column by which sessions are counted; -1 = none.
    void setGroupColumn(int column);
    int groupColumn() const { return m_groupColumn; }
    CellTable *groups() const { return m_groups; } ///< id: place; groupValue(id) is its text
    QString groupValue(qint64 id) const;

    const SessionItem *item(int row) const; ///< nullptr outside
    int rowOf(qint64 pid, qint64 server) const; ///< server: an id of it, 0 = any; -1 = not listed
    QString statementText(qint64 id) const; ///< as it was first seen
    QString normalizedText(qint64 id) const;
    /// Connections against what clients may use: text, share (-1 = unknown), level 0..3 by server.
    struct Connections
    {
        QString text, toolTip;
        int level = 0;
    };
    QList<Connections> connections() const;
    QString hiddenText() const; ///< what roles may not see; empty = nothing
    QString momentText() const; ///< when the newest samples are of
    QString sql() const;
    /// Exact values, header first; CSV with ','.
    QString toText(QChar separator, const QList<int> &rows) const;
    QString cellText(int row, int column) const; ///< exact

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;

Q_SIGNALS:
    void changed(); ///< list() is new, or the filter
    void busyChanged();

private:
    void read();
    void adopt(SessionList list);
    std::vector<int> chosenRows() const;
    std::vector<int> sorted(std::vector<int> rows) const;
    void show(std::vector<int> rows, std::shared_ptr<const SessionList> list);
    bool passes(const SessionItem &item) const;
    void fillGroups();
    Nanos sampleOf(const SessionItem &item) const { return m_list->servers[item.server].sampleNs; }
    std::optional<Nanos> age(const SessionItem &item, Nanos since) const;
    QString text(const SessionItem &item, int column) const;
    QString toolTip(const SessionItem &item, int column) const;
    std::optional<double> number(const SessionItem &item, int column) const;
    int level(const SessionItem &item, int column) const;

    session::Session *m_session;
    MomentWatch *m_watch;
    session::LatestJob m_job;
    std::shared_ptr<StatementTexts> m_texts = std::make_shared<StatementTexts>();
    std::shared_ptr<const SessionList> m_list;
    std::vector<int> m_rows; ///< places in m_list->items
    CellTable *m_groups;
    QStringList m_groupValues;
    SessionFilter m_filter;
    QStringList m_words;
    QString m_error;
    int m_groupColumn = -1, m_sortColumn = -1;
    Qt::SortOrder m_sortOrder = Qt::DescendingOrder;
};

/// "mode: Lock" and the like as the views write a wait: "Lock: transactionid", "CPU".
QString waitWords(const analysis::SessionRow &row);
QString toneWords(SessionTone tone);
/// The texts that end a session's query or the session, to copy: nothing is ever run.
QString cancelText(qint64 pid);
QString terminateText(qint64 pid);

} // namespace tailscope::items
