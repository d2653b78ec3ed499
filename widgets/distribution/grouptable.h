// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "analysis/rangestats.h"

#include <QStringList>
#include <QWidget>

class QComboBox;
class QTableView;

namespace tailscope::items {
class DistributionGroups;
class DistributionModel;
} // namespace tailscope::items

namespace tailscope::widgets {

class ElidedLabel;
class SearchBar;

/// The groups as a table: choose how to group, sort, select up to six to draw them over the histogram, filter
/// to one, leave some out, copy. The sums stand below.
class GroupTable : public QWidget
{
    Q_OBJECT
public:
    static constexpr int kMaxOverlays = 6; ///< as many colours as can be told apart

    GroupTable(items::DistributionModel *model, QWidget *parent = nullptr);

    QTableView *table() const { return m_table; }
    items::DistributionGroups *groups() const { return m_groups; }
    QComboBox *groupByBox() const { return m_groupBy; }
    QComboBox *attributeBox() const { return m_attribute; }
    void setAttribute(const QString &key);
    void setGroupBy(analysis::GroupBy groupBy);
    void startSearch();
    /// Selects the row of an operation, at once or when it is there; only while the groups are operations.
    void chooseOperation(const QString &operation);
    /// Selected groups in the order they were selected, by name; at most kMaxOverlays are drawn.
    const QStringList &chosen() const { return m_chosen; }

Q_SIGNALS:
    void overlaysChanged(); ///< chosen() is new
    void filterRequested(const QString &terms);
    void excludeRequested(const QString &terms);
    void sqlRequested();
    void operationChosen(const QString &operation); ///< the user selected a single operation

private:
    void showGroups();
    void updateChosen();
    void updateFooter();
    void search(int direction);
    void showMenu(const QPoint &position);
    void filterToCurrent();
    void excludeSelected();
    void copyRows();
    QList<int> selectedRows() const;
    void fitColumns();
    void showKeys();
    QStringList skewTexts() const;

    items::DistributionModel *m_model;
    items::DistributionGroups *m_groups;
    QComboBox *m_groupBy, *m_attribute;
    QTableView *m_table;
    SearchBar *m_search;
    ElidedLabel *m_footer;
    QStringList m_chosen;
    QString m_wanted; ///< chooseOperation() whose row is not there yet
    bool m_restoring = false, m_fitted = false, m_isFollowing = false;
};

} // namespace tailscope::widgets
