// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plan/planview.h"

#include "base/text.h"
#include "items/planmodel.h"
#include "session/session.h"
#include "widgets/base/bardelegate.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/searchbar.h"
#include "widgets/base/theme.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFontDatabase>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPlainTextEdit>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTextBlock>
#include <QToolButton>
#include <QTreeView>
#include <QVBoxLayout>

#include <cmath>
#include <utility>

namespace tailscope::widgets {

using items::PlanModel;

namespace {

QPlainTextEdit *textPane(QWidget *parent, const QString &name)
{
    auto *edit = new QPlainTextEdit(parent);
    edit->setReadOnly(true);
    edit->setLineWrapMode(QPlainTextEdit::NoWrap);
    edit->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    edit->setAccessibleName(name);
    edit->setFrameShape(QFrame::NoFrame);
    return edit;
}

} // namespace

PlanView::PlanView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new PlanModel(session, this))
    , m_stack(new QStackedWidget(this))
    , m_plans(new QComboBox(this))
    , m_summary(new QLabel(this))
    , m_tree(new QTreeView(this))
    , m_text(textPane(this, tr("Plan text")))
    , m_query(textPane(this, tr("Statement")))
    , m_search(new SearchBar(this))
{
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_stack);
    auto *empty = new EmptyState(this);
    empty->setContent(QStringLiteral("plan"), tr("No Plan Yet"),
        tr("Open a file with EXPLAIN output of PostgreSQL (text or JSON, with or without ANALYZE), or copy "
           "it and "
           "choose Paste Plan or Data (Ctrl+Shift+V)."),
        tr("Paste Plan"));
    connect(empty, &EmptyState::buttonClicked, this,
        [this] { Q_EMIT commandRequested(QStringLiteral("paste"), {}); });
    m_stack->addWidget(empty);

    auto *content = new QWidget(this);
    auto *layout = new QVBoxLayout(content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(6, 4, 6, 4);
    m_plans->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_plans->setMinimumContentsLength(16);
    m_plans->setMaximumWidth(460);
    m_plans->setAccessibleName(tr("Plan"));
    auto *slowest = new QToolButton(this);
    slowest->setText(tr("Slowest Node"));
    slowest->setToolTip(tr("Select the node with the largest self time"));
    slowest->setAutoRaise(true);
    connect(slowest, &QToolButton::clicked, this, &PlanView::goToSlowest);
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_summary->setWordWrap(true);
    bar->addWidget(m_plans);
    bar->addWidget(slowest);
    bar->addWidget(m_summary, 1);
    layout->addLayout(bar);
    m_search->hide();
    layout->addWidget(m_search);
    auto *splitter = new QSplitter(Qt::Horizontal, this);
    auto *tabs = new QTabWidget(splitter);
    tabs->addTab(m_text, tr("Plan Text"));
    tabs->addTab(m_query, tr("Statement"));
    tabs->setDocumentMode(true);
    splitter->addWidget(m_tree);
    splitter->addWidget(tabs);
    splitter->setStretchFactor(0, 7);
    splitter->setStretchFactor(1, 3);
    splitter->setSizes({700, 300});
    layout->addWidget(splitter, 1);
    m_stack->addWidget(content);

    m_tree->setModel(m_model);
    m_tree->setAlternatingRowColors(true);
    m_tree->setUniformRowHeights(true);
    m_tree->setFrameShape(QFrame::NoFrame);
    m_tree->setIndentation(14);
    m_tree->setAccessibleName(tr("Plan nodes"));
    m_tree->setItemDelegate(new BarDelegate(PlanModel::BarRole, PlanModel::LevelRole, this));
    m_tree->setContextMenuPolicy(Qt::CustomContextMenu);
    m_tree->header()->setSectionsMovable(true);
    m_tree->header()->setStretchLastSection(false);
    connect(m_tree, &QTreeView::customContextMenuRequested, this, &PlanView::showMenu);
    connect(m_tree->selectionModel(), &QItemSelectionModel::currentChanged, this,
        [this](const QModelIndex &index) {
            showNode(index);
            if (index.isValid() && !m_following)
                shareNode(index);
        });
    // A click on the row that is current already: selecting in this view again.
    connect(m_tree, &QTreeView::clicked, this, &PlanView::shareNode);
    connect(m_model, &PlanModel::plansChanged, this, &PlanView::showPlans);
    connect(m_model, &PlanModel::planLoaded, this, &PlanView::showPlan);
    connect(m_plans, &QComboBox::activated, this, [this](int row) {
        m_isPlanChosen = true;
        m_model->setCurrentPlan(m_plans->itemData(row).toLongLong());
    });
    connect(m_search, &SearchBar::changed, this, [this] { search(0); });
    connect(m_search, &SearchBar::nextRequested, this, [this] { search(1); });
    connect(m_search, &SearchBar::previousRequested, this, [this] { search(-1); });
    connect(m_search, &SearchBar::closed, m_tree, qOverload<>(&QWidget::setFocus));
    connect(context(), &session::SessionContext::selectionChanged, this, &PlanView::followSelection);
    setFocusProxy(m_tree);
    createActions();
    showPlans();
    followSelection();
}

void PlanView::createActions()
{
    const auto add = [this](const QString &text, auto run) {
        auto *action = new QAction(text, this);
        connect(action, &QAction::triggered, this, run);
        m_actions << action;
    };
    add(tr("Copy Plan as Table"), [this] { QApplication::clipboard()->setText(m_model->toText()); });
    add(tr("Copy Plan Text"), [this] { QApplication::clipboard()->setText(m_text->toPlainText()); });
    add(tr("Expand All Nodes"), [this] { m_tree->expandAll(); });
    add(tr("Select Slowest Node"), [this] { goToSlowest(); });
}

QString PlanView::showSql() const
{
    return QStringLiteral(
        "SELECT id, parent_id, depth, node_type, relation, plan_rows, actual_rows, loops, wall_ms, self_ms,"
        " doubt_ms, self_shared_hit, self_shared_read\nFROM plan_node WHERE plan_id = %1 ORDER BY node")
        .arg(m_model->currentPlan());
}

bool PlanView::isReady() const { return !m_model->isRunning(); }

QJsonObject PlanView::saveState() const
{
    const qint64 plan = m_model->currentPlan();
    return plan > 0 ? QJsonObject{{QStringLiteral("plan"), plan}} : QJsonObject();
}

void PlanView::restoreState(const QJsonObject &state)
{
    const qint64 plan = state.value(QStringLiteral("plan")).toInteger();
    if (plan > 0)
        m_model->setCurrentPlan(plan);
}

void PlanView::startSearch() { m_search->activate(); }

QList<QAction *> PlanView::viewActions() const { return m_actions; }

void PlanView::showPlans()
{
    m_stack->setCurrentIndex(m_model->plans().isEmpty() ? 0 : 1);
    m_plans->clear();
    for (const items::PlanHead &plan : m_model->plans())
        m_plans->addItem(plan.title, plan.id);
    m_plans->setCurrentIndex(m_plans->findData(m_model->currentPlan()));
    m_plans->setVisible(m_plans->count() > 1);
    Q_EMIT readyChanged();
}

void PlanView::showPlan()
{
    m_plans->setCurrentIndex(m_plans->findData(m_model->currentPlan()));
    const items::PlanHead *plan = m_model->head();
    m_shownSource = plan ? plan->sourceText : QString();
    m_text->setPlainText(m_shownSource);
    m_query->setPlainText(
        plan && !plan->queryText.isEmpty() ? plan->queryText : tr("The plan does not hold its statement."));
    QStringList parts;
    if (plan) {
        parts << (plan->nodeCount == 1
                ? tr("1 node")
                : tr("%1 nodes").arg(QString::fromStdString(groupedCount(plan->nodeCount))));
        if (!std::isnan(plan->executionMs))
            parts << tr("execution %1").arg(QString::fromStdString(humanMillis(plan->executionMs)));
        if (!std::isnan(plan->planningMs))
            parts << tr("planning %1").arg(QString::fromStdString(humanMillis(plan->planningMs)));
        if (std::isnan(m_model->totalMs()))
            parts << tr("no times: made without ANALYZE");
        else if (!m_model->nodes().empty() && m_model->nodes().front().neverExecuted)
            parts << tr("never executed");
    }
    m_summary->setText(parts.join(QStringLiteral(" · ")));
    m_summary->setToolTip(
        tr("Self time: wall time of the slowest process minus the children; a CTE is shared by its scans; an "
           "InitPlan is charged to its user."));
    m_tree->expandAll();
    fitColumns();
    chooseNode();
    Q_EMIT readyChanged();
}

void PlanView::chooseNode()
{
    // What another view points at wins. Otherwise the slowest node is shown, but it becomes the selection of
    // all views only where that takes nothing away: when nothing is selected, or the user chose this plan.
    using Kind = session::Selection::Kind;
    const session::Selection chosen = context()->selection();
    const QModelIndex pointed
        = chosen.kind == Kind::PlanNode ? m_model->indexOfNode(chosen.id) : QModelIndex();
    const bool isMine = std::exchange(m_isPlanChosen, false) || chosen.kind == Kind::None;
    m_following = pointed.isValid() || !isMine;
    selectNode(pointed.isValid() ? pointed : m_model->slowest());
    m_following = false;
}

void PlanView::followSelection()
{
    const session::Selection chosen = context()->selection();
    if (chosen.kind == session::Selection::Kind::Plan && chosen.id != m_model->currentPlan()) {
        m_model->setCurrentPlan(chosen.id);
    } else if (chosen.kind == session::Selection::Kind::PlanNode) {
        const QModelIndex index = m_model->indexOfNode(chosen.id);
        if (!index.isValid()) {
            m_model->setPlanOfNode(chosen.id);
            return;
        }
        m_following = true;
        selectNode(index);
        m_following = false;
    }
}

void PlanView::fitColumns()
{
    for (int c = 1; c < PlanModel::ColumnCount; ++c)
        m_tree->resizeColumnToContents(c);
    m_tree->resizeColumnToContents(PlanModel::Node);
    m_tree->setColumnWidth(PlanModel::Node, qBound(220, m_tree->columnWidth(PlanModel::Node), 460));
    // Columns without a single figure only take room.
    for (const int c : {int(PlanModel::Buffers), int(PlanModel::Read), int(PlanModel::Removed)}) {
        bool any = false;
        for (const items::PlanNodeItem &node : m_model->nodes()) {
            any = any
                || (c == PlanModel::Removed ? !std::isnan(node.removed)
                                            : node.selfHit >= 0 || node.selfRead >= 0);
        }
        m_tree->setColumnHidden(c, !any);
    }
}

void PlanView::selectNode(const QModelIndex &index)
{
    if (!index.isValid() || m_tree->currentIndex() == index)
        return;
    m_tree->setCurrentIndex(index);
    m_tree->scrollTo(index);
}

void PlanView::goToSlowest()
{
    const QModelIndex slowest = m_model->slowest();
    selectNode(slowest);
    // It may be the current row already without being the selection of the other views.
    if (slowest.isValid())
        shareNode(slowest);
}

void PlanView::showNode(const QModelIndex &index)
{
    if (!index.isValid())
        return;
    const int line = index.data(PlanModel::SourceLineRole).toInt();
    QList<QTextEdit::ExtraSelection> marks;
    if (const QTextBlock block = m_text->document()->findBlockByNumber(line - 1);
        line > 0 && block.isValid()) {
        QTextEdit::ExtraSelection mark;
        mark.format.setBackground(Theme(palette()).selection());
        mark.format.setProperty(QTextFormat::FullWidthSelection, true);
        mark.cursor = QTextCursor(block);
        marks << mark;
        m_text->setTextCursor(mark.cursor);
        m_text->centerCursor();
    }
    m_text->setExtraSelections(marks);
    Q_EMIT statusText(index.siblingAtColumn(PlanModel::Node).data().toString() + QStringLiteral(" — ")
        + index.siblingAtColumn(PlanModel::SelfTime).data(Qt::ToolTipRole).toString());
}

void PlanView::shareNode(const QModelIndex &index)
{
    context()->setSelection(
        {session::Selection::Kind::PlanNode, index.data(PlanModel::NodeIdRole).toLongLong(), {}});
}

void PlanView::search(int direction)
{
    if (m_search->text().isEmpty()) {
        m_search->setResultText({});
        return;
    }
    const QRegularExpression pattern = m_search->expression();
    QList<int> found;
    const auto &nodes = m_model->nodes();
    const qint64 current = m_tree->currentIndex().data(PlanModel::NodeIdRole).toLongLong();
    qsizetype at = -1;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (!pattern
                 .match(nodes[i].title + QLatin1Char(' ') + nodes[i].condition + QLatin1Char(' ')
                     + nodes[i].filter)
                 .hasMatch())
            continue;
        if (nodes[i].id == current)
            at = found.size();
        found << int(i);
    }
    m_search->setResultText(found.size() == 1 ? tr("1 match") : tr("%1 matches").arg(found.size()));
    if (found.isEmpty())
        return;
    qsizetype next = at < 0 ? 0 : at + direction;
    next = (next + found.size()) % found.size();
    selectNode(m_model->indexOfNode(nodes[std::size_t(found.at(next))].id));
}

void PlanView::showMenu(const QPoint &position)
{
    const QModelIndex index = m_tree->indexAt(position);
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (index.isValid()) {
        const items::PlanNodeItem &node = m_model->nodes()[index.internalId()];
        const auto copy
            = [](const QString &text) { return [text] { QApplication::clipboard()->setText(text); }; };
        menu->addAction(tr("Copy Node"), copy(node.title));
        if (!node.condition.isEmpty())
            menu->addAction(tr("Copy Condition"), copy(node.condition));
        if (!node.filter.isEmpty())
            menu->addAction(tr("Copy Filter"), copy(node.filter));
        menu->addSeparator();
    }
    menu->addActions(m_actions);
    menu->addSeparator();
    menu->addAction(tr("Show SQL"), this, [this] { Q_EMIT sqlRequested(showSql()); });
    menu->popup(m_tree->viewport()->mapToGlobal(position));
}

} // namespace tailscope::widgets
