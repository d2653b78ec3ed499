// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/blockingquery.h"
#include "session/session.h"

#include <QAbstractItemModel>

#include <memory>

namespace tailscope::items {

class MomentWatch;

/// The sessions that block others at the moment playback shows, as trees: roots with their victims below.
/// Read by a job, one at a time. GUI thread.
class BlockingModel : public QAbstractItemModel
{
    Q_OBJECT
public:
    enum Column {
        Process,
        State,
        Waited,
        Victims,
        Depth,
        Lock,
        Relation,
        ModeWanted,
        ModeHeld,
        TransactionAge,
        Application,
        User,
        Query,
        ColumnCount
    };
    enum Role { BarRole = Qt::UserRole, LevelRole };

    explicit BlockingModel(session::Session *session, QObject *parent = nullptr);

    void setActive(bool active); ///< nothing is read while nobody looks
    bool isBusy() const;
    QString errorText() const { return m_error; }
    std::shared_ptr<const BlockingContent> content() const { return m_content; } ///< null: not read yet

    struct Place
    {
        qint64 pid = 0, server = 0; ///< server: an id of it, 0 = unnamed
        qint64 statementId = 0; ///< 0 = unknown
        bool isRoot = false;
    };
    Place place(const QModelIndex &index) const; ///< pid 0 outside, and of a prepared transaction
    QModelIndex indexOf(qint64 pid, qint64 server) const; ///< its first row; invalid = not there
    QString query(const QModelIndex &index) const; ///< without values, in full; empty = unknown
    QString summary() const; ///< "2 roots, 7 blocked sessions, ..."
    QString momentText() const;
    QString sql() const;
    QString toText(QChar separator) const; ///< the whole tree, indented; CSV with ','

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &index) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

Q_SIGNALS:
    void changed();
    void busyChanged();

private:
    struct Row
    {
        std::size_t server = 0, node = 0; ///< places in content and forest
        int parent = -1, number = 0; ///< among its siblings
        std::vector<int> children;
    };
    void read();
    void adopt(BlockingContent content);
    const Row *rowAt(const QModelIndex &index) const;
    QString text(const Row &row, int column) const;
    QString toolTip(const Row &row, int column) const;
    int level(const Row &row, int column) const;

    session::Session *m_session;
    MomentWatch *m_watch;
    session::LatestJob m_job;
    std::shared_ptr<StatementTexts> m_texts = std::make_shared<StatementTexts>();
    std::shared_ptr<const BlockingContent> m_content;
    std::vector<Row> m_rows;
    std::vector<int> m_roots;
    QString m_error;
};

} // namespace tailscope::items
