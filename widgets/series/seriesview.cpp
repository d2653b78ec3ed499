// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/series/seriesview.h"

#include "base/text.h"
#include "session/session.h"
#include "widgets/base/bardelegate.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/theme.h"
#include "widgets/series/seriescanvas.h"
#include "widgets/series/seriesfoldcanvas.h"

#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QHeaderView>
#include <QJsonArray>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QTreeView>
#include <QVBoxLayout>

#include <algorithm>

namespace tailscope::widgets {

using items::LaneSpec;
using items::SeriesCombine;
using items::SeriesListModel;
using items::SeriesMeasure;
using items::SeriesModel;

namespace {

constexpr int kMostLanes = 40;

QString count(qint64 n) { return QString::fromStdString(groupedCount(n)); }

} // namespace

SeriesView::SeriesView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new SeriesModel(session, this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_search(new QLineEdit(this))
    , m_measure(new QComboBox(this))
    , m_combine(new QComboBox(this))
    , m_note(new ElidedLabel(this))
    , m_readout(new ElidedLabel(this))
    , m_movedNote(new ElidedLabel(this))
    , m_list(new QTreeView(this))
    , m_canvas(new SeriesCanvas(m_model, session, this))
    , m_fold(new SeriesFoldCanvas(this))
    , m_tabs(new QTabWidget(this))
    , m_found(new QTableView(this))
    , m_moved(new QTableView(this))
{
    setAccessibleName(tr("Series"));
    buildLayout();
    connectAll();
    setFocusProxy(m_list);
    refresh();
}

QWidget *SeriesView::buildBar()
{
    auto *bar = new QWidget(this);
    auto *layout = new QHBoxLayout(bar);
    layout->setContentsMargins(8, 4, 8, 4);
    m_search->setPlaceholderText(tr("Search series"));
    m_search->setAccessibleName(tr("Search series"));
    m_search->setToolTip(
        tr("Words of the metric, service, instance, labels, or of what was found (step, ceiling)"));
    m_search->setClearButtonEnabled(true);
    m_search->setMaximumWidth(320);
    m_measure->setAccessibleName(tr("What is drawn"));
    m_measure->setToolTip(
        tr("Counters are drawn as rates per second, resets count from 0, everything else as it was "
           "written; or all as written, as rate, or as the change from sample to sample"));
    m_measure->addItem(tr("Counters as rates"), int(SeriesMeasure::Auto));
    m_measure->addItem(tr("As written"), int(SeriesMeasure::Value));
    m_measure->addItem(tr("Rate per second"), int(SeriesMeasure::Rate));
    m_measure->addItem(tr("Change per sample"), int(SeriesMeasure::Delta));
    m_combine->setAccessibleName(tr("Series of one metric"));
    m_combine->setToolTip(
        tr("A metric of many series: each in its own lane, the five largest with the sum of the "
           "others, their sum, or sums by a label. Sums are made in common bins."));
    m_combine->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    for (QWidget *part : {static_cast<QWidget *>(m_search), static_cast<QWidget *>(m_measure),
             static_cast<QWidget *>(m_combine)})
        layout->addWidget(part);
    layout->addWidget(m_note, 1);
    return bar;
}

void SeriesView::setUpTable(QTableView *table, QAbstractItemModel *model, const QString &name)
{
    table->setModel(model);
    table->setItemDelegate(new BarDelegate(items::CellTable::BarRole, items::CellTable::LevelRole, table));
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setAlternatingRowColors(true);
    table->setFrameShape(QFrame::NoFrame);
    table->setShowGrid(false);
    table->setWordWrap(false);
    table->setTabKeyNavigation(false);
    // As they came first: the most striking on top.
    table->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    table->setSortingEnabled(true);
    table->setAccessibleName(name);
    table->setContextMenuPolicy(Qt::CustomContextMenu);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    table->horizontalHeader()->setHighlightSections(false);
    table->horizontalHeader()->setStretchLastSection(true);
    connect(table, &QTableView::activated, this,
        [this, table](const QModelIndex &at) { pickRow(table, at); });
    connect(table, &QTableView::clicked, this, [this, table](const QModelIndex &at) { pickRow(table, at); });
    connect(table, &QTableView::customContextMenuRequested, this,
        [this, table](const QPoint &position) { showTableMenu(table, position); });
}

QWidget *SeriesView::buildLower()
{
    setUpTable(m_found, m_model->foundTable(), tr("What was found in the series"));
    setUpTable(m_moved, m_model->movedTable(), tr("What moved at the moment"));
    auto *moved = new QWidget(this);
    auto *layout = new QVBoxLayout(moved);
    layout->setContentsMargins(0, 2, 0, 0);
    layout->setSpacing(2);
    layout->addWidget(m_movedNote);
    layout->addWidget(m_moved, 1);
    m_movedNote->setText(tr("Put the cursor on a moment in the lanes and press M."));
    m_tabs->addTab(m_found, tr("Found"));
    m_tabs->addTab(moved, tr("What Moved"));
    m_tabs->addTab(m_fold, tr("Hours and Weekdays"));
    m_tabs->setDocumentMode(true);
    m_tabs->setAccessibleName(tr("Explanations of the series"));
    return m_tabs;
}

void SeriesView::buildLayout()
{
    m_list->setModel(m_model->list());
    m_list->setItemDelegate(new BarDelegate(SeriesListModel::BarRole, SeriesListModel::LevelRole, m_list));
    m_list->setAccessibleName(tr("Series by metric"));
    m_list->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_list->setUniformRowHeights(true);
    m_list->setAlternatingRowColors(true);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setContextMenuPolicy(Qt::CustomContextMenu);
    m_list->header()->setStretchLastSection(false);
    m_list->header()->resizeSection(0, 250);
    for (const int column : {SeriesListModel::Min, SeriesListModel::P50})
        m_list->hideColumn(column);
    m_list->header()->resizeSection(SeriesListModel::Found, 110);
    for (int column = SeriesListModel::Last; column < SeriesListModel::ColumnCount; ++column)
        m_list->header()->resizeSection(column, 74);
    auto *right = new QWidget(this);
    auto *lanes = new QVBoxLayout(right);
    lanes->setContentsMargins(0, 0, 0, 0);
    lanes->setSpacing(0);
    lanes->addWidget(m_canvas, 1);
    lanes->addWidget(m_readout);
    auto *vertical = new QSplitter(Qt::Vertical, this);
    vertical->addWidget(right);
    vertical->addWidget(buildLower());
    vertical->setStretchFactor(0, 3);
    vertical->setSizes({520, 210});
    auto *splitter = new QSplitter(Qt::Horizontal, this);
    splitter->addWidget(m_list);
    splitter->addWidget(vertical);
    splitter->setSizes({480, 1000});
    splitter->setStretchFactor(1, 1);
    for (QSplitter *each : {vertical, splitter})
        each->setChildrenCollapsible(false);
    auto *page = new QWidget(this);
    auto *layout = new QVBoxLayout(page);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(buildBar());
    layout->addWidget(splitter, 1);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(page);
    outer->addWidget(m_stack);
}

void SeriesView::connectAll()
{
    connect(m_model, &SeriesModel::listChanged, this, &SeriesView::refresh);
    connect(m_model, &SeriesModel::lanesChanged, this, &SeriesView::updateNote);
    connect(m_model, &SeriesModel::busyChanged, this, &View::readyChanged);
    connect(m_model, &SeriesModel::failed, this, &View::statusText);
    connect(m_model, &SeriesModel::foldChanged, this, [this] { m_fold->setFold(m_model->fold()); });
    connect(m_model, &SeriesModel::csvReady, this, [this](const QString &text) {
        QApplication::clipboard()->setText(text);
        Q_EMIT statusText(tr("%1 lines copied").arg(count(text.count(QLatin1Char('\n')))));
    });
    connect(m_model, &SeriesModel::movedChanged, this, [this] {
        const auto &moved = m_model->moved();
        m_movedNote->setText(
            tr("At %1: %2 of %3 series looked at; ten minutes before against ten minutes after")
                .arg(context()->timeText(m_model->movedAt().value_or(0)), count(moved.looked),
                    count(moved.all)));
        m_moved->resizeColumnToContents(0);
    });
    connect(m_search, &QLineEdit::textChanged, this, [this](const QString &text) {
        m_isFilling = true;
        m_model->list()->setSearch(text);
        if (m_model->list()->rowCount() <= 20 && m_model->list()->shown() <= 500)
            m_list->expandAll(); // a metric may have 100,000 series
        m_isFilling = false;
        updateNote();
    });
    connect(m_list->selectionModel(), &QItemSelectionModel::selectionChanged, this, [this] {
        if (!m_isFilling)
            applySelection();
    });
    connect(m_list, &QTreeView::customContextMenuRequested, this,
        [this](const QPoint &at) { showMenu(m_list->viewport()->mapToGlobal(at)); });
    connect(m_measure, &QComboBox::currentIndexChanged, this,
        [this] { m_model->setMeasure(SeriesMeasure(m_measure->currentData().toInt())); });
    connect(m_combine, &QComboBox::currentIndexChanged, this, [this] {
        if (!m_isFilling)
            applySelection();
    });
    connect(m_canvas, &SeriesCanvas::readoutChanged, m_readout, &ElidedLabel::setText);
    connect(m_canvas, &SeriesCanvas::movedRequested, this, &SeriesView::whatMoved);
    connect(m_canvas, &SeriesCanvas::menuRequested, this, &SeriesView::showMenu);
    connect(m_canvas, &SeriesCanvas::pinToggled, this, [this](int lane) {
        if (lane < m_model->laneSpecs().size()) // the canvas may still show the lanes before
            m_model->setPinned(lane, !m_model->laneSpecs()[lane].isPinned);
    });
    connect(m_empty, &EmptyState::buttonClicked, this,
        [this] { Q_EMIT commandRequested(QStringLiteral("open"), {}); });
}

bool SeriesView::isReady() const { return !m_model->isBusy(); }

void SeriesView::showEvent(QShowEvent *event)
{
    View::showEvent(event);
    m_model->setActive(true);
}

void SeriesView::hideEvent(QHideEvent *event)
{
    View::hideEvent(event);
    m_model->setActive(false);
}

void SeriesView::startSearch()
{
    m_search->setFocus(Qt::ShortcutFocusReason);
    m_search->selectAll();
}

void SeriesView::zoomBy(double factor) { m_canvas->zoomBy(1 / factor); }

void SeriesView::refresh()
{
    if (!m_model->error().isEmpty()) {
        m_empty->setContent(QStringLiteral("warning"), tr("The series could not be read"), m_model->error());
        m_stack->setCurrentIndex(0);
        return;
    }
    if (m_model->list()->total() == 0) {
        m_empty->setContent(QStringLiteral("series"),
            m_model->isLoaded() ? tr("No series") : tr("Reading\u2026"),
            tr("Series come from metrics: Prometheus or OpenMetrics text, OTLP metrics, CSV with a time, a "
               "name and a "
               "value, pgbench, vmstat, sar, logs of collectors, load tests."),
            m_model->isLoaded() ? tr("Open a File\u2026") : QString());
        m_stack->setCurrentIndex(0);
        return;
    }
    m_stack->setCurrentIndex(1);
    for (const int column : {0, 1, 2})
        m_found->resizeColumnToContents(column);
    m_found->setColumnWidth(1, std::min(360, m_found->columnWidth(1)));
    if (!m_wanted.isEmpty())
        showIds(std::exchange(m_wanted, {}));
    else if (!m_hasChosen)
        chooseFirst();
    updateNote();
}

// What was found is what to look at first; without anything found, the first metrics.
void SeriesView::chooseFirst()
{
    QVector<qint64> ids;
    for (const items::SeriesFound &found : m_model->found()) {
        if (!ids.contains(found.seriesId) && ids.size() < 5)
            ids << found.seriesId;
    }
    for (int row = 0; row < m_model->list()->rowCount() && ids.size() < 4; ++row) {
        const QVector<qint64> of = m_model->list()->ids(m_model->list()->index(row, 0));
        if (of.size() == 1 && !ids.contains(of.first()))
            ids << of;
    }
    if (ids.isEmpty())
        ids = m_model->list()->ids(m_model->list()->index(0, 0)).mid(0, 4);
    showIds(ids);
}

void SeriesView::showIds(const QVector<qint64> &ids)
{
    m_isFilling = true;
    m_list->clearSelection();
    for (const qint64 id : ids) {
        const QModelIndex index = m_model->list()->indexOf(id);
        if (!index.isValid())
            continue;
        m_list->expand(index.parent());
        m_list->selectionModel()->select(index, QItemSelectionModel::Select | QItemSelectionModel::Rows);
        m_list->scrollTo(index);
    }
    m_isFilling = false;
    applySelection();
}

void SeriesView::fillCombine()
{
    const QModelIndexList rows = m_list->selectionModel()->selectedRows();
    QStringList keys;
    for (const QModelIndex &row : rows)
        keys << m_model->list()->labelKeys(row);
    keys.removeDuplicates();
    const QVariant chosen = m_combine->currentData();
    const bool wasFilling = std::exchange(m_isFilling, true);
    m_combine->clear();
    m_combine->addItem(tr("Top 5 and others"), QStringLiteral("top"));
    m_combine->addItem(tr("One lane each"), QStringLiteral("each"));
    m_combine->addItem(tr("Sum"), QStringLiteral("sum"));
    for (const QString &key : std::as_const(keys))
        m_combine->addItem(tr("By %1").arg(key), QStringLiteral("by:") + key);
    m_combine->setCurrentIndex(std::max(0, m_combine->findData(chosen)));
    m_isFilling = wasFilling;
}

void SeriesView::applySelection()
{
    m_hasChosen = true;
    fillCombine();
    const QString how = m_combine->currentData().toString();
    QVector<LaneSpec> lanes;
    for (const LaneSpec &lane : m_model->laneSpecs()) {
        if (lane.isPinned)
            lanes << lane;
    }
    QModelIndexList rows = m_list->selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end());
    for (const QModelIndex &row : std::as_const(rows)) {
        const QVector<qint64> ids = m_model->list()->ids(row);
        LaneSpec lane{ids, m_model->list()->title(row), SeriesCombine::Each, {}, false};
        if (ids.size() > 1 && how == QLatin1String("each")) {
            for (const qint64 id : ids) {
                if (lanes.size() >= kMostLanes)
                    break;
                lanes << LaneSpec{{id}, m_model->list()->title(m_model->list()->indexOf(id)),
                    SeriesCombine::Each, {}, false};
            }
            continue;
        }
        if (ids.size() > 1) {
            lane.combine = how == QLatin1String("sum") ? SeriesCombine::Sum
                : how.startsWith(QLatin1String("by:")) ? SeriesCombine::ByLabel
                                                       : SeriesCombine::TopAndOther;
            lane.label = how == QLatin1String("by:service") ? QString() : how.mid(3);
        }
        const bool isPinned = std::any_of(lanes.begin(), lanes.end(),
            [&](const LaneSpec &other) { return other.isPinned && other.ids == lane.ids; });
        if (!isPinned)
            lanes << lane;
    }
    lanes.resize(std::min<qsizetype>(lanes.size(), kMostLanes));
    m_model->setLanes(lanes);
    for (const LaneSpec &lane : std::as_const(lanes)) {
        if (lane.ids.size() == 1) {
            m_model->askFold(lane.ids.first());
            break;
        }
    }
}

void SeriesView::pickRow(QTableView *table, const QModelIndex &index)
{
    if (!index.isValid())
        return;
    if (table == m_moved) {
        showIds({m_model->movedTable()->idAt(index.row())});
        if (m_model->movedAt())
            m_canvas->setCursorTime(m_model->movedAt());
        return;
    }
    const items::SeriesFound &found = m_model->found()[int(m_model->foundTable()->idAt(index.row()))];
    showIds({found.seriesId});
    m_canvas->setCursorTime(found.startNs);
    context()->setSelection({session::Selection::Kind::Series, found.seriesId, found.subject});
}

void SeriesView::whatMoved(Nanos onset)
{
    m_tabs->setCurrentIndex(1);
    m_movedNote->setText(tr("Looking at all series\u2026"));
    m_model->askMoved(onset);
}

QVector<qint64> SeriesView::currentIds() const
{
    const auto &lanes = m_model->laneSpecs();
    const int lane = m_canvas->currentLane();
    return lane >= 0 && lane < lanes.size() ? lanes[lane].ids : QVector<qint64>();
}

void SeriesView::showMenu(const QPoint &global)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const int lane = m_canvas->currentLane();
    const auto &lanes = m_model->laneSpecs();
    const auto cursor = m_canvas->cursor();
    menu->addAction(tr("What &Moved at This Moment?"), this, [this, cursor] { whatMoved(*cursor); })
        ->setEnabled(cursor.has_value());
    if (lane < lanes.size()) {
        const bool isPinned = lanes[lane].isPinned;
        menu->addAction(isPinned ? tr("Un&pin") : tr("&Pin to Compare"), this,
            [this, lane, isPinned] { m_model->setPinned(lane, !isPinned); });
        menu->addAction(tr("Fold by &Hour and Weekday"), this, [this] {
            m_tabs->setCurrentIndex(2);
            if (const QVector<qint64> ids = currentIds(); !ids.isEmpty())
                m_model->askFold(ids.first());
        });
        menu->addAction(tr("&Select in Details"), this, [this, lane] {
            if (const QVector<qint64> ids = currentIds();
                !ids.isEmpty() && lane < m_model->laneSpecs().size())
                context()->setSelection(
                    {session::Selection::Kind::Series, ids.first(), m_model->laneSpecs()[lane].title});
        });
        menu->addSeparator();
        menu->addAction(themedIcon(QStringLiteral("copy")), tr("&Copy Values as CSV"), this,
            [this] { m_model->copyCsv(currentIds()); });
        menu->addAction(themedIcon(QStringLiteral("copy")), tr("Copy Value at C&ursor"), this,
            [this] { QApplication::clipboard()->setText(m_canvas->readout()); });
    }
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        [this] { Q_EMIT sqlRequested(showSql()); });
    menu->popup(global);
}

void SeriesView::showTableMenu(QTableView *table, const QPoint &position)
{
    auto *model = table == m_found ? m_model->foundTable() : m_model->movedTable();
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(themedIcon(QStringLiteral("copy")), tr("&Copy Rows"), this, [model] {
        QList<int> rows;
        for (int row = 0; row < model->rowCount(); ++row)
            rows << row;
        QApplication::clipboard()->setText(model->toText(rows));
    });
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this, [this, table] {
        Q_EMIT sqlRequested(table == m_found
                ? QStringLiteral("SELECT subject, verdict, value, setting, limit_value, unit, driver\nFROM "
                                 "ceiling ORDER BY confidence DESC;")
                : showSql());
    });
    menu->popup(table->viewport()->mapToGlobal(position));
}

void SeriesView::updateNote()
{
    QStringList parts{tr("%1 of %2 series").arg(count(m_model->list()->shown()), count(m_model->all()))};
    if (!m_model->found().isEmpty())
        parts << tr("%1 things found").arg(count(m_model->found().size()));
    if (m_model->lanes().size() >= kMostLanes)
        parts << tr("the first %1 lanes").arg(kMostLanes);
    if (context()->range())
        parts << tr("in the chosen range");
    m_note->setText(parts.join(QStringLiteral(" \u00B7 ")));
}

QString SeriesView::showSql() const
{
    QVector<qint64> ids;
    for (const LaneSpec &lane : m_model->laneSpecs())
        ids += lane.ids;
    return ids.isEmpty() ? items::seriesListSql() : items::laneSql(ids, m_canvas->window());
}

QJsonObject SeriesView::saveState() const
{
    QJsonArray ids;
    for (const LaneSpec &lane : m_model->laneSpecs()) {
        for (const qint64 id : lane.ids.mid(0, 50))
            ids.append(id);
    }
    return {{QStringLiteral("series"), ids}, {QStringLiteral("measure"), m_measure->currentIndex()},
        {QStringLiteral("search"), m_search->text()}};
}

void SeriesView::restoreState(const QJsonObject &state)
{
    m_measure->setCurrentIndex(
        std::clamp(state.value(QStringLiteral("measure")).toInt(), 0, m_measure->count() - 1));
    m_search->setText(state.value(QStringLiteral("search")).toString());
    for (const QJsonValue &id : state.value(QStringLiteral("series")).toArray())
        m_wanted << id.toInteger();
    if (m_model->isLoaded() && !m_wanted.isEmpty())
        showIds(std::exchange(m_wanted, {}));
}

} // namespace tailscope::widgets
