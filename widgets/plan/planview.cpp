// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plan/planview.h"

#include "base/text.h"
#include "items/planmodel.h"
#include "session/session.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/searchbar.h"
#include "widgets/plan/plandiagram.h"
#include "widgets/plan/plandiagrampage.h"
#include "widgets/plan/planicicleview.h"
#include "widgets/plan/plansidepane.h"
#include "widgets/plan/plantablepage.h"
#include "widgets/plan/plantablespages.h"

#include <QComboBox>
#include <QLabel>
#include <QShortcut>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QToolButton>
#include <QTreeView>
#include <QVBoxLayout>

#include <cmath>
#include <utility>

namespace tailscope::widgets {

using items::PlanModel;

PlanView::PlanView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new PlanModel(session, this))
    , m_anonymiseJob(session->jobs())
    , m_stack(new QStackedWidget(this))
    , m_banner(new Banner(this))
    , m_plans(new QComboBox(this))
    , m_summary(new QLabel(this))
    , m_search(new SearchBar(this))
{
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_stack);
    auto *empty = new EmptyState(this);
    empty->setContent(QStringLiteral("plan"), tr("No Plan Yet"),
        tr("Open a file with EXPLAIN output of PostgreSQL (text or JSON, with or without ANALYZE), or copy "
           "it and choose Paste Plan or Data (Ctrl+Shift+V, or Ctrl+V here)."),
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
    bar->setSpacing(6);
    m_plans->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_plans->setMinimumContentsLength(16);
    m_plans->setMaximumWidth(460);
    m_plans->setAccessibleName(tr("Plan"));
    const auto button = [&](const QString &text, const QString &tip, auto run) {
        auto *tool = new QToolButton(this);
        tool->setText(text);
        tool->setToolTip(tip);
        tool->setAutoRaise(true);
        connect(tool, &QToolButton::clicked, this, run);
        return tool;
    };
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_summary->setWordWrap(true);
    bar->addWidget(m_plans);
    bar->addWidget(button(tr("Slowest Node"), tr("Choose the node with the largest self time"),
        [this] { goToSlowest(); }));
    bar->addWidget(m_summary, 1);
    bar->addWidget(
        button(tr("Compare with…"), tr("Hold this plan against another one"), [this] { compareWith(); }));
    layout->addLayout(bar);
    m_banner->hide();
    layout->addWidget(m_banner);
    m_search->hide();
    layout->addWidget(m_search);
    createPages();
    auto *splitter = new QSplitter(Qt::Horizontal, this);
    splitter->addWidget(m_tabs);
    splitter->addWidget(m_side);
    splitter->setStretchFactor(0, 7);
    splitter->setStretchFactor(1, 3);
    splitter->setSizes({700, 330});
    layout->addWidget(splitter, 1);
    m_stack->addWidget(content);

    connect(m_model, &PlanModel::plansChanged, this, &PlanView::showPlans);
    connect(m_model, &PlanModel::planLoaded, this, &PlanView::showPlan);
    connect(m_plans, &QComboBox::activated, this, [this](int row) {
        m_isPlanChosen = true;
        m_model->setCurrentPlan(m_plans->itemData(row).toLongLong());
    });
    connect(m_search, &SearchBar::changed, this, [this] { search(0); });
    connect(m_search, &SearchBar::nextRequested, this, [this] { search(1); });
    connect(m_search, &SearchBar::previousRequested, this, [this] { search(-1); });
    connect(m_search, &SearchBar::closed, this, [this] { m_pages.at(page())->focusTarget()->setFocus(); });
    connect(context(), &session::SessionContext::selectionChanged, this, &PlanView::followSelection);
    createActions();
    createShortcuts();
    showPlans();
    followSelection();
}

void PlanView::createPages()
{
    m_tabs = new QTabWidget(this);
    m_tabs->setDocumentMode(true);
    m_table = new PlanTablePage(m_model, m_tabs);
    m_diagram = new PlanDiagramPage(m_model, m_tabs);
    m_icicle = new PlanIciclePage(m_model, m_tabs);
    m_pages = {m_table, m_diagram, m_icicle, new PlanWorkersPage(m_model, m_tabs),
        new PlanSumsPage(m_model, m_tabs)};
    const QStringList titles{tr("Table"), tr("Diagram"), tr("Flame Graph"), tr("Workers"), tr("Sums")};
    for (int i = 0; i < m_pages.size(); ++i) {
        m_tabs->addTab(m_pages.at(i), titles.at(i));
        m_tabs->setTabToolTip(i, tr("Key %1").arg(i + 1));
        connect(m_pages.at(i), &PlanPage::nodeChosen, this, &PlanView::chooseNode);
        connect(m_pages.at(i), &PlanPage::menuRequested, this, &PlanView::showMenu);
        connect(m_pages.at(i), &PlanPage::statusText, this, &View::statusText);
    }
    m_side = new PlanSidePane(m_model, this);
    connect(m_side, &PlanSidePane::nodeChosen, this, &PlanView::chooseNode);
    connect(m_tabs, &QTabWidget::currentChanged, this,
        [this](int index) { setFocusProxy(m_pages.at(index)); });
    setFocusProxy(m_table);
}

void PlanView::createShortcuts()
{
    const auto add = [this](const QKeySequence &keys, auto run) {
        connect(new QShortcut(keys, this, nullptr, nullptr, Qt::WidgetWithChildrenShortcut),
            &QShortcut::activated, this, run);
    };
    for (int i = 0; i < m_pages.size(); ++i)
        add(QKeySequence(Qt::Key_1 + i), [this, i] { setPage(i); });
    const auto turn = [this](int by) { setPage((page() + by + int(m_pages.size())) % int(m_pages.size())); };
    add(QKeySequence(Qt::CTRL | Qt::Key_PageDown), [turn] { turn(1); });
    add(QKeySequence(Qt::CTRL | Qt::Key_PageUp), [turn] { turn(-1); });
    add(QKeySequence(QKeySequence::Paste), [this] { Q_EMIT commandRequested(QStringLiteral("paste"), {}); });
}

int PlanView::page() const { return m_tabs->currentIndex(); }

void PlanView::setPage(int page)
{
    m_tabs->setCurrentIndex(qBound(0, page, int(m_pages.size()) - 1));
    m_pages.at(this->page())->focusTarget()->setFocus();
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
    QJsonObject state;
    if (const qint64 plan = m_model->currentPlan(); plan > 0)
        state.insert(QStringLiteral("plan"), plan);
    if (page() > 0)
        state.insert(QStringLiteral("page"), page());
    if (m_diagram->colouring() > 0)
        state.insert(QStringLiteral("colour"), m_diagram->colouring());
    if (m_icicle->weight() > 0)
        state.insert(QStringLiteral("weight"), m_icicle->weight());
    if (m_side->currentIndex() > 0)
        state.insert(QStringLiteral("side"), m_side->currentIndex());
    if (const QJsonObject table = m_table->saveState(); !table.isEmpty())
        state.insert(QStringLiteral("table"), table);
    return state;
}

void PlanView::restoreState(const QJsonObject &state)
{
    const qint64 plan = state.value(QStringLiteral("plan")).toInteger();
    if (plan > 0)
        m_model->setCurrentPlan(plan);
    m_diagram->setColouring(state.value(QStringLiteral("colour")).toInt());
    m_icicle->setWeight(state.value(QStringLiteral("weight")).toInt());
    m_side->setCurrentIndex(qBound(0, state.value(QStringLiteral("side")).toInt(), m_side->count() - 1));
    m_table->restoreState(state.value(QStringLiteral("table")).toObject());
    m_tabs->setCurrentIndex(qBound(0, state.value(QStringLiteral("page")).toInt(), int(m_pages.size()) - 1));
}

void PlanView::startSearch() { m_search->activate(); }

void PlanView::zoomBy(double factor)
{
    if (m_pages.at(page()) == m_diagram)
        m_diagram->diagram()->zoomBy(factor);
    else if (m_pages.at(page()) == m_icicle)
        m_icicle->canvas()->zoomBy(factor);
}

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
    m_node = -1;
    m_banner->clear();
    m_summary->setText(summaryText());
    const std::string_view definition = analysis::selfTimeDefinition();
    m_summary->setToolTip(QString::fromUtf8(definition.data(), qsizetype(definition.size())));
    for (PlanPage *page : std::as_const(m_pages))
        page->showPlan();
    m_side->showPlan();
    chooseFirst();
    Q_EMIT readyChanged();
}

QString PlanView::summaryText() const
{
    const items::PlanHead *plan = m_model->head();
    if (!plan)
        return {};
    QStringList parts;
    parts << (plan->nodeCount == 1
            ? tr("1 node")
            : tr("%1 nodes").arg(QString::fromStdString(groupedCount(plan->nodeCount))));
    if (!std::isnan(plan->executionMs))
        parts << tr("execution %1").arg(QString::fromStdString(humanMillis(plan->executionMs)));
    if (!std::isnan(plan->planningMs))
        parts << tr("planning %1").arg(QString::fromStdString(humanMillis(plan->planningMs)));
    if (std::isnan(m_model->totalMs()))
        parts << tr("no times: made without ANALYZE");
    else if (!m_model->nodes().empty() && m_model->facts().nodes.front().isNeverExecuted())
        parts << tr("never executed");
    for (const analysis::PlanFactsNode &node : m_model->facts().nodes) {
        if (node.oneTimeFilter == "false") {
            parts << (node.parent < 0 ? tr("One-Time Filter: false: the whole plan never runs")
                                      : tr("One-Time Filter: false: a part of the plan never runs"));
            break;
        }
    }
    return parts.join(QStringLiteral(" · "));
}

void PlanView::chooseFirst()
{
    // What another view points at wins. Otherwise the slowest node is shown, but it becomes the selection of
    // all views only where that takes nothing away: when nothing is selected, or the user chose this plan.
    using Kind = session::Selection::Kind;
    const session::Selection chosen = context()->selection();
    const int pointed = chosen.kind == Kind::PlanNode ? m_model->nodeIndex(chosen.id) : -1;
    const bool isMine = std::exchange(m_isPlanChosen, false) || chosen.kind == Kind::None;
    const int slowest = m_model->facts().hottest();
    if (pointed < 0 && isMine && slowest >= 0)
        chooseNode(slowest);
    else
        showNode(pointed >= 0 ? pointed : slowest);
}

void PlanView::followSelection()
{
    const session::Selection chosen = context()->selection();
    if (chosen.kind == session::Selection::Kind::Plan && chosen.id != m_model->currentPlan()) {
        m_model->setCurrentPlan(chosen.id);
    } else if (chosen.kind == session::Selection::Kind::PlanNode) {
        const int node = m_model->nodeIndex(chosen.id);
        if (node < 0)
            m_model->setPlanOfNode(chosen.id);
        else if (node != m_node)
            showNode(node);
    }
}

void PlanView::showNode(int node)
{
    m_node = node;
    for (PlanPage *page : std::as_const(m_pages))
        page->showNode(node);
    m_side->showNode(node);
    if (node >= 0)
        Q_EMIT statusText(m_model->cells().nodeTitle(node) + QStringLiteral(" — ")
            + m_model->cells().toolTip(node, PlanModel::SelfTime));
}

void PlanView::chooseNode(int node)
{
    if (node < 0 || std::size_t(node) >= m_model->nodes().size())
        return;
    showNode(node);
    context()->setSelection({session::Selection::Kind::PlanNode, m_model->nodes()[std::size_t(node)].id, {}});
}

void PlanView::goToSlowest() { chooseNode(m_model->facts().hottest()); }

void PlanView::search(int direction)
{
    if (m_search->text().isEmpty()) {
        m_search->setResultText({});
        return;
    }
    const QRegularExpression pattern = m_search->expression();
    const items::PlanCells cells = m_model->cells();
    QList<int> found;
    qsizetype at = -1;
    for (int i = 0; i < int(m_model->nodes().size()); ++i) {
        if (!pattern.match(cells.searchTexts(i).join(QLatin1Char(' '))).hasMatch())
            continue;
        if (i == m_node)
            at = found.size();
        found << i;
    }
    m_search->setResultText(found.size() == 1 ? tr("1 match") : tr("%1 matches").arg(found.size()));
    if (found.isEmpty())
        return;
    qsizetype next = at < 0 ? 0 : at + direction;
    next = (next + found.size()) % found.size();
    chooseNode(found.at(next));
}

} // namespace tailscope::widgets
