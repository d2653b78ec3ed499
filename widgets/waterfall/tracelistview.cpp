// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/waterfall/tracelistview.h"

#include "base/text.h"
#include "items/tracediffmodel.h"
#include "widgets/base/bardelegate.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/theme.h"
#include "widgets/waterfall/tracescattercanvas.h"

#include <QAction>
#include <QApplication>
#include <QBoxLayout>
#include <QClipboard>
#include <QEvent>
#include <QHeaderView>
#include <QJsonObject>
#include <QLineEdit>
#include <QMenu>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QTimer>

#include <algorithm>

namespace tailscope::widgets {

using items::TraceListModel;

namespace {

QString count(std::int64_t n) { return QString::fromStdString(groupedCount(n)); }

} // namespace

TraceListView::TraceListView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(TraceListModel::of(session))
    , m_banner(new Banner(this))
    , m_search(new QLineEdit(this))
    , m_caption(new ElidedLabel(this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_splitter(new QSplitter(Qt::Vertical, this))
    , m_scatter(new TraceScatterCanvas(m_model, context(), this))
    , m_table(new QTableView(this))
    , m_searchTimer(new QTimer(this))
{
    setAccessibleName(tr("Traces"));
    buildLayout();
    buildActions();
    connectParts();
    updateState();
}

TraceListView::~TraceListView() { m_model->setActive(this, false); }

void TraceListView::buildLayout()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_banner);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(6, 3, 6, 3);
    m_search->setPlaceholderText(tr("Trace ID, operation or service of any span"));
    m_search->setClearButtonEnabled(true);
    m_search->setAccessibleName(tr("Search traces"));
    m_search->setToolTip(
        tr("Lists the traces whose ID, or an operation or service of any span, contains this "
           "(Ctrl+F)"));
    m_search->setMaximumWidth(fontMetrics().averageCharWidth() * 52);
    bar->addWidget(m_search, 2);
    bar->addWidget(m_caption, 5);
    layout->addLayout(bar);
    layout->addWidget(m_stack, 1);
    m_splitter->addWidget(m_scatter);
    m_splitter->addWidget(m_table);
    m_splitter->setStretchFactor(0, 2);
    m_splitter->setStretchFactor(1, 3);
    m_splitter->setSizes({400, 600});
    m_splitter->setChildrenCollapsible(false);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_splitter);

    m_table->setModel(m_model);
    m_table->setItemDelegate(new BarDelegate(TraceListModel::BarRole, TraceListModel::LevelRole, m_table));
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setAlternatingRowColors(true);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->setAccessibleName(tr("List of traces"));
    m_table->setContextMenuPolicy(Qt::CustomContextMenu);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    m_table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setSortIndicator(int(m_model->field()),
        m_model->isDescending() ? Qt::DescendingOrder : Qt::AscendingOrder);
    m_table->setSortingEnabled(true);
    const int letter = fontMetrics().averageCharWidth();
    const int widths[] = {33, 12, 18, 34, 8, 9, 8, 10, 10, 12, 13, 8, 36};
    for (int column = 0; column < TraceListModel::ColumnCount; ++column)
        m_table->setColumnWidth(column, letter * widths[column]);
    setFocusProxy(m_table);
    m_searchTimer->setSingleShot(true);
    m_searchTimer->setInterval(150);
}

void TraceListView::buildActions()
{
    const auto add = [this](const QString &text, const QKeySequence &key, auto run) {
        auto *action = new QAction(text, this);
        action->setShortcut(key);
        action->setShortcutContext(Qt::WidgetShortcut);
        connect(action, &QAction::triggered, this, run);
        m_table->addAction(action);
        m_actions << action;
        return action;
    };
    m_open = add(tr("&Open in Waterfall"), {}, &TraceListView::openCurrent);
    m_open->setIcon(themedIcon(QStringLiteral("waterfall")));
    m_copyKey = add(tr("Copy Trace &ID"), {}, &TraceListView::copyKey);
    m_copyRow = add(tr("&Copy Row"), QKeySequence::Copy, &TraceListView::copyRows);
    m_copyRow->setIcon(themedIcon(QStringLiteral("copy")));
    m_filter = add(tr("&Filter to This Trace"), {}, [this] {
        if (const QList<int> rows = chosenRows(); !rows.isEmpty())
            context()->narrow(QStringLiteral("trace=%1").arg(m_model->idAt(rows.first())));
    });
    m_filter->setIcon(themedIcon(QStringLiteral("filter")));
    m_baseline = add(tr("Use as &Baseline"), {}, [this] {
        if (const QList<int> rows = chosenRows(); !rows.isEmpty())
            items::TraceDiffModel::of(session())->setBaseline(m_model->idAt(rows.first()));
    });
    m_compare = add(tr("Co&mpare with Baseline"), {}, &TraceListView::compareWith);
    auto *area = new QAction(tr("&Remove Range and Duration"), this);
    area->setToolTip(tr("Takes back what dragging in the picture narrowed (Backspace there)"));
    connect(area, &QAction::triggered, this, &TraceListView::removeArea);
    m_actions << area;
    auto *sql = new QAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this);
    connect(sql, &QAction::triggered, this, [this] { Q_EMIT sqlRequested(showSql()); });
    m_actions << sql;
}

void TraceListView::connectParts()
{
    connect(m_model, &TraceListModel::listChanged, this, [this] {
        updateState();
        followSelection();
    });
    connect(m_model, &TraceListModel::busyChanged, this, &TraceListView::updateState);
    connect(m_model, &TraceListModel::keysChanged, this, [this] {
        if (m_copyWaits)
            copyKey();
    });
    connect(context(), &session::SessionContext::selectionChanged, this, &TraceListView::followSelection);
    connect(context(), &session::SessionContext::dataChanged, this, &TraceListView::updateState);
    connect(session(), &session::Session::loaded, this, &TraceListView::updateState);
    connect(m_search, &QLineEdit::textChanged, m_searchTimer, qOverload<>(&QTimer::start));
    connect(m_searchTimer, &QTimer::timeout, this, [this] {
        m_model->setSearch(m_search->text());
        updateReady();
    });
    connect(m_search, &QLineEdit::returnPressed, this, [this] {
        m_searchTimer->stop();
        m_model->setSearch(m_search->text());
        m_table->setFocus();
    });
    connect(m_scatter, &TraceScatterCanvas::traceActivated, this, &TraceListView::openTrace);
    connect(m_scatter, &TraceScatterCanvas::traceChosen, this, [this](qint64 id) {
        if (const auto row = m_model->rowOfId(id))
            chooseRow(*row);
    });
    connect(m_scatter, &TraceScatterCanvas::areaSelected, this, [this](const TraceScatterCanvas::Area &area) {
        // Depth 0: the durations are those of the requests, not of any span inside them.
        context()->setRange(area.range);
        context()->narrow(
            QStringLiteral("depth=0 duration>=%1ns duration<%2ns").arg(area.low).arg(area.high));
    });
    connect(m_scatter, &TraceScatterCanvas::areaCleared, this, &TraceListView::removeArea);
    connect(m_scatter, &TraceScatterCanvas::readoutChanged, this, &View::statusText);
    connect(m_table, &QTableView::activated, this, &TraceListView::openCurrent);
    connect(m_table, &QWidget::customContextMenuRequested, this,
        [this](const QPoint &position) { makeMenu()->popup(m_table->viewport()->mapToGlobal(position)); });
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        const QList<int> rows = chosenRows();
        if (rows.isEmpty() || m_following)
            return;
        const qint64 id = m_model->idAt(rows.first());
        m_scatter->setCurrentTrace(id);
        if (rows.size() == 1)
            context()->setSelection({session::Selection::Kind::Trace, id, {}});
        updateReady();
    });
    connect(m_empty, &EmptyState::buttonClicked, this, [this] {
        if (m_emptyAction == EmptyAction::Open)
            Q_EMIT commandRequested(QStringLiteral("open"), {});
        else if (m_emptyAction == EmptyAction::Search)
            m_search->clear();
        else
            context()->resetNavigation();
    });
}

bool TraceListView::event(QEvent *event)
{
    // Polish also comes when the view is rendered into a picture without ever being shown.
    if (event->type() == QEvent::Show || event->type() == QEvent::Polish) {
        m_model->setActive(this, true);
        updateState();
    }
    return View::event(event);
}

void TraceListView::hideEvent(QHideEvent *event)
{
    m_model->setActive(this, false);
    View::hideEvent(event);
}

QList<int> TraceListView::chosenRows() const
{
    QList<int> rows;
    for (const QModelIndex &index : m_table->selectionModel()->selectedRows())
        rows << index.row();
    std::sort(rows.begin(), rows.end());
    return rows;
}

void TraceListView::chooseRow(int row)
{
    m_table->setCurrentIndex(m_model->index(row, 0));
    m_table->scrollTo(m_model->index(row, 0));
}

// The selection came from elsewhere, or the rows are new.
void TraceListView::followSelection()
{
    const session::Selection chosen = context()->selection();
    std::optional<qint64> id;
    const auto columns = context()->columns();
    if (chosen.kind == session::Selection::Kind::Trace) {
        id = chosen.id;
    } else if (chosen.kind == session::Selection::Kind::Span && columns) {
        const std::uint32_t row = columns->rowOfId(chosen.id);
        if (row != analysis::kNoRow && columns->trace[row] != analysis::kNoRow)
            id = columns->traceIds[columns->trace[row]];
    }
    m_scatter->setCurrentTrace(id);
    const auto row = id ? m_model->rowOfId(*id) : std::nullopt;
    if (!row || chosenRows().contains(*row))
        return;
    m_following = true;
    chooseRow(*row);
    m_following = false;
}

void TraceListView::openTrace(qint64 id)
{
    context()->setSelection({session::Selection::Kind::Trace, id, {}});
    Q_EMIT openViewRequested(QStringLiteral("waterfall"));
}

void TraceListView::openCurrent()
{
    if (const QList<int> rows = chosenRows(); !rows.isEmpty())
        openTrace(m_model->idAt(rows.first()));
}

void TraceListView::copyRows()
{
    if (const QList<int> rows = chosenRows(); !rows.isEmpty())
        QApplication::clipboard()->setText(m_model->toText(rows));
}

void TraceListView::copyKey()
{
    const QList<int> rows = chosenRows();
    QStringList keys;
    for (const int row : rows)
        keys << m_model->keyAt(row);
    // Not read yet: copied when it is.
    m_copyWaits = keys.contains(QString());
    if (!m_copyWaits && !keys.isEmpty())
        QApplication::clipboard()->setText(keys.join(QLatin1Char('\n')));
}

// Two chosen ones are compared with each other: the shorter one is A.
void TraceListView::compareWith()
{
    auto *diff = items::TraceDiffModel::of(session());
    const QList<int> rows = chosenRows();
    if (rows.isEmpty())
        return;
    qint64 other = m_model->idAt(rows.first());
    if (rows.size() == 2) {
        const auto table = m_model->table();
        const bool isFirstShorter
            = table->duration[m_model->entryAt(rows[0])] <= table->duration[m_model->entryAt(rows[1])];
        diff->setBaseline(m_model->idAt(rows[isFirstShorter ? 0 : 1]));
        other = m_model->idAt(rows[isFirstShorter ? 1 : 0]);
    }
    diff->setOther(other);
    Q_EMIT openViewRequested(QStringLiteral("tracecompare"));
}

void TraceListView::removeArea()
{
    analysis::Filter filter = context()->filter();
    std::erase_if(filter.terms, [](const analysis::FilterTerm &term) {
        return term.field == analysis::FilterTerm::Field::Duration
            || term.field == analysis::FilterTerm::Field::Depth;
    });
    context()->setRange(std::nullopt);
    context()->setFilterText(QString::fromStdString(filter.toText()));
}

QMenu *TraceListView::makeMenu()
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const QList<int> rows = chosenRows();
    for (QAction *action : {m_open, m_copyKey, m_copyRow, m_filter, m_baseline})
        action->setEnabled(!rows.isEmpty());
    const auto *diff = items::TraceDiffModel::of(session());
    m_compare->setText(rows.size() == 2 ? tr("Co&mpare These Two") : tr("Co&mpare with Baseline"));
    m_compare->setEnabled(rows.size() == 2
        || (rows.size() == 1 && diff->hasBaseline() && *diff->baseline() != m_model->idAt(rows.first())));
    m_compare->setToolTip(diff->hasBaseline() ? QString() : tr("Mark another trace as the baseline first"));
    for (QAction *action : m_actions)
        menu->addAction(action);
    return menu;
}

void TraceListView::updateCaption()
{
    const auto table = m_model->table();
    if (!table) {
        m_caption->setText({});
        return;
    }
    const auto listed = std::int64_t(m_model->listed().size());
    QString text = listed == table->all ? tr("%1 traces").arg(count(listed))
                                        : tr("%1 of %2 traces").arg(count(listed), count(table->all));
    if (context()->range() || !context()->filter().isEmpty())
        text += tr(" · a trace is listed when any of its spans passes range and filter");
    if (table->loose > 0)
        text += tr(" · %1 spans are in no trace").arg(count(table->loose));
    if (m_model->isBusy())
        text += tr(" · updating…");
    m_caption->setText(text);
}

void TraceListView::updateState()
{
    updateCaption();
    m_model->errorText().isEmpty() ? m_banner->clear()
                                   : m_banner->show(Banner::Level::Warning, m_model->errorText());
    const auto table = m_model->table();
    const bool hasRows = m_model->rowCount() > 0;
    m_stack->setCurrentWidget(hasRows ? static_cast<QWidget *>(m_splitter) : m_empty);
    for (int column : {int(TraceListModel::Wait), int(TraceListModel::Network),
             int(TraceListModel::Processing), int(TraceListModel::LargestGap)})
        m_table->setColumnHidden(column, table && !table->hasTimes());
    m_table->setColumnHidden(TraceListModel::Weight, table && table->weight.empty());
    if (!hasRows) {
        const QString icon = QStringLiteral("traces");
        m_emptyAction = EmptyAction::None;
        if (session()->isLoading() || m_model->isBusy()) {
            m_empty->setContent(icon, tr("Reading the traces…"),
                tr("They appear when the spans are loaded."));
        } else if (!table || (table->all == 0 && table->loose == 0)) {
            m_emptyAction = EmptyAction::Open;
            m_empty->setContent(icon, tr("No traces yet"),
                tr("Open an export of OpenTelemetry (OTLP JSON), Jaeger or Zipkin with Ctrl+O, or drop it on "
                   "the window."),
                tr("Open Files…"));
        } else if (table->all == 0) {
            m_empty->setContent(icon, tr("These spans are in no trace"),
                tr("%1 spans are loaded, but their files name no trace IDs: they show as rows of the "
                   "timeline. "
                   "Exports of OpenTelemetry, Jaeger and Zipkin, and request logs with a trace or request "
                   "ID, "
                   "bring traces.")
                    .arg(count(table->loose)));
        } else if (!m_search->text().isEmpty()) {
            m_emptyAction = EmptyAction::Search;
            m_empty->setContent(icon, tr("No trace matches the search"),
                tr("It looks for trace IDs and for operations and services of any span."),
                tr("Clear Search"));
        } else {
            m_emptyAction = EmptyAction::Reset;
            m_empty->setContent(icon, tr("No span of any trace passes"),
                tr("A trace is listed when any of its spans starts in the range and passes the filter."),
                tr("Show Everything"));
        }
    }
    updateReady();
}

bool TraceListView::isReady() const
{
    return !m_searchTimer->isActive() && !m_model->isBusy() && !context()->isFilterPending()
        && !session()->isLoading();
}

void TraceListView::updateReady()
{
    if (isReady() == m_wasReady)
        return;
    m_wasReady = !m_wasReady;
    Q_EMIT readyChanged();
}

void TraceListView::startSearch()
{
    m_search->setFocus(Qt::ShortcutFocusReason);
    m_search->selectAll();
}

QString TraceListView::showSql() const { return m_model->sql(); }

QJsonObject TraceListView::saveState() const
{
    return {{QStringLiteral("sort"), int(m_model->field())},
        {QStringLiteral("descending"), m_model->isDescending()},
        {QStringLiteral("search"), m_search->text()}};
}

void TraceListView::restoreState(const QJsonObject &state)
{
    const int column = std::clamp(state.value(QStringLiteral("sort")).toInt(int(TraceListModel::Duration)), 0,
        int(TraceListModel::ColumnCount) - 1);
    m_table->sortByColumn(column,
        state.value(QStringLiteral("descending")).toBool(true) ? Qt::DescendingOrder : Qt::AscendingOrder);
    m_search->setText(state.value(QStringLiteral("search")).toString());
}

} // namespace tailscope::widgets
