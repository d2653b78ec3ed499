// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/statements/statementsview.h"

#include "base/text.h"
#include "items/querymodel.h"
#include "items/statementmodel.h"
#include "items/statementrangemodel.h"
#include "session/playback.h"
#include "session/session.h"
#include "widgets/base/bardelegate.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/statements/statementdetails.h"
#include "widgets/statements/statementrangepanel.h"

#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace tailscope::widgets {

using items::StatementModel;

namespace {

enum Page { StatementPage, TagPage, RangePage };

QString count(std::int64_t n) { return QString::fromStdString(groupedCount(n)); }

} // namespace

StatementsView::StatementsView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new StatementModel(session, this))
    , m_tags(new items::QueryModel(session, this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_origin(new QComboBox(this))
    , m_search(new QLineEdit(this))
    , m_note(new ElidedLabel(this))
    , m_pages(new QTabWidget(this))
    , m_splitter(new QSplitter(Qt::Vertical, this))
    , m_table(new QTableView(this))
    , m_tagTable(new QTableView(this))
    , m_tagNote(new QLabel(this))
    , m_details(new StatementDetails(session, m_model, this))
    , m_range(new StatementRangePanel(session, this))
{
    setAccessibleName(tr("Statements"));
    createActions();
    buildLayout();
    connect(m_model, &StatementModel::changed, this, &StatementsView::refresh);
    connect(m_model, &StatementModel::busyChanged, this, &StatementsView::updateReady);
    connect(m_details, &StatementDetails::busyChanged, this, &StatementsView::updateReady);
    connect(m_details, &StatementDetails::planChosen, this, &StatementsView::openPlan);
    connect(m_tags, &items::QueryModel::finished, this, [this] {
        m_tagTable->resizeColumnsToContents();
        m_tagNote->setText(m_tags->rowCount() > 0 ? tr("Executions and time by the keys and values in the "
                                                       "comments of the statements; \"(without)\": "
                                                       "executions that do not name the key.")
                                                  : tr("No comment names who runs a statement. A driver with "
                                                       "sqlcommenter, marginalia or a plain "
                                                       "/* tenant_id=42 */ in the text of logged or traced "
                                                       "statements does; counters have no comments."));
        updateReady();
    });
    connect(m_origin, &QComboBox::activated, this, &StatementsView::originChosen);
    connect(m_search, &QLineEdit::textChanged, m_model, &StatementModel::setSearch);
    connect(m_pages, &QTabWidget::currentChanged, this, &StatementsView::showPage);
    connect(m_pages, &QTabWidget::tabBarClicked, this, [this] { m_pageChosen = true; });
    connectRange();
    connect(m_table, &QTableView::activated, this, &StatementsView::openSlowestPlan);
    // Only what the user points at is a step of the navigation; the first row is chosen by itself.
    connect(m_table, &QTableView::clicked, this, [this] {
        if (const items::StatementItem *item = m_model->item(currentRow()))
            context()->setSelection({session::Selection::Kind::Statement, item->id, {}});
    });
    connect(context(), &session::SessionContext::selectionChanged, this, &StatementsView::followSelection);
    connect(m_table, &QTableView::customContextMenuRequested, this, &StatementsView::showMenu);
    connect(m_tagTable, &QTableView::customContextMenuRequested, this, &StatementsView::showTagMenu);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        [this](const QModelIndex &index) { m_details->setRow(index.isValid() ? index.row() : -1); });
    connect(m_empty, &EmptyState::buttonClicked, this,
        [this] { Q_EMIT commandRequested(QStringLiteral("open"), {}); });
    setFocusProxy(m_table);
    refresh();
}

void StatementsView::connectRange()
{
    connect(m_search, &QLineEdit::textChanged, m_range->model(), &items::StatementRangeModel::setSearch);
    connect(m_range, &StatementRangePanel::busyChanged, this, &StatementsView::updateReady);
    connect(m_range, &StatementRangePanel::statusText, this, &View::statusText);
    connect(m_range, &StatementRangePanel::sqlRequested, this, [this] { Q_EMIT sqlRequested(showSql()); });
    connect(m_range->model(), &items::StatementRangeModel::changed, this, [this] {
        if (m_stack->currentIndex() == 0)
            refresh();
    });
    connect(m_range, &StatementRangePanel::statementChosen, this, [this](qint64 id) {
        context()->setSelection({session::Selection::Kind::Statement, id, {}});
    });
    // A recording begins or is opened: its view moves with the playback.
    connect(session()->playback(), &session::Playback::recordedChanged, this, [this] {
        if (!m_pageChosen && m_pages->currentIndex() == StatementPage)
            m_pages->setCurrentIndex(RangePage);
        showPage();
    });
}

/// Only the page that is looked at reads; without statistics of all times the range tells whether there are
/// any.
void StatementsView::showPage()
{
    m_range->setActive(isVisible() && (m_pages->currentIndex() == RangePage || m_stack->currentIndex() == 0));
    const bool isRange = m_pages->currentIndex() == RangePage;
    m_origin->setEnabled(!isRange);
    m_note->setVisible(!isRange);
    showTags();
    updateReady();
}

void StatementsView::setUpTable(QTableView *table, const QString &name)
{
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setAlternatingRowColors(true);
    table->setFrameShape(QFrame::NoFrame);
    table->setShowGrid(false);
    table->setWordWrap(false);
    table->setTabKeyNavigation(false);
    table->setAccessibleName(name);
    table->setContextMenuPolicy(Qt::CustomContextMenu);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    table->horizontalHeader()->setHighlightSections(false);
    table->setSortingEnabled(true);
}

QWidget *StatementsView::buildStatements()
{
    m_table->setModel(m_model);
    m_table->setItemDelegate(new BarDelegate(StatementModel::BarRole, StatementModel::LevelRole, m_table));
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setTextElideMode(Qt::ElideRight);
    setUpTable(m_table, tr("Statements by time"));
    m_table->sortByColumn(StatementModel::Total, Qt::DescendingOrder);
    m_splitter->addWidget(m_table);
    m_splitter->addWidget(m_details);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setStretchFactor(0, 3);
    m_splitter->setStretchFactor(1, 1);
    return m_splitter;
}

QWidget *StatementsView::buildTags()
{
    auto *page = new QWidget(this);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    m_tagNote->setWordWrap(true);
    m_tagNote->setContentsMargins(8, 4, 8, 0);
    layout->addWidget(m_tagNote);
    m_tagTable->setModel(m_tags);
    setUpTable(m_tagTable, tr("Who runs the statements"));
    layout->addWidget(m_tagTable, 1);
    return page;
}

void StatementsView::buildLayout()
{
    auto *page = new QWidget(this);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(8, 4, 8, 4);
    auto *label = new QLabel(tr("&From:"), this);
    label->setBuddy(m_origin);
    m_origin->setAccessibleName(tr("Where the figures come from"));
    m_origin->setToolTip(
        tr("Statistics: counters of pg_stat_statements. Server log: durations of logged statements. "
           "Spans: client calls of traces that carry the text of their statement"));
    m_origin->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    m_search->setPlaceholderText(tr("Search statements"));
    m_search->setAccessibleName(tr("Search statements"));
    m_search->setClearButtonEnabled(true);
    m_search->setMinimumWidth(220);
    m_search->setMaximumWidth(300);
    bar->setSpacing(8);
    bar->addWidget(label);
    bar->addWidget(m_origin);
    bar->addWidget(m_search);
    bar->addWidget(m_note, 1);
    layout->addLayout(bar);
    m_pages->setDocumentMode(true);
    m_pages->addTab(buildStatements(), tr("Statements"));
    m_pages->addTab(buildTags(), tr("Tags"));
    m_pages->addTab(m_range, tr("In the Range"));
    m_pages->setTabToolTip(RangePage,
        tr("Growth of the counters of pg_stat_statements in the chosen range, or in what the playback "
           "shows"));
    layout->addWidget(m_pages, 1);

    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(page);
    outer->addWidget(m_stack);
}

QString StatementsView::showSql() const
{
    return m_pages->currentIndex() == TagPage  ? m_model->tagsSql()
        : m_pages->currentIndex() == RangePage ? m_range->model()->sql()
                                               : m_model->sql();
}

QString StatementsView::noteText() const { return m_note->text(); }

QJsonObject StatementsView::saveState() const
{
    return {{QStringLiteral("origin"), StatementModel::originId(m_model->origin())},
        {QStringLiteral("search"), m_search->text()}, {QStringLiteral("page"), m_pages->currentIndex()}};
}

void StatementsView::restoreState(const QJsonObject &state)
{
    for (int origin = 0; origin < StatementModel::OriginCount; ++origin) {
        const auto one = StatementModel::Origin(origin);
        // An origin that has nothing here was chosen in other data.
        if (state.value(QStringLiteral("origin")).toString() == StatementModel::originId(one)
            && (!m_model->isLoaded() || m_model->statements(one) > 0))
            m_model->setOrigin(one);
    }
    m_search->setText(state.value(QStringLiteral("search")).toString());
    m_pageChosen = state.contains(QStringLiteral("page"));
    m_pages->setCurrentIndex(std::clamp(state.value(QStringLiteral("page")).toInt(), 0, int(RangePage)));
}

bool StatementsView::isReady() const
{
    return !session()->isLoading() && !m_model->isBusy() && !m_details->isBusy() && !m_tags->isRunning()
        && !m_range->model()->isBusy();
}

void StatementsView::updateReady()
{
    const bool ready = StatementsView::isReady();
    if (ready == m_wasReady)
        return;
    m_wasReady = ready;
    Q_EMIT readyChanged();
}

void StatementsView::startSearch()
{
    m_search->setFocus(Qt::ShortcutFocusReason);
    m_search->selectAll();
}

void StatementsView::showEvent(QShowEvent *event)
{
    View::showEvent(event);
    m_model->setActive(true);
    if (!m_pageChosen && session()->playback()->moment() != kUnknownNanos)
        m_pages->setCurrentIndex(RangePage);
    showPage();
}

void StatementsView::hideEvent(QHideEvent *event)
{
    View::hideEvent(event);
    m_model->setActive(false);
    m_range->setActive(false);
}

void StatementsView::originChosen(int index)
{
    m_model->setOrigin(StatementModel::Origin(m_origin->itemData(index).toInt()));
}

void StatementsView::refresh()
{
    showOrigins();
    m_tagsStale = true;
    bool any = false;
    for (int origin = 0; origin < StatementModel::OriginCount; ++origin)
        any = any || m_model->statements(StatementModel::Origin(origin)) > 0;
    // A recording has samples before its statistics of all times are computed.
    const auto range = m_range->model()->range();
    const bool hasRange = range && !range->servers.empty();
    if (!any && hasRange && !m_pageChosen)
        m_pages->setCurrentIndex(RangePage);
    if (!any && !hasRange) {
        showEmpty();
        m_stack->setCurrentIndex(0);
        if (m_model->isLoaded())
            m_range->setActive(isVisible());
        updateReady();
        return;
    }
    m_stack->setCurrentIndex(1);
    showNote();
    if (m_model->rowCount() > 0) {
        if (!m_fitted)
            fitColumns();
        if (currentRow() < 0)
            m_table->selectRow(std::max(0, m_model->rowOf(m_details->statement())));
    }
    followSelection();
    m_details->setRow(currentRow());
    showTags();
    updateReady();
}

/// A finding or another view chose a statement.
void StatementsView::followSelection()
{
    const session::Selection chosen = context()->selection();
    if (chosen.kind != session::Selection::Kind::Statement || chosen.id == m_followed)
        return;
    m_range->selectStatement(chosen.id);
    const auto origin = m_model->originOf(chosen.id);
    if (!origin)
        return;
    m_followed = chosen.id;
    m_model->setOrigin(*origin);
    if (m_model->rowOf(chosen.id) < 0)
        m_search->clear();
    const int row = m_model->rowOf(chosen.id);
    if (row >= 0 && row != currentRow())
        m_table->selectRow(row);
    if (m_pages->currentIndex() == TagPage)
        m_pages->setCurrentIndex(StatementPage);
}

void StatementsView::showOrigins()
{
    const QSignalBlocker blocker(m_origin);
    m_origin->clear();
    const QString names[]{tr("Statistics"), tr("Server Log"), tr("Spans")};
    for (int origin = 0; origin < StatementModel::OriginCount; ++origin) {
        const int n = m_model->statements(StatementModel::Origin(origin));
        m_origin->addItem(tr("%1 (%2)").arg(names[origin], count(n)), origin);
    }
    m_origin->setCurrentIndex(m_model->origin());
}

void StatementsView::showEmpty()
{
    const QString icon = QStringLiteral("statements");
    if (!m_model->error().isEmpty())
        m_empty->setContent(icon, tr("The Statements Cannot Be Read"), m_model->error());
    else if (!m_model->isLoaded())
        m_empty->setContent(icon, tr("Reading Statements…"), tr("The table appears when they are read."));
    else
        m_empty->setContent(icon, tr("No Statements Yet"),
            tr("Save the counters of the server and open the file:\n"
               "\\copy (SELECT * FROM pg_stat_statements) TO 'x.csv' CSV HEADER\n"
               "Server logs with durations and traces whose spans carry the text of their statement "
               "(db.query.text) count too."),
            tr("Open Files…"));
}

void StatementsView::showNote()
{
    const StatementModel::Origin origin = m_model->origin();
    QStringList parts;
    const int n = m_model->statements(origin);
    if (n > 0) {
        parts << tr("%1 of %2 statements carry 80 % of the time").arg(count(m_model->paretoCount()), count(n))
              << tr("%1 calls").arg(count(m_model->calls()))
              << tr("%1 in all").arg(QString::fromStdString(humanMillis(m_model->totalMs())));
        if (m_model->rowCount() < n)
            parts << tr("%1 pass the search").arg(count(m_model->rowCount()));
    } else {
        parts << tr("No statements from here");
    }
    if (origin == StatementModel::Log)
        parts << tr("only executions above log_min_duration_statement are in a log");
    else if (origin == StatementModel::Spans)
        parts << tr("every span counts once, whatever the weight of its trace");
    else if (n > 0)
        parts << countersText();
    if (m_model->isTruncated())
        parts << tr("the first %1 are shown").arg(count(StatementModel::kMaxRows));
    m_note->setText(parts.join(QStringLiteral(" · ")));
}

QString StatementsView::countersText() const
{
    const auto times = m_model->times();
    if (!times)
        return tr("counters since the last reset");
    if (times->first == times->second)
        return tr("counters from the last reset to %1").arg(context()->timeText(times->first));
    return tr("from %1 to %2").arg(context()->timeText(times->first), context()->timeText(times->second));
}

void StatementsView::showTags()
{
    if (m_pages->currentIndex() != TagPage || !m_tagsStale)
        return;
    m_tagsStale = false;
    m_tags->setQuery(m_model->tagsSql());
    updateReady();
}

void StatementsView::fitColumns()
{
    m_fitted = true;
    QHeaderView *header = m_table->horizontalHeader();
    for (int column = StatementModel::Calls; column < StatementModel::ColumnCount; ++column) {
        m_table->resizeColumnToContents(column);
        m_table->setColumnWidth(column, std::clamp(m_table->columnWidth(column), 56, 150));
    }
    m_table->setColumnWidth(StatementModel::Share, 84);
    m_table->setColumnWidth(StatementModel::Cumulative, 96);
    header->setSectionResizeMode(StatementModel::Text, QHeaderView::Stretch);
    header->setMinimumSectionSize(48);
}

int StatementsView::currentRow() const
{
    const QModelIndex index = m_table->currentIndex();
    return index.isValid() ? index.row() : -1;
}

} // namespace tailscope::widgets
