// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plan/plantablespages.h"

#include "items/plantables.h"
#include "widgets/base/bardelegate.h"

#include <QHeaderView>
#include <QLabel>
#include <QSplitter>
#include <QTreeView>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace tailscope::widgets {

namespace {

QTreeView *tableView(QAbstractItemModel *model, int barRole, int levelRole, const QString &name,
    QWidget *parent)
{
    auto *view = new QTreeView(parent);
    view->setModel(model);
    view->setRootIsDecorated(false);
    view->setAlternatingRowColors(true);
    view->setUniformRowHeights(true);
    view->setFrameShape(QFrame::NoFrame);
    view->setAccessibleName(name);
    view->setItemDelegate(new BarDelegate(barRole, levelRole, view));
    view->setContextMenuPolicy(Qt::CustomContextMenu);
    view->header()->setStretchLastSection(false);
    return view;
}

void fitColumns(QTreeView *view)
{
    for (int column = 0; column < view->model()->columnCount(); ++column)
        view->resizeColumnToContents(column);
    view->setColumnWidth(0, qBound(200, view->columnWidth(0), 420));
}

QLabel *note(QWidget *parent)
{
    auto *label = new QLabel(parent);
    label->setWordWrap(true);
    label->setMargin(8);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    return label;
}

} // namespace

PlanWorkersPage::PlanWorkersPage(items::PlanModel *model, QWidget *parent)
    : PlanPage(model, parent)
    , m_table(new items::PlanProcessModel(model, this))
    , m_summary(note(this))
    , m_view(tableView(m_table, items::PlanProcessModel::BarRole, items::PlanProcessModel::LevelRole,
          tr("Processes of parallel nodes"), this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_summary);
    layout->addWidget(m_view, 1);
    const auto nodeOf = [](const QModelIndex &index) {
        return index.isValid() ? index.data(items::PlanProcessModel::NodeIndexRole).toInt() : -1;
    };
    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this,
        [this, nodeOf](const QModelIndex &index) {
            if (index.isValid() && !m_following)
                Q_EMIT nodeChosen(nodeOf(index));
        });
    connect(m_view, &QTreeView::customContextMenuRequested, this, [this, nodeOf](const QPoint &position) {
        Q_EMIT menuRequested(m_view->viewport()->mapToGlobal(position), nodeOf(m_view->indexAt(position)));
    });
    setFocusProxy(m_view);
}

void PlanWorkersPage::showPlan()
{
    m_following = true;
    m_table->reload();
    m_summary->setText(m_table->summary());
    m_view->setVisible(m_table->rowCount() > 0);
    static_cast<QVBoxLayout *>(layout())->setAlignment(m_summary,
        m_table->rowCount() > 0 ? Qt::Alignment() : Qt::Alignment(Qt::AlignTop));
    fitColumns(m_view);
    m_view->setColumnWidth(items::PlanProcessModel::Time,
        qMax(180, m_view->columnWidth(items::PlanProcessModel::Time)));
    m_following = false;
}

void PlanWorkersPage::showNode(int node)
{
    const int row = m_table->rowOf(node);
    const QModelIndex current = m_view->currentIndex();
    m_following = true;
    if (row < 0)
        m_view->setCurrentIndex({});
    else if (!current.isValid() || current.data(items::PlanProcessModel::NodeIndexRole).toInt() != node)
        m_view->setCurrentIndex(m_table->index(row, 0));
    m_following = false;
}

QWidget *PlanWorkersPage::focusTarget() { return m_view; }

PlanSumsPage::PlanSumsPage(items::PlanModel *model, QWidget *parent)
    : PlanPage(model, parent)
    , m_note(note(this))
{
    using By = analysis::PlanSumBy;
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *splitter = new QSplitter(Qt::Vertical, this);
    const std::array<QString, 3> names{tr("Sums per table"), tr("Sums per index"),
        tr("Sums per type of node")};
    for (const By by : {By::Table, By::Index, By::NodeType}) {
        const auto i = std::size_t(by);
        m_tables[i] = new items::PlanSumModel(model, by, this);
        m_views[i] = tableView(m_tables[i], items::PlanSumModel::BarRole, items::PlanSumModel::LevelRole,
            names[i], splitter);
        m_views[i]->setSortingEnabled(true);
        m_views[i]->sortByColumn(items::PlanSumModel::SelfTime, Qt::DescendingOrder);
        connect(m_views[i]->selectionModel(), &QItemSelectionModel::currentChanged, this,
            [this, i](const QModelIndex &index) {
                if (m_following || !index.isValid())
                    return;
                m_isFresh = true;
                chooseSlowest(i, index.row());
            });
        // Again on the row that was current before: the next of its nodes.
        connect(m_views[i], &QTreeView::clicked, this, [this, i](const QModelIndex &index) {
            if (!std::exchange(m_isFresh, false))
                chooseNext(i, index.row());
        });
        connect(m_views[i], &QTreeView::customContextMenuRequested, this, [this, i](const QPoint &position) {
            Q_EMIT menuRequested(m_views[i]->viewport()->mapToGlobal(position), m_node);
        });
    }
    m_note->setText(tr("Choosing a row chooses its slowest node; clicking it again goes to the next one."));
    layout->addWidget(m_note);
    layout->addWidget(splitter, 1);
    setFocusProxy(m_views[0]);
}

void PlanSumsPage::chooseSlowest(std::size_t table, int row)
{
    const std::vector<int> &nodes = m_tables[table]->sum(row).nodes;
    const auto &facts = model()->facts();
    Q_EMIT nodeChosen(*std::max_element(nodes.begin(), nodes.end(), [&](int a, int b) {
        return facts.nodes[std::size_t(a)].selfMs.value_or(0)
            < facts.nodes[std::size_t(b)].selfMs.value_or(0);
    }));
}

void PlanSumsPage::chooseNext(std::size_t table, int row)
{
    const std::vector<int> &nodes = m_tables[table]->sum(row).nodes;
    const auto after = std::upper_bound(nodes.begin(), nodes.end(), m_node);
    const auto next = after == nodes.end() ? nodes.begin() : after;
    const auto number = next - nodes.begin() + 1;
    Q_EMIT nodeChosen(*next);
    Q_EMIT statusText(tr("Node %1 of %2").arg(number).arg(nodes.size()));
}

void PlanSumsPage::showPlan()
{
    m_following = true;
    for (std::size_t i = 0; i < m_tables.size(); ++i) {
        m_tables[i]->reload();
        fitColumns(m_views[i]);
        m_views[i]->setVisible(m_tables[i]->rowCount() > 0);
        // Without buffers or I/O timings their columns only take room.
        for (const int column : {int(items::PlanSumModel::Hit), int(items::PlanSumModel::Read)})
            m_views[i]->setColumnHidden(column, !model()->facts().hasBuffers);
        m_views[i]->setColumnHidden(items::PlanSumModel::Io, !model()->facts().hasIoTimes);
    }
    m_following = false;
}

void PlanSumsPage::showNode(int node)
{
    m_node = node;
    m_following = true;
    for (std::size_t i = 0; i < m_tables.size(); ++i) {
        const int row = m_tables[i]->rowOf(node);
        m_views[i]->setCurrentIndex(row < 0 ? QModelIndex() : m_tables[i]->index(row, 0));
    }
    m_following = false;
}

QWidget *PlanSumsPage::focusTarget() { return m_views[0]; }

} // namespace tailscope::widgets
