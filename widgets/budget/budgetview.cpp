// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/budget/budgetview.h"

#include "items/budgetmodel.h"
#include "session/session.h"
#include "widgets/base/bardelegate.h"
#include "widgets/base/elidedcombobox.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/theme.h"
#include "widgets/budget/budgetcanvas.h"
#include "widgets/budget/budgetchanges.h"
#include "widgets/budget/budgeteditor.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QJsonArray>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace tailscope::widgets {

using items::BudgetModel;

namespace {

constexpr auto kBudget = "budget", kScope = "scope", kPercentile = "percentile", kChanges = "changes";

QString key(const char *text) { return QString::fromLatin1(text); }

} // namespace

BudgetView::BudgetView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new BudgetModel(session, this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_banner(new Banner(this))
    , m_budget(new ElidedComboBox(this))
    , m_scope(new QComboBox(this))
    , m_percentile(new QComboBox(this))
    , m_edit(new QPushButton(tr("&Edit…"), this))
    , m_new(new QPushButton(tr("&New…"), this))
    , m_headline(new ElidedLabel(this))
    , m_sums(new ElidedLabel(this))
    , m_canvas(new BudgetCanvas(this))
    , m_table(new QTableView(this))
    , m_changes(new BudgetChanges(m_model, this))
{
    setAccessibleName(tr("Budgets"));
    buildActions();
    buildLayout();
    connect(m_model, &BudgetModel::choicesChanged, this, &BudgetView::fillBudgets);
    connect(m_model, &BudgetModel::changed, this, &BudgetView::refresh);
    connect(m_model, &BudgetModel::busyChanged, this, &View::readyChanged);
    connect(m_empty, &EmptyState::buttonClicked, this, [this] {
        for (const BudgetModel::Choice &choice : m_model->choices()) {
            if (choice.isPreset)
                return m_model->setCurrent(choice.key);
        }
        Q_EMIT commandRequested(QStringLiteral("open"), {});
    });
    connect(m_budget, &QComboBox::activated, this,
        [this] { m_model->setCurrent(m_budget->currentData().toString()); });
    connect(m_scope, &QComboBox::currentIndexChanged, this,
        [this](int index) { m_model->setScope(BudgetModel::Scope(index)); });
    connect(m_percentile, &QComboBox::currentIndexChanged, this,
        [this](int index) { m_model->setPercentile(BudgetModel::Percentile(index)); });
    connect(m_edit, &QPushButton::clicked, this, [this] { edit(false); });
    connect(m_new, &QPushButton::clicked, this, [this] { edit(true); });
    connect(m_canvas, &BudgetCanvas::currentChanged, this, &BudgetView::chooseBar);
    connect(m_canvas, &BudgetCanvas::activated, this,
        [this](int bar) { openExample(m_model->bars()[std::size_t(bar)].row); });
    connect(m_canvas, &BudgetCanvas::menuRequested, this, &BudgetView::showMenu);
    connect(m_table, &QTableView::activated, this, [this] { openExample(currentRow()); });
    connect(m_table, &QTableView::customContextMenuRequested, this,
        [this](const QPoint &position) { showMenu(m_table->viewport()->mapToGlobal(position)); });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this, [this] {
        const auto &bars = m_model->bars();
        for (int i = 0; i < int(bars.size()); ++i) {
            if (bars[std::size_t(i)].row == currentRow())
                m_canvas->setCurrent(i);
        }
    });
    setFocusProxy(m_canvas);
    refresh();
}

void BudgetView::buildActions()
{
    m_copy = new QAction(themedIcon(QStringLiteral("copy")), tr("&Copy Rows"), this);
    m_copy->setShortcut(QKeySequence::Copy);
    m_copy->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    connect(m_copy, &QAction::triggered, this, &BudgetView::copyRows);
    addAction(m_copy);
    m_markdown = new QAction(tr("Copy as &Markdown"), this);
    connect(m_markdown, &QAction::triggered, this, &BudgetView::copyMarkdown);
    m_export = new QAction(tr("Copy Budget as &TOML"), this);
    m_export->setToolTip(tr("The budget as a file for 'tailscope check --budget'"));
    connect(m_export, &QAction::triggered, this, &BudgetView::exportToml);
    m_remove = new QAction(tr("&Remove Budget"), this);
    connect(m_remove, &QAction::triggered, this, [this] {
        if (const BudgetModel::Choice *choice = m_model->current(); choice && choice->isOwn)
            m_model->remove(choice->id);
    });
}

QList<QAction *> BudgetView::viewActions() const { return {m_copy, m_markdown, m_export, m_remove}; }

void BudgetView::buildBar(QLayout *bar)
{
    m_budget->setAccessibleName(tr("Budget"));
    m_budget->setMinimumWidth(240);
    m_scope->addItems({tr("All requests"), tr("Selected trace")});
    m_scope->setAccessibleName(tr("Requests"));
    m_scope->setToolTip(tr("The requests of the shared range and filter, or the one that is selected"));
    m_percentile->addItems({tr("Bars: P50"), tr("Bars: P95"), tr("Bars: P99")});
    m_percentile->setAccessibleName(tr("Percentile of the bars"));
    m_percentile->setToolTip(tr("Whiskers reach to P95 and P99"));
    m_edit->setToolTip(tr("Change the budget; one of a file or a preset is copied into the workspace"));
    auto *label = new QLabel(tr("&Budget"), this);
    label->setBuddy(m_budget);
    bar->addWidget(label);
    for (QWidget *widget :
        {static_cast<QWidget *>(m_budget), static_cast<QWidget *>(m_edit), static_cast<QWidget *>(m_new),
            static_cast<QWidget *>(m_scope), static_cast<QWidget *>(m_percentile)})
        bar->addWidget(widget);
}

void BudgetView::buildLayout()
{
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(8, 6, 8, 2);
    buildBar(bar);
    bar->addStretch(1);

    m_table->setModel(m_model->table());
    m_table->setItemDelegate(
        new BarDelegate(items::CellTable::BarRole, items::CellTable::LevelRole, m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setAlternatingRowColors(true);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setAccessibleName(tr("Components of the budget"));
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    m_table->horizontalHeader()->setHighlightSections(false);

    auto *below = new QSplitter(Qt::Horizontal, this);
    below->addWidget(m_table);
    below->addWidget(m_changes);
    below->setStretchFactor(0, 3);
    below->setStretchFactor(1, 2);
    below->setSizes({900, 560});
    below->setChildrenCollapsible(false);
    auto *split = new QSplitter(Qt::Vertical, this);
    split->addWidget(m_canvas);
    split->addWidget(below);
    split->setStretchFactor(0, 1);
    split->setStretchFactor(1, 1);
    split->setChildrenCollapsible(false);

    auto *page = new QWidget(this);
    auto *lines = new QVBoxLayout(page);
    lines->setContentsMargins(8, 2, 8, 0);
    lines->addWidget(m_headline);
    lines->addWidget(m_sums);
    lines->addWidget(split, 1);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(page);

    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    outer->addLayout(bar);
    outer->addWidget(m_banner);
    outer->addWidget(m_stack, 1);
}

void BudgetView::fillBudgets()
{
    m_filling = true;
    m_budget->clear();
    bool hadStored = false;
    for (const BudgetModel::Choice &choice : m_model->choices()) {
        if (choice.isPreset && hadStored) {
            m_budget->insertSeparator(m_budget->count());
            hadStored = false;
        }
        hadStored = hadStored || !choice.isPreset;
        m_budget->addItem(choice.isPreset ? tr("Preset: %1").arg(choice.title) : choice.title, choice.key);
    }
    m_budget->setPlaceholderText(tr("Choose a budget"));
    m_budget->setCurrentIndex(m_budget->findData(m_model->currentKey()));
    m_filling = false;
    const BudgetModel::Choice *choice = m_model->current();
    m_edit->setEnabled(choice != nullptr);
    m_export->setEnabled(choice != nullptr);
    m_remove->setEnabled(choice && choice->isOwn);
    m_empty->setEnabled(true);
    refresh();
}

void BudgetView::refresh()
{
    if (m_model->error().isEmpty())
        m_banner->clear();
    else
        m_banner->show(Banner::Level::Warning, m_model->error());
    const auto report = m_model->report();
    if (!report) {
        m_canvas->setBars({}, 0, 0);
        showEmpty();
        m_stack->setCurrentIndex(0);
        return;
    }
    m_stack->setCurrentIndex(1);
    m_headline->setText(m_model->headline());
    m_sums->setText(m_model->sumsText());
    m_sums->setVisible(!m_model->sumsText().isEmpty());
    m_canvas->setBars(m_model->bars(), report->workingMs, report->budget.targetMs);
    if (m_fitted)
        return;
    m_fitted = true;
    m_table->resizeColumnsToContents();
    for (int c = BudgetModel::Name; c < BudgetModel::ColumnCount; ++c)
        m_table->setColumnWidth(c, std::clamp(m_table->columnWidth(c) + 8, 64, 200));
    m_table->setColumnWidth(BudgetModel::Used, 96);
    m_table->horizontalHeader()->setStretchLastSection(true);
}

void BudgetView::showEmpty()
{
    if (!m_model->error().isEmpty())
        m_empty->setContent(QStringLiteral("budget"), tr("The Budget Cannot Be Measured"),
            tr("One of its patterns cannot be read. Edit the budget, or choose another one."));
    else if (m_model->isBusy())
        m_empty->setContent(QStringLiteral("budget"), tr("Measuring…"),
            tr("The waterfall appears when all requests are measured."));
    else
        m_empty->setContent(QStringLiteral("budget"), tr("No Budget"),
            tr("Choose one of the presets above, make one of your own, or open a budget file (TOML): its "
               "components are matched to spans and measured against what they may take."),
            tr("Use the First Preset"));
}

int BudgetView::currentRow() const
{
    const QModelIndex index = m_table->currentIndex();
    return index.isValid() ? int(m_model->table()->idAt(index.row())) : -1;
}

void BudgetView::chooseBar(int bar)
{
    const int row = m_model->bars()[std::size_t(bar)].row;
    if (row != currentRow())
        m_table->selectRow(m_model->table()->rowOfId(row));
    const auto report = m_model->report();
    if (report && report->rows[std::size_t(row)].part == analysis::BudgetRow::Part::Component)
        m_changes->setComponent(report->rows[std::size_t(row)].position);
    Q_EMIT statusText(m_model->rowText(row).replace(QLatin1Char('\n'), QStringLiteral(" · ")));
}

void BudgetView::openExample(int row)
{
    const qint64 trace = m_model->exampleTrace(row);
    if (trace == 0)
        return;
    context()->setSelection({session::Selection::Kind::Trace, trace, {}});
    Q_EMIT openViewRequested(QStringLiteral("waterfall"));
}

void BudgetView::edit(bool asNew)
{
    const BudgetModel::Choice *choice = m_model->current();
    if (m_editor || (!asNew && !choice))
        return;
    Budget budget;
    qint64 id = 0;
    if (asNew) {
        budget.name = tr("My budget").toStdString();
        budget.targetMs = 500;
    } else {
        budget = choice->budget;
        id = choice->isOwn ? choice->id : 0;
    }
    m_editor = new BudgetEditor(m_model, budget, this);
    m_editor->setAttribute(Qt::WA_DeleteOnClose);
    connect(m_editor, &BudgetEditor::saved, this,
        [this, id](const Budget &changed) { m_model->save(id, changed); });
    connect(m_editor, &QObject::destroyed, this, [this] { m_editor = nullptr; });
    m_editor->open();
}

void BudgetView::copyRows()
{
    QList<int> rows;
    for (const QModelIndex &index : m_table->selectionModel()->selectedRows())
        rows << index.row();
    std::sort(rows.begin(), rows.end());
    if (rows.size() < 2) {
        rows.clear();
        for (int row = 0; row < m_model->table()->rowCount(); ++row)
            rows << row;
    }
    QApplication::clipboard()->setText(m_model->table()->toText(rows));
}

void BudgetView::copyMarkdown() { QApplication::clipboard()->setText(m_model->toMarkdown()); }

void BudgetView::exportToml() { QApplication::clipboard()->setText(m_model->toToml()); }

void BudgetView::showMenu(const QPoint &globalPosition)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const int row = currentRow();
    menu->addAction(tr("&Open the Request in Which It Takes Longest"), this,
            [this, row] { openExample(row); })
        ->setEnabled(m_model->exampleTrace(row) != 0);
    menu->addAction(tr("&What If…"), this, [this] { m_changes->changeBox()->setFocus(); });
    menu->addSeparator();
    menu->addAction(m_copy);
    menu->addAction(m_markdown);
    menu->addAction(m_export);
    menu->addSeparator();
    menu->addAction(m_remove);
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        [this] { Q_EMIT sqlRequested(showSql()); });
    menu->popup(globalPosition);
}

QString BudgetView::showSql() const { return m_model->sql(); }

QJsonObject BudgetView::saveState() const
{
    return {{key(kBudget), m_model->currentKey()}, {key(kScope), m_scope->currentIndex()},
        {key(kPercentile), m_percentile->currentIndex()}, {key(kChanges), m_changes->saveState()}};
}

void BudgetView::restoreState(const QJsonObject &state)
{
    if (state.contains(key(kBudget)))
        m_model->setCurrent(state.value(key(kBudget)).toString());
    m_scope->setCurrentIndex(std::clamp(state.value(key(kScope)).toInt(), 0, 1));
    m_percentile->setCurrentIndex(std::clamp(state.value(key(kPercentile)).toInt(), 0, 2));
    if (state.contains(key(kChanges)))
        m_changes->restoreState(state.value(key(kChanges)).toArray());
}

bool BudgetView::isReady() const { return !m_model->isBusy() && !session()->isLoading(); }

void BudgetView::showEvent(QShowEvent *event)
{
    View::showEvent(event);
    m_model->setActive(true);
}

void BudgetView::hideEvent(QHideEvent *event)
{
    View::hideEvent(event);
    m_model->setActive(false);
}

} // namespace tailscope::widgets
