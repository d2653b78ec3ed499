// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plan/plantablepage.h"

#include "items/planlistmodel.h"
#include "items/planmodel.h"
#include "widgets/base/bardelegate.h"

#include <QButtonGroup>
#include <QHeaderView>
#include <QJsonArray>
#include <QJsonObject>
#include <QMenu>
#include <QStackedWidget>
#include <QToolButton>
#include <QTreeView>
#include <QVBoxLayout>

namespace tailscope::widgets {

using items::PlanModel;

PlanTablePage::PlanTablePage(PlanModel *model, QWidget *parent)
    : PlanPage(model, parent)
    , m_listModel(new items::PlanListModel(model, this))
    , m_stack(new QStackedWidget(this))
    , m_tree(new QTreeView(m_stack))
    , m_list(new QTreeView(m_stack))
    , m_asTree(new QToolButton(this))
    , m_asList(new QToolButton(this))
    , m_columns(new QMenu(this))
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(6, 3, 6, 3);
    bar->setSpacing(6);
    auto *group = new QButtonGroup(this);
    const auto toggle = [&](QToolButton *button, const QString &text, const QString &tip) {
        button->setText(text);
        button->setToolTip(tip);
        button->setCheckable(true);
        button->setAutoRaise(true);
        group->addButton(button);
        bar->addWidget(button);
    };
    toggle(m_asTree, tr("Tree"), tr("Nodes in the plan's order, indented"));
    toggle(m_asList, tr("Sorted List"), tr("All nodes in one list; click a header to sort by it"));
    m_asTree->setChecked(true);
    bar->addStretch(1);
    auto *columns = new QToolButton(this);
    columns->setText(tr("Columns"));
    columns->setToolTip(tr("Choose the columns"));
    columns->setAutoRaise(true);
    columns->setPopupMode(QToolButton::InstantPopup);
    columns->setMenu(m_columns);
    bar->addWidget(columns);
    layout->addLayout(bar);
    layout->addWidget(m_stack, 1);
    m_stack->addWidget(m_tree);
    m_stack->addWidget(m_list);
    m_tree->setModel(model);
    m_list->setModel(m_listModel);
    setUp(m_tree, tr("Plan nodes"));
    setUp(m_list, tr("Plan nodes, sorted"));
    m_tree->setObjectName(QStringLiteral("planTree"));
    m_tree->setIndentation(14);
    m_list->setRootIsDecorated(false);
    m_list->setSortingEnabled(true);
    m_list->sortByColumn(PlanModel::SelfTime, Qt::DescendingOrder);
    m_tree->header()->setSectionsClickable(true);
    // A tree cannot be sorted without tearing it apart: the list can.
    connect(m_tree->header(), &QHeaderView::sectionClicked, this, [this](int column) {
        setList(true);
        const bool isText = column == PlanModel::Node || column == PlanModel::Path;
        m_list->sortByColumn(column, isText ? Qt::AscendingOrder : Qt::DescendingOrder);
    });
    connect(m_asList, &QToolButton::toggled, this, &PlanTablePage::setList);
    connect(m_columns, &QMenu::aboutToShow, this, &PlanTablePage::fillColumnMenu);
    setFocusProxy(m_tree);
}

void PlanTablePage::setUp(QTreeView *view, const QString &name)
{
    view->setAlternatingRowColors(true);
    view->setUniformRowHeights(true);
    view->setFrameShape(QFrame::NoFrame);
    view->setAccessibleName(name);
    view->setItemDelegate(new BarDelegate(PlanModel::BarRole, PlanModel::LevelRole, this));
    view->setContextMenuPolicy(Qt::CustomContextMenu);
    view->header()->setSectionsMovable(true);
    view->header()->setStretchLastSection(false);
    const auto nodeOf = [](const QModelIndex &index) {
        return index.isValid() ? index.data(PlanModel::NodeIndexRole).toInt() : -1;
    };
    connect(view, &QTreeView::customContextMenuRequested, this, [this, view, nodeOf](const QPoint &position) {
        Q_EMIT menuRequested(view->viewport()->mapToGlobal(position), nodeOf(view->indexAt(position)));
    });
    connect(view->selectionModel(), &QItemSelectionModel::currentChanged, this,
        [this, nodeOf](const QModelIndex &index) {
            if (index.isValid() && !m_following)
                Q_EMIT nodeChosen(nodeOf(index));
        });
    // A click on the row that is current already: choosing it again.
    connect(view, &QTreeView::clicked, this,
        [this, nodeOf](const QModelIndex &index) { Q_EMIT nodeChosen(nodeOf(index)); });
}

QWidget *PlanTablePage::focusTarget() { return isList() ? m_list : m_tree; }

bool PlanTablePage::isList() const { return m_stack->currentWidget() == m_list; }

void PlanTablePage::setList(bool list)
{
    if (isList() == list)
        return;
    m_stack->setCurrentWidget(list ? m_list : m_tree);
    (list ? m_asList : m_asTree)->setChecked(true);
    setFocusProxy(focusTarget());
}

void PlanTablePage::expandAll() { m_tree->expandAll(); }

void PlanTablePage::showPlan()
{
    m_following = true;
    m_tree->expandAll();
    fitColumns();
    m_following = false;
}

void PlanTablePage::showNode(int node)
{
    m_following = true;
    for (QTreeView *view : {m_tree, m_list}) {
        const QModelIndex index = view == m_tree ? model()->indexOf(node) : m_listModel->indexOf(node);
        if (!index.isValid() || view->currentIndex() == index)
            continue;
        view->setCurrentIndex(index);
        view->scrollTo(index);
    }
    m_following = false;
}

bool PlanTablePage::isHidden(int column, bool inList) const
{
    if (column == PlanModel::Node)
        return false;
    if (m_chosen.contains(column))
        return !m_chosen.value(column);
    // The tree shows the path by itself; columns without a single figure only take room.
    if (column == PlanModel::Path)
        return !inList;
    return !model()->cells().hasFigures(column);
}

void PlanTablePage::hideColumns()
{
    for (int column = 0; column < PlanModel::ColumnCount; ++column) {
        m_tree->setColumnHidden(column, isHidden(column, false));
        m_list->setColumnHidden(column, isHidden(column, true));
    }
}

void PlanTablePage::fitColumns()
{
    hideColumns();
    for (QTreeView *view : {m_tree, m_list}) {
        for (int column = 0; column < PlanModel::ColumnCount; ++column)
            view->resizeColumnToContents(column);
        view->setColumnWidth(PlanModel::Node, qBound(220, view->columnWidth(PlanModel::Node), 460));
        view->setColumnWidth(PlanModel::Path, qBound(120, view->columnWidth(PlanModel::Path), 400));
    }
}

void PlanTablePage::fillColumnMenu()
{
    m_columns->clear();
    for (int column = PlanModel::Node + 1; column < PlanModel::ColumnCount; ++column) {
        QAction *action = m_columns->addAction(PlanModel::title(column));
        action->setToolTip(PlanModel::help(column));
        action->setCheckable(true);
        action->setChecked(!isHidden(column, isList()));
        connect(action, &QAction::toggled, this, [this, column](bool shown) {
            m_chosen[column] = shown;
            hideColumns();
            for (QTreeView *view : {m_tree, m_list})
                view->resizeColumnToContents(column);
        });
    }
    m_columns->addSeparator();
    m_columns->addAction(tr("Columns with Figures"), this, [this] {
        m_chosen.clear();
        fitColumns();
    });
}

QJsonObject PlanTablePage::saveState() const
{
    QJsonObject state;
    if (isList())
        state.insert(QStringLiteral("list"), m_list->header()->sortIndicatorSection());
    if (isList() && m_list->header()->sortIndicatorOrder() == Qt::AscendingOrder)
        state.insert(QStringLiteral("ascending"), true);
    QJsonArray shown, hidden;
    for (int column = 0; column < PlanModel::ColumnCount; ++column) {
        if (m_chosen.contains(column))
            (m_chosen.value(column) ? shown : hidden).append(column);
    }
    if (!shown.isEmpty())
        state.insert(QStringLiteral("shown"), shown);
    if (!hidden.isEmpty())
        state.insert(QStringLiteral("hidden"), hidden);
    return state;
}

void PlanTablePage::restoreState(const QJsonObject &state)
{
    for (const auto &column : state.value(QLatin1String("shown")).toArray())
        m_chosen[column.toInt()] = true;
    for (const auto &column : state.value(QLatin1String("hidden")).toArray())
        m_chosen[column.toInt()] = false;
    hideColumns();
    if (const QJsonValue list = state.value(QLatin1String("list")); list.isDouble()) {
        setList(true);
        m_list->sortByColumn(qBound(0, list.toInt(), PlanModel::ColumnCount - 1),
            state.value(QLatin1String("ascending")).toBool() ? Qt::AscendingOrder : Qt::DescendingOrder);
    }
}

} // namespace tailscope::widgets
