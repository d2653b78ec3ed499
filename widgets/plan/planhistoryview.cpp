// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/plan/planhistoryview.h"

#include "base/text.h"
#include "items/planhistorymodel.h"
#include "session/savedplancommand.h"
#include "widgets/base/elidedcombobox.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/theme.h"
#include "widgets/charts/plotcanvas.h"
#include "widgets/charts/plotview.h"
#include "widgets/plan/planmarkers.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QMouseEvent>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <cmath>

namespace tailscope::widgets {

using items::PlanCaptureTable;
using items::PlanHistory;
using items::PlanHistoryModel;
using items::PlanShapeTable;

namespace {

constexpr int kMaxSeries = 12, kMaxMarks = 60; ///< more lines than a legend or the eye can tell apart

Qt::PenStyle penOf(int shape)
{
    constexpr std::array<Qt::PenStyle, 4> kPens{Qt::SolidLine, Qt::DashLine, Qt::DotLine, Qt::DashDotLine};
    return kPens[std::size_t(shape) % kPens.size()];
}

/// Places of the captures: since the first one, or their number where times are unknown.
std::vector<double> placesOf(const PlanHistory &history)
{
    std::vector<double> places;
    const qint64 origin
        = history.isTimed && !history.captures.empty() ? *history.captures.front().plan.capturedAtNs : 0;
    for (std::size_t i = 0; i < history.captures.size(); ++i)
        places.push_back(
            history.isTimed ? double(*history.captures[i].plan.capturedAtNs - origin) : double(i + 1));
    return places;
}

} // namespace

PlanHistoryView::PlanHistoryView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new PlanHistoryModel(session, this))
    , m_shapes(new PlanShapeTable(this))
    , m_captures(new PlanCaptureTable(this))
    , m_banner(new Banner(this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_content(new QWidget(this))
    , m_statements(new ElidedComboBox(m_content))
    , m_summary(new QLabel(m_content))
    , m_plot(new PlotView(session->context(), m_content))
    , m_markers(new PlanMarkers(m_plot->canvas()))
{
    setAccessibleName(tr("History of the plans of a statement"));
    createActions();
    buildLayout();
    connectParts();
    showHistory();
}

void PlanHistoryView::createActions()
{
    const auto add = [this](const QString &icon, const QString &text, auto run) {
        auto *action = new QAction(themedIcon(icon), text, this);
        connect(action, &QAction::triggered, this, run);
        m_actions << action;
        return action;
    };
    m_save = add(QStringLiteral("bookmark"), tr("Save as Fast Plan"),
        [this] { session::saveFastPlan(session(), currentPlan(), true); });
    m_save->setToolTip(tr("Later plans of the statement are compared with it, here and by the rules"));
    add(QStringLiteral("cancel"), tr("Forget Saved Plan"), [this] {
        for (const PlanHistory::Capture &capture : m_model->history()->captures) {
            if (capture.plan.savedGood)
                session::saveFastPlan(session(), capture.plan.id, false);
        }
    });
    add(QStringLiteral("compare"), tr("Compare with…"), [this] {
        selectPlan(currentPlan());
        Q_EMIT openViewRequested(QStringLiteral("plancompare"));
    });
    add(QStringLiteral("plan"), tr("Show Plan"), [this] {
        selectPlan(currentPlan());
        Q_EMIT openViewRequested(QStringLiteral("plan"));
    });
    add(QStringLiteral("copy"), tr("Copy History as Text"), [this] {
        QApplication::clipboard()->setText(m_model->summary() + QStringLiteral("\n\n")
            + items::tableText(*m_shapes) + QStringLiteral("\n\n") + items::tableText(*m_captures));
    });
}

QTableView *PlanHistoryView::addTable(QAbstractItemModel *model, const QString &name)
{
    auto *table = new QTableView(m_content);
    table->setModel(model);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
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
    table->horizontalHeader()->setStretchLastSection(true);
    table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    connect(table, &QWidget::customContextMenuRequested, this,
        [this, table](const QPoint &position) { showMenu(table, position); });
    return table;
}

void PlanHistoryView::buildLayout()
{
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->setSpacing(0);
    outer->addWidget(m_banner);
    outer->addWidget(m_stack, 1);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_content);
    auto *layout = new QVBoxLayout(m_content);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto *top = new QVBoxLayout;
    top->setContentsMargins(6, 4, 6, 4);
    auto *line = new QHBoxLayout;
    auto *label = new QLabel(tr("&Statement:"), m_content);
    label->setBuddy(m_statements);
    m_statements->setAccessibleName(tr("Statement"));
    m_statements->setToolTip(tr("Statements with captured plans; those that take most time come first"));
    m_statements->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    m_statements->setMinimumContentsLength(30);
    line->addWidget(label);
    line->addWidget(m_statements, 1);
    top->addLayout(line);
    m_summary->setWordWrap(true);
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse);
    top->addWidget(m_summary);
    layout->addLayout(top);
    m_shapeView = addTable(m_shapes, tr("Shapes of the plan"));
    m_captureView = addTable(m_captures, tr("Captured plans, newest first"));
    auto *tables = new QSplitter(Qt::Horizontal, m_content);
    tables->addWidget(m_shapeView);
    tables->addWidget(m_captureView);
    tables->setChildrenCollapsible(false);
    tables->setSizes({500, 500});
    auto *splitter = new QSplitter(Qt::Vertical, m_content);
    splitter->addWidget(m_plot);
    splitter->addWidget(tables);
    splitter->setChildrenCollapsible(false);
    splitter->setSizes({500, 400});
    layout->addWidget(splitter, 1);
    setFocusProxy(m_captureView);
    setTabOrder(m_statements, m_plot);
    setTabOrder(m_plot, m_shapeView);
    setTabOrder(m_shapeView, m_captureView);
}

void PlanHistoryView::connectParts()
{
    connect(m_model, &PlanHistoryModel::changed, this, &PlanHistoryView::showHistory);
    connect(m_model, &PlanHistoryModel::selectedPlanChanged, this, &PlanHistoryView::showSelected);
    connect(m_statements, &QComboBox::activated, this,
        [this](int row) { m_model->setStatement(m_statements->itemData(row).toLongLong()); });
    connect(m_captureView->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        [this](const QModelIndex &index) {
            if (index.isValid() && !m_following)
                selectPlan(index.data(PlanCaptureTable::PlanIdRole).toLongLong());
        });
    connect(m_captureView, &QTableView::activated, this, [this](const QModelIndex &index) {
        selectPlan(index.data(PlanCaptureTable::PlanIdRole).toLongLong());
        Q_EMIT openViewRequested(QStringLiteral("plan"));
    });
    connect(m_shapeView, &QTableView::activated, this, [this](const QModelIndex &index) {
        const auto history = m_model->history();
        if (index.isValid() && std::size_t(index.row()) < history->shapes.size())
            selectPlan(history->shapes[std::size_t(index.row())].lastPlan);
    });
    connect(m_plot, &PlotView::readoutChanged, this, &View::statusText);
    connect(m_plot, &PlotView::failed, this,
        [this](const QString &text) { m_banner->show(Banner::Level::Warning, text); });
    connect(m_empty, &EmptyState::buttonClicked, this,
        [this] { Q_EMIT commandRequested(QStringLiteral("open"), {}); });
    m_plot->canvas()->installEventFilter(this);
    m_plot->canvas()->viewport()->installEventFilter(this);
}

bool PlanHistoryView::eventFilter(QObject *watched, QEvent *event)
{
    PlotCanvas *canvas = m_plot->canvas();
    if (watched == canvas->viewport() && event->type() == QEvent::MouseButtonRelease) {
        const auto *mouse = static_cast<QMouseEvent *>(event);
        if (mouse->button() == Qt::LeftButton)
            selectPlan(m_markers->planAt(mouse->position()));
    } else if (watched == canvas && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent *>(event)->key();
        if ((key == Qt::Key_Return || key == Qt::Key_Enter || key == Qt::Key_Space) && canvas->cursorX())
            selectPlan(m_markers->planNear(*canvas->cursorX()));
    }
    return View::eventFilter(watched, event);
}

void PlanHistoryView::showHistory()
{
    m_statements->clear();
    for (const items::PlanStatement &statement : m_model->statements()) {
        const QString plans = statement.plans == 1 ? tr("1 plan") : tr("%1 plans").arg(statement.plans);
        m_statements->addItem(QStringLiteral("%1 · %2 · %3")
                                  .arg(plans, QString::fromStdString(humanMillis(statement.totalMs)),
                                      statement.text),
            statement.id);
        m_statements->setItemData(m_statements->count() - 1, statement.text, Qt::ToolTipRole);
    }
    m_statements->setCurrentIndex(m_statements->findData(m_model->statement()));
    m_summary->setText(m_model->summary());
    m_following = true;
    m_shapes->setHistory(m_model->history());
    m_captures->setHistory(m_model->history());
    m_following = false;
    for (QTableView *table : {m_shapeView, m_captureView}) {
        table->resizeColumnsToContents();
        for (int c = 0; c + 1 < table->model()->columnCount(); ++c)
            table->setColumnWidth(c, std::min(table->columnWidth(c), 280));
    }
    showChart();
    showState();
    showSelected();
    Q_EMIT readyChanged();
}

void PlanHistoryView::showChart()
{
    const auto history = m_model->history();
    // Nothing is drawn until it is there: axes of nothing would stand until the next paint.
    if (history->captures.empty())
        return;
    const std::vector<double> places = placesOf(*history);
    PlotContent plot;
    plot.title = tr("Execution time by shape of the plan");
    plot.x.unit = history->isTimed ? PlotUnit::Time : PlotUnit::Count;
    plot.x.title = history->isTimed ? tr("Captured") : tr("Number of the capture");
    plot.x.origin = history->isTimed ? *history->captures.front().plan.capturedAtNs : 0;
    plot.y.unit = PlotUnit::Duration;
    plot.y.logarithmic = true;
    plot.y.title = tr("Execution time");
    // Shapes beyond the legend share the last line's place: their markers keep colour and form.
    const int shown = std::min(int(history->shapes.size()), kMaxSeries);
    for (int shape = 0; shape < shown; ++shape) {
        PlotSeries series;
        series.name = tr("Shape %1").arg(history->shapes[std::size_t(shape)].letter);
        series.colorIndex = shape;
        series.pen = penOf(shape);
        for (std::size_t i = 0; i < places.size(); ++i) {
            series.x.push_back(places[i]);
            const PlanHistory::Capture &capture = history->captures[i];
            series.y.push_back(capture.shape == shape ? capture.plan.timeMs * 1e6 : std::nan(""));
        }
        plot.series.push_back(std::move(series));
    }
    // What has no line of its own has markers too: the axes must reach them.
    PlotSeries others;
    others.name = tr("Other shapes");
    others.colorIndex = shown;
    others.pen = Qt::NoPen;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const items::PlanHistory::Capture &capture = history->captures[i];
        if (capture.shape >= 0 && capture.shape < shown)
            continue;
        others.x.push_back(places[i]);
        others.y.push_back(capture.plan.timeMs * 1e6);
    }
    if (!others.x.empty())
        plot.series.push_back(std::move(others));
    for (std::size_t i = 0; i < history->changes.size() && i < std::size_t(kMaxMarks); ++i) {
        const PlanHistory::Change &change = history->changes[history->changes.size() - 1 - i];
        const int shape = history->captures[std::size_t(change.capture)].shape;
        const QString letter = shape < 0 ? QString() : history->shapes[std::size_t(shape)].letter;
        plot.marks.append({places[std::size_t(change.capture)], tr("now %1").arg(letter), change.summary,
            false, std::nullopt});
    }
    std::sort(plot.marks.begin(), plot.marks.end(),
        [](const PlotMark &a, const PlotMark &b) { return a.x < b.x; });
    std::vector<PlanMarkers::Marker> markers;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const PlanHistory::Capture &capture = history->captures[i];
        if (!std::isnan(capture.plan.timeMs))
            markers.push_back({places[i], capture.plan.timeMs * 1e6, capture.shape, capture.plan.id,
                capture.plan.savedGood});
    }
    m_plot->setContent(std::move(plot));
    m_markers->setMarkers(std::move(markers));
}

void PlanHistoryView::showState()
{
    const bool isReading = m_model->isRunning() && m_model->history()->captures.empty();
    if (isReading)
        m_empty->setContent(QStringLiteral("plan"), tr("Reading Plans"), tr("Their history follows."));
    else
        m_empty->setContent(QStringLiteral("plan"), tr("No Plans of Known Statements"),
            tr("Plans that say their statement are kept over time: open server logs with auto_explain, or "
               "EXPLAIN "
               "output with its query text, from several days."),
            tr("Open File…"));
    const bool isEmpty = isReading || m_model->statements().isEmpty();
    m_stack->setCurrentWidget(isEmpty ? static_cast<QWidget *>(m_empty) : m_content);
    if (m_model->error().isEmpty())
        m_banner->clear();
    else
        m_banner->show(Banner::Level::Warning, m_model->error());
}

void PlanHistoryView::showSelected()
{
    m_markers->setSelected(m_model->selectedPlan());
    const int row = m_captures->rowOfPlan(m_model->selectedPlan());
    m_following = true;
    if (row >= 0) {
        m_captureView->selectRow(row);
        m_captureView->scrollTo(m_captures->index(row, 0));
    } else if (m_captures->rowCount() > 0 && !m_captureView->currentIndex().isValid()) {
        m_captureView->selectRow(0);
    }
    m_following = false;
    m_save->setEnabled(currentPlan() > 0);
    Q_EMIT readyChanged();
}

void PlanHistoryView::selectPlan(qint64 planId)
{
    if (planId > 0)
        context()->setSelection({session::Selection::Kind::Plan, planId, {}});
}

qint64 PlanHistoryView::currentPlan() const
{
    return m_captureView->currentIndex().data(PlanCaptureTable::PlanIdRole).toLongLong();
}

void PlanHistoryView::showMenu(QTableView *table, const QPoint &position)
{
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addActions(m_actions);
    menu->addActions(m_plot->plotActions());
    menu->addSeparator();
    menu->addAction(themedIcon(QStringLiteral("console")), tr("Show S&QL"), this,
        [this] { Q_EMIT sqlRequested(showSql()); });
    menu->popup(table->viewport()->mapToGlobal(position));
}

QString PlanHistoryView::showSql() const { return m_model->sql(); }

bool PlanHistoryView::isReady() const { return !m_model->isRunning(); }

QList<QAction *> PlanHistoryView::viewActions() const { return m_actions; }

QJsonObject PlanHistoryView::saveState() const
{
    return m_model->statement() > 0 ? QJsonObject{{QStringLiteral("statement"), m_model->statement()}}
                                    : QJsonObject();
}

void PlanHistoryView::restoreState(const QJsonObject &state)
{
    const qint64 statement = state.value(QStringLiteral("statement")).toInteger();
    if (statement > 0)
        m_model->setStatement(statement);
}

} // namespace tailscope::widgets
