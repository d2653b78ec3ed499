// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "session/session.h"

#include <QAbstractItemModel>

#include <optional>
#include <vector>

namespace tailscope::items {

/// Everything known about the selection of the context, in sections (Span, Attributes, Events, Links, Plan
/// Node...): a tree of two levels with the columns name and value. Loaded by a job whenever the selection
/// changes.
class DetailsModel : public QAbstractItemModel
{
    Q_OBJECT
public:
    explicit DetailsModel(session::Session *session, QObject *parent = nullptr);

    bool isRunning() const { return m_job.isRunning(); }
    QString title() const { return m_title; } ///< "Span checkout.charge"
    QString sql() const; ///< the query for the first section
    QString toText() const; ///< name TAB value lines

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &index) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

Q_SIGNALS:
    void loaded();

private:
    struct Entry
    {
        QString name, value, exact;
        std::optional<Nanos> time; ///< shown before the value, in the time zone of the context
    };
    struct Section
    {
        QString title;
        std::vector<Entry> entries;
    };
    struct Content
    {
        QString title;
        std::vector<Section> sections;
        QString error;
    };
    static Result<Content> load(const store::Workspace &workspace, const session::Selection &selection);
    void reload();
    void updateTimes();
    QString valueText(const Entry &entry) const;

    session::Session *m_session;
    session::LatestJob m_job;
    QString m_title;
    std::vector<Section> m_sections;
};

} // namespace tailscope::items
