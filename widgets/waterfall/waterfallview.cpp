// SPDX-FileCopyrightText: 2026 The Tailscope authors
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/waterfall/waterfallview.h"

#include "widgets/base/bardelegate.h"
#include "widgets/base/elidedlabel.h"
#include "widgets/base/emptystate.h"
#include "widgets/base/searchbar.h"
#include "widgets/base/theme.h"
#include "widgets/waterfall/waterfallcanvas.h"
#include "widgets/waterfall/waterfallsummary.h"

#include <QAction>
#include <QApplication>
#include <QBoxLayout>
#include <QClipboard>
#include <QEvent>
#include <QHeaderView>
#include <QJsonObject>
#include <QLabel>
#include <QMenu>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>

#include <algorithm>

namespace tailscope::widgets {

using items::WaterfallModel;

WaterfallView::WaterfallView(session::Session *session, QWidget *parent)
    : View(session, parent)
    , m_model(new WaterfallModel(session, this))
    , m_gaps(new items::TraceGapModel(this))
    , m_banner(new Banner(this))
    , m_search(new SearchBar(this))
    , m_summary(new WaterfallSummary(context(), this))
    , m_stack(new QStackedWidget(this))
    , m_empty(new EmptyState(this))
    , m_splitter(new QSplitter(Qt::Vertical, this))
    , m_canvas(new WaterfallCanvas(m_model, context(), this))
    , m_gapTable(new QTableView(this))
    , m_details(new ElidedLabel(this))
    , m_place(new QLabel(this))
{
    setAccessibleName(tr("Waterfall"));
    buildActions();
    buildLayout();
    connectParts();
    takeTrace();
}

void WaterfallView::buildActions()
{
    const auto add = [this](const QString &text, const QString &tip, const QKeySequence &key) {
        auto *action = new QAction(text, this);
        action->setShortcut(key);
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        action->setToolTip(
            key.isEmpty() ? tip : tr("%1 (%2)").arg(tip, key.toString(QKeySequence::NativeText)));
        addAction(action);
        m_actions << action;
        return action;
    };
    const auto toggle
        = [&](const QString &text, const QString &tip, const QKeySequence &key, bool on, auto run) {
              QAction *action = add(text, tip, key);
              action->setCheckable(true);
              action->setChecked(on);
              connect(action, &QAction::toggled, this, run);
              return action;
          };
    m_previous
        = add(tr("Pre&vious Trace"), tr("The trace above in the list of traces"), Qt::CTRL | Qt::Key_PageUp);
    connect(m_previous, &QAction::triggered, this, [this] { m_model->step(-1); });
    m_next = add(tr("&Next Trace"), tr("The trace below in the list of traces"), Qt::CTRL | Qt::Key_PageDown);
    connect(m_next, &QAction::triggered, this, [this] { m_model->step(1); });
    m_path = toggle(tr("&Critical Path"), tr("What the request waited for, as a line under the bars"),
        Qt::Key_C, true, [this](bool on) { m_canvas->setShowingPath(on); });
    m_showGaps = toggle(tr("&Gaps"),
        tr("Rows for time in which no child of a span runs, of at least 0.5 % of the request"), Qt::Key_G,
        true, [this](bool on) { m_model->setShowingGaps(on); });
    m_correct = toggle(tr("Correct Cloc&ks"),
        tr("Moves spans of other hosts that cannot lie where they are recorded; off: as recorded"), Qt::Key_K,
        true, [this](bool on) { m_model->setCorrecting(on); });
    m_groups
        = toggle(tr("Fold &Repeats"), tr("Like calls below one parent, and calls side by side, are one row"),
            {}, true, [this](bool on) { m_model->setFoldingGroups(on); });
    m_services
        = toggle(tr("By &Service"), tr("One row for each visit of a service; spans inside it are hidden"), {},
            false, [this](bool on) { m_model->setFoldingServices(on); });
    m_list = toggle(tr("Gap &List"), tr("Shows the longest gaps below the waterfall"), {}, true,
        [this](bool on) { m_gapTable->setVisible(on); });
    const auto command = [&](const QString &text, const QString &tip, auto run) {
        connect(add(text, tip, {}), &QAction::triggered, this, run);
    };
    command(tr("E&xpand All"), tr("Opens every span and every group"), [this] { m_model->setAllOpen(true); });
    command(tr("C&ollapse All"), tr("Closes all but the request"), [this] { m_model->setAllOpen(false); });
    command(tr("&Zoom to Row"), tr("The window shows the current row; again: everything (F)"),
        [this] { m_canvas->fitRow(m_canvas->currentRow()); });
    command(tr("Show &Everything"), tr("The window shows the whole trace (0)"),
        [this] { m_canvas->fitAll(); });
}

void WaterfallView::addToolBar(QBoxLayout *layout)
{
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(4, 3, 4, 3);
    bar->setSpacing(2);
    const auto button = [this, bar](QAction *action, const char *icon) {
        auto *tool = new QToolButton(this);
        tool->setDefaultAction(action);
        tool->setAutoRaise(true);
        tool->setFocusPolicy(Qt::TabFocus);
        tool->setAccessibleName(action->text().remove(QLatin1Char('&')));
        if (icon)
            action->setIcon(themedIcon(QString::fromLatin1(icon)));
        bar->addWidget(tool);
    };
    button(m_previous, "back");
    m_place->setAccessibleDescription(tr("Place of the trace in the list of traces"));
    bar->addWidget(m_place);
    button(m_next, "forward");
    bar->addSpacing(6);
    for (QAction *action : {m_path, m_showGaps, m_correct, m_groups, m_services, m_list})
        button(action, nullptr);
    auto *find = new QToolButton(this);
    find->setIcon(themedIcon(QStringLiteral("search")));
    find->setToolTip(tr("Search spans (Ctrl+F)"));
    find->setAccessibleName(tr("Search spans"));
    find->setAutoRaise(true);
    connect(find, &QToolButton::clicked, this, &WaterfallView::startSearch);
    bar->addWidget(find);
    bar->addStretch(1);
    layout->addLayout(bar);
}

void WaterfallView::buildLayout()
{
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    addToolBar(layout);
    layout->addWidget(m_search);
    m_search->hide();
    layout->addWidget(m_banner);
    layout->addWidget(m_summary);
    layout->addWidget(m_stack, 1);
    layout->addWidget(m_details);
    m_details->setAccessibleDescription(tr("Exact values of the row under the pointer or in focus"));
    m_splitter->addWidget(m_canvas);
    m_splitter->addWidget(m_gapTable);
    m_splitter->setStretchFactor(0, 5);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setSizes({800, 170});
    m_splitter->setChildrenCollapsible(false);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_splitter);
    m_gapTable->setModel(m_gaps);
    m_gapTable->setItemDelegate(
        new BarDelegate(items::TraceGapModel::BarRole, items::TraceGapModel::LevelRole, m_gapTable));
    m_gapTable->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_gapTable->setAlternatingRowColors(true);
    m_gapTable->setFrameShape(QFrame::NoFrame);
    m_gapTable->setShowGrid(false);
    m_gapTable->setWordWrap(false);
    m_gapTable->setTabKeyNavigation(false);
    m_gapTable->setAccessibleName(tr("Longest gaps"));
    m_gapTable->verticalHeader()->hide();
    m_gapTable->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 8);
    m_gapTable->horizontalHeader()->setHighlightSections(false);
    m_gapTable->horizontalHeader()->setStretchLastSection(true);
    const int letter = fontMetrics().averageCharWidth();
    const int widths[] = {11, 10, 46, 40, 14, 18};
    for (int column = 0; column < items::TraceGapModel::ColumnCount; ++column)
        m_gapTable->setColumnWidth(column, letter * widths[column]);
    auto *copy = new QAction(tr("Copy Rows"), m_gapTable);
    copy->setShortcut(QKeySequence::Copy);
    copy->setShortcutContext(Qt::WidgetShortcut);
    connect(copy, &QAction::triggered, this, [this] {
        QList<int> rows;
        for (const QModelIndex &index : m_gapTable->selectionModel()->selectedRows())
            rows << index.row();
        std::sort(rows.begin(), rows.end());
        if (!rows.isEmpty())
            QApplication::clipboard()->setText(m_gaps->toText(rows));
    });
    m_gapTable->addAction(copy);
    m_gapTable->setContextMenuPolicy(Qt::ActionsContextMenu);
    setFocusProxy(m_canvas);
}

void WaterfallView::connectParts()
{
    connect(m_model, &WaterfallModel::traceChanged, this, &WaterfallView::takeTrace);
    connect(m_model, &WaterfallModel::busyChanged, this, &WaterfallView::updateState);
    connect(m_model, &WaterfallModel::matchesChanged, this, &WaterfallView::updateSearch);
    connect(m_model->list(), &items::TraceListModel::listChanged, this, &WaterfallView::updateState);
    connect(context(), &session::SessionContext::selectionChanged, this, &WaterfallView::followSelection);
    connect(session(), &session::Session::loaded, this, &WaterfallView::updateState);
    connect(m_canvas, &WaterfallCanvas::rowChosen, this, &WaterfallView::selectRow);
    connect(m_canvas, &WaterfallCanvas::hovered, this, [this](const QString &line) {
        m_details->setText(line.isEmpty() ? m_canvas->accessibleValue() : line);
        Q_EMIT statusText(line);
    });
    connect(m_canvas, &WaterfallCanvas::menuRequested, this,
        [this](const QPoint &position) { makeMenu()->popup(position); });
    connect(m_gapTable, &QTableView::clicked, this,
        [this](const QModelIndex &index) { selectGap(index.row()); });
    connect(m_gapTable, &QTableView::activated, this,
        [this](const QModelIndex &index) { selectGap(index.row()); });
    connect(m_search, &SearchBar::changed, this, [this] {
        m_model->setSearch(m_search->text().isEmpty() ? QRegularExpression() : m_search->expression());
    });
    connect(m_search, &SearchBar::nextRequested, this, [this] { walkMatches(true); });
    connect(m_search, &SearchBar::previousRequested, this, [this] { walkMatches(false); });
    connect(m_search, &SearchBar::closed, this, [this] { m_canvas->setFocus(); });
    connect(m_empty, &EmptyState::buttonClicked, this, [this] {
        if (m_emptyAction == EmptyAction::Open)
            Q_EMIT commandRequested(QStringLiteral("open"), {});
        else
            context()->resetNavigation();
    });
}

bool WaterfallView::event(QEvent *event)
{
    // Polish also comes when the view is rendered into a picture without ever being shown.
    if (event->type() == QEvent::Show || event->type() == QEvent::Polish) {
        m_model->setActive(true);
        updateState();
    }
    return View::event(event);
}

void WaterfallView::hideEvent(QHideEvent *event)
{
    m_model->setActive(false);
    View::hideEvent(event);
}

void WaterfallView::takeTrace()
{
    m_summary->setTrace(m_model->trace());
    m_gaps->setTrace(m_model->trace());
    followSelection();
    updateState();
}

void WaterfallView::updateState()
{
    m_model->errorText().isEmpty() ? m_banner->clear()
                                   : m_banner->show(Banner::Level::Warning, m_model->errorText());
    const bool hasTrace = m_model->trace() != nullptr;
    m_stack->setCurrentWidget(hasTrace ? static_cast<QWidget *>(m_splitter) : m_empty);
    m_summary->setVisible(hasTrace);
    m_place->setText(m_model->placeText());
    const auto table = m_model->list()->table();
    const bool isListed = m_model->list()->rowCount() > 0;
    m_previous->setEnabled(isListed);
    m_next->setEnabled(isListed);
    if (!hasTrace) {
        const QString icon = QStringLiteral("waterfall");
        m_emptyAction = EmptyAction::None;
        if (session()->isLoading() || m_model->isBusy()) {
            m_empty->setContent(icon, tr("Reading the trace…"), tr("It appears when the spans are loaded."));
        } else if (table && table->all > 0) {
            m_emptyAction = EmptyAction::Reset;
            m_empty->setContent(icon, tr("No trace passes the filter in this range"),
                tr("Choose one in Traces (Ctrl+7), or show everything."), tr("Show Everything"));
        } else if (table && table->loose > 0) {
            m_empty->setContent(icon, tr("These spans are in no trace"),
                tr("Their files name no trace IDs, so that requests cannot be told apart. The timeline shows "
                   "them "
                   "by track; exports of OpenTelemetry, Jaeger and Zipkin bring traces."));
        } else {
            m_emptyAction = EmptyAction::Open;
            m_empty->setContent(icon, tr("No traces yet"),
                tr("Open an export of OpenTelemetry (OTLP JSON), Jaeger or Zipkin with Ctrl+O, or drop it on "
                   "the "
                   "window."),
                tr("Open Files…"));
        }
    }
    m_details->setText(m_canvas->accessibleValue());
    updateReady();
}

bool WaterfallView::isReady() const
{
    return !m_model->isBusy() && !context()->isFilterPending() && !session()->isLoading();
}

void WaterfallView::updateReady()
{
    if (isReady() == m_wasReady)
        return;
    m_wasReady = !m_wasReady;
    Q_EMIT readyChanged();
}

// Another view, or the list, chose a span.
void WaterfallView::followSelection()
{
    const std::uint32_t span = m_model->selectedSpan();
    if (span != analysis::kNoRow && !m_selecting)
        m_canvas->setCurrentRow(m_model->reveal(span));
    m_details->setText(m_canvas->accessibleValue());
}

void WaterfallView::selectRow(int row)
{
    const auto trace = m_model->trace();
    const auto &rows = m_model->rows();
    if (!trace || row < 0 || row >= int(rows.size()))
        return;
    m_details->setText(m_canvas->accessibleValue());
    const std::uint32_t span = items::spanOfRow(*trace, rows[std::size_t(row)]);
    if (span == analysis::kNoRow)
        return;
    m_selecting = true;
    context()->setSelection({session::Selection::Kind::Span, trace->spanId(span),
        QString::fromStdString(trace->operation(span))});
    m_selecting = false;
}

void WaterfallView::selectGap(int row)
{
    const auto trace = m_model->trace();
    if (!trace || row < 0 || row >= m_gaps->rowCount())
        return;
    const std::uint32_t gap = m_gaps->gapAt(row);
    m_showGaps->setChecked(true);
    m_model->reveal(trace->gaps[gap].span);
    for (std::size_t i = 0; i < m_model->rows().size(); ++i) {
        const items::WaterfallRow &line = m_model->rows()[i];
        if (line.kind == items::WaterfallRow::Kind::Gap && line.index == gap) {
            m_canvas->setCurrentRow(int(i));
            selectRow(int(i));
            return;
        }
    }
    // Its span is closed: opened, then the gap is among its children.
    const int above = m_model->reveal(trace->gaps[gap].span);
    if (above >= 0 && !m_model->rows()[std::size_t(above)].isOpen) {
        m_model->setOpen(above, true);
        selectGap(row);
    }
}

void WaterfallView::startSearch() { m_search->activate(); }

void WaterfallView::zoomBy(double factor) { m_canvas->zoomBy(factor); }

QJsonObject WaterfallView::saveState() const
{
    QJsonObject state{{QStringLiteral("path"), m_path->isChecked()},
        {QStringLiteral("gaps"), m_showGaps->isChecked()},
        {QStringLiteral("correct"), m_correct->isChecked()},
        {QStringLiteral("groups"), m_groups->isChecked()},
        {QStringLiteral("services"), m_services->isChecked()}, {QStringLiteral("list"), m_list->isChecked()}};
    if (const auto trace = m_model->trace())
        state.insert(QStringLiteral("trace"), trace->key);
    return state;
}

void WaterfallView::restoreState(const QJsonObject &state)
{
    const auto restore = [&state](QAction *action, const char *key) {
        if (const QJsonValue value = state.value(QLatin1String(key)); value.isBool())
            action->setChecked(value.toBool());
    };
    restore(m_path, "path");
    restore(m_showGaps, "gaps");
    restore(m_correct, "correct");
    restore(m_groups, "groups");
    restore(m_services, "services");
    restore(m_list, "list");
    if (const QString key = state.value(QStringLiteral("trace")).toString(); !key.isEmpty())
        m_model->showKey(key);
}

} // namespace tailscope::widgets
