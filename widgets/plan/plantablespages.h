// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/plan/planpage.h"

#include <array>

class QLabel;
class QTreeView;

namespace tailscope::items {
class PlanProcessModel;
class PlanSumModel;
} // namespace tailscope::items

namespace tailscope::widgets {

/// What the processes of parallel nodes did: leader and workers, skew, the slowest of them.
class PlanWorkersPage : public PlanPage
{
    Q_OBJECT
public:
    PlanWorkersPage(items::PlanModel *model, QWidget *parent);
    void showPlan() override;
    void showNode(int node) override;
    QWidget *focusTarget() override;

private:
    items::PlanProcessModel *m_table;
    QLabel *m_summary;
    QTreeView *m_view;
    bool m_following = false;
};

/// Sums per table, per index and per type of node.
class PlanSumsPage : public PlanPage
{
    Q_OBJECT
public:
    PlanSumsPage(items::PlanModel *model, QWidget *parent);
    void showPlan() override;
    void showNode(int node) override;
    QWidget *focusTarget() override;

private:
    void chooseSlowest(std::size_t table, int row);
    void chooseNext(std::size_t table, int row);

    std::array<items::PlanSumModel *, 3> m_tables;
    std::array<QTreeView *, 3> m_views;
    QLabel *m_note;
    int m_node = -1;
    bool m_following = false;
    bool m_isFresh = false; ///< the row became current by what will also be a click
};

} // namespace tailscope::widgets
