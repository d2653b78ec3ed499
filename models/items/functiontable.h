// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "items/flamemodel.h"

#include <QAbstractTableModel>

#include <memory>
#include <vector>

namespace tailscope::items {

/// The functions of a profile or the operations of the spans that a FlameModel shows: one row each, by own
/// weight. Recursion counts once in totals. Filled by a job whenever the tree changes. GUI thread.
class FunctionTable : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Function, Self, SelfShare, Total, TotalShare, Count, Module, Site, ColumnCount };
    enum Role {
        BarRole = Qt::UserRole, ///< share 0..1 for a bar behind the text, or nothing
        LevelRole, ///< 0..3, as BarDelegate takes it: a hot function is a warning
        SortRole, ///< raw value of the cell
    };
    /// A function with a larger own share is hot.
    static constexpr double kHotShare = 0.1;

    struct Row
    {
        std::string name, group;
        double self = 0, total = 0;
        qint64 count = 0;
        FrameSite site;
    };

    FunctionTable(session::Session *session, FlameModel *model, QObject *parent = nullptr);

    bool isRunning() const { return m_job.isRunning(); }
    const std::vector<Row> &rows() const { return m_rows; }
    /// -1 when it is not there.
    int rowOf(const std::string &name, const std::string &group) const;
    double total() const { return m_total; }
    QString unit() const { return m_unit; }
    /// "file:line" of a row, "file" without a line, empty when unknown.
    QString siteText(int row) const;
    /// Header and the rows, tab separated, unrounded.
    QString toTsv(const QList<int> &rows) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

Q_SIGNALS:
    void filled();

private:
    void fill();
    bool hasOwnUnit() const; ///< texts of weights carry their unit
    QVariant sortValue(const Row &row, int column) const;
    QString text(const Row &row, int column) const;
    QString toolTip(const Row &row, int column) const;

    session::Session *m_session;
    FlameModel *m_model;
    session::LatestJob m_job;
    std::vector<Row> m_rows;
    QString m_unit;
    double m_total = 0;
    bool m_isProfile = false;
};

} // namespace tailscope::items
